"""What a start decides to do, as a table of cases without a database."""

from __future__ import annotations

import pytest

from entrypoint.catalog.compare import compare
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy.plan import Plan, decide
from entrypoint.postgres.table_locks import LockMode
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import Script, Source
from tests.support.files import load
from tests.support.unit.catalogs import catalog_of, column, function, part, table

USERS = (table("users"), column("users", "id"))
SOURCE: Source = load()


def migration(number: int, *, builds: tuple[str, ...] = ()) -> Script:
    """Return a migration without statements; one that builds runs outside a transaction."""
    return Script(
        name=f"migrations/{number:04}_add_x.sql",
        role=Role.VERSIONED,
        checksum="",
        text="",
        number=number,
        transactional=not builds,
        builds=builds,
    )


def planned(expected: Catalog, actual: Catalog, *pending: Script, with_test_data: bool = False) -> Plan:
    """Return the plan for what these catalogs differ in."""
    return decide(
        expected, actual, compare(expected, actual, {}), SOURCE, pending, with_test_data=with_test_data
    )


def statements(plan: Plan) -> list[str]:
    """Return the statements of the repairs, in their order."""
    return [repair.statement for repair in plan.repairs]


def test_nothing_differs_nothing_runs() -> None:
    """Equal catalogs and no pending migration make an empty plan."""
    assert planned(catalog_of(*USERS), catalog_of(*USERS)).empty


def test_a_fresh_database_gets_the_files_and_contains_every_migration() -> None:
    """Without any object of ours the files run whole, and pending migrations count as contained."""
    plan = planned(catalog_of(*USERS), catalog_of(table("others")), migration(1))
    assert (SOURCE.baseline, SOURCE.functions, SOURCE.triggers, SOURCE.views) == plan.files
    assert ((migration(1),), ()) == (plan.contained, plan.migrations)


def test_pending_migrations_come_before_repairs_are_planned() -> None:
    """With a migration pending the plan holds it alone: it changes what differs."""
    plan = planned(catalog_of(*USERS, column("users", "x")), catalog_of(*USERS), migration(1))
    assert ((migration(1),), ()) == (plan.migrations, plan.repairs)


def test_an_index_that_is_built_after_commit_is_not_repaired() -> None:
    """A deferred migration's indexes are left to it."""
    expected = catalog_of(*USERS, part("index", "users", "idx_later"), part("index", "users", "idx_now"))
    plan = planned(expected, catalog_of(*USERS), migration(2, builds=("idx_later",)))
    assert (["create index idx_now"], (migration(2, builds=("idx_later",)),)) == (
        statements(plan),
        plan.deferred,
    )


def test_test_data_alone_leave_the_plan_for_the_schema_empty() -> None:
    """Asking for test data adds the seed and changes nothing else."""
    plan = planned(catalog_of(*USERS), catalog_of(*USERS), with_test_data=True)
    assert (SOURCE.seed, True) == (plan.seed, plan.empty)


def test_a_missing_table_is_created_with_its_columns() -> None:
    """CREATE TABLE brings the columns along; indexes and constraints follow with their own statements."""
    expected = catalog_of(
        *USERS,
        table("teams"),
        column("teams", "id"),
        part("index", "teams", "idx_teams"),
        part("constraint", "teams", "fk", "FOREIGN KEY", references="users"),
    )
    plan = planned(expected, catalog_of(*USERS))
    assert ["CREATE TABLE teams ()", "create index idx_teams", "create constraint fk"] == statements(plan)
    assert (("users", LockMode.SHARE_ROW_EXCLUSIVE),) == plan.locks


def test_what_stands_in_the_way_is_dropped_first() -> None:
    """A function of another result type is dropped before anything is created, and its comment follows."""
    comment = part("comment", "x", "function claim()")._replace(relation=None)
    expected = catalog_of(*USERS, column("users", "x"), function("claim()"), comment)
    actual = catalog_of(*USERS, function("claim()", result="text"), comment)
    assert [
        "drop claim()",
        "ALTER TABLE users ADD COLUMN x text",
        "create claim() body",
        "create comment function claim()",
    ] == statements(planned(expected, actual))


@pytest.mark.parametrize(
    ("actual", "locks"),
    [
        (part("trigger", "users", "t", enabled="disabled"), LockMode.SHARE_ROW_EXCLUSIVE),
        (part("trigger", "users", "t", "another", enabled="enabled"), LockMode.SHARE_ROW_EXCLUSIVE),
    ],
)
def test_a_changed_trigger_locks_its_table_against_writers_only(actual: object, locks: LockMode) -> None:
    """Repairing a trigger takes SHARE ROW EXCLUSIVE on its table and no other lock."""
    expected = part("trigger", "users", "t", enabled="enabled")
    assert actual != expected
    plan = planned(catalog_of(*USERS, expected), catalog_of(*USERS, actual))  # type: ignore[arg-type]  # table of cases
    assert (("users", locks),) == plan.locks


def test_locks_are_the_strongest_for_each_table_in_name_order() -> None:
    """Two repairs of one table need its lock once, in the stronger mode; tables come in name order."""
    base = (table("users"), column("users", "id"), table("a"), column("a", "id"))
    expected = catalog_of(
        *base, part("index", "users", "i"), column("users", "x"), part("index", "a", "idx_a")
    )
    plan = planned(expected, catalog_of(*base))
    assert (("a", LockMode.SHARE), ("users", LockMode.ACCESS_EXCLUSIVE)) == plan.locks


def test_another_type_is_left_to_a_person() -> None:
    """A changed column type cannot be repaired and is named as undecided."""
    plan = planned(catalog_of(*USERS), catalog_of(table("users"), column("users", "id", "integer")))
    assert (["users.id"], ()) == ([item.name for item in plan.undecided], plan.repairs)


def test_a_constraint_that_is_only_not_validated_is_validated() -> None:
    """VALIDATE takes a weaker lock than making the constraint anew, so it is preferred."""
    expected = part("constraint", "users", "fk", validated="VALIDATED")
    actual = part("constraint", "users", "fk", validated=None)
    plan = planned(catalog_of(*USERS, expected), catalog_of(*USERS, actual))
    assert (["validated constraint fk"], (("users", LockMode.SHARE_UPDATE_EXCLUSIVE),)) == (
        statements(plan),
        plan.locks,
    )
