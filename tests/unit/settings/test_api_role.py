"""The API's role: its name in the environment, and how what it holds is compared with what it needs."""

from __future__ import annotations

import pytest

from entrypoint.catalog.compare import compare
from entrypoint.catalog.objects import CatalogObject
from entrypoint.catalog.privileges import Held, compared
from entrypoint.settings.variables import API_ROLE
from tests.support.cluster import CANARY_MARK
from tests.support.unit.catalogs import catalog_of, table
from tests.support.unit.environments import problems, settings

_NEEDED = CatalogObject(
    kind="grant",
    name="table users",
    relation="users",
    facets={"privileges": "SELECT, INSERT"},
    statements={"create": "GRANT SELECT, INSERT ON TABLE users TO api"},
)
_EXPECTED = catalog_of(table("users"), _NEEDED)


def held(privilege: str, target: str | None = "table users", *, needless: bool = False) -> Held:
    """Return a privilege that the role has itself."""
    return Held(target=target, relation="users", privilege=privilege, grantee="api", needless=needless)


def found(*items: Held) -> list[tuple[str, str, str]]:
    """Return what a comparison says of a database in which the role holds `items`."""
    actual = {**catalog_of(table("users")), **compared(_EXPECTED, items)}
    return [(item.status, item.severity, item.name) for item in compare(_EXPECTED, actual, {})]


@pytest.mark.parametrize("name", ["morse_api", "Morse API", 'a"b', "ä" * 31])
def test_a_role_is_named_as_the_server_knows_it(name: str) -> None:
    """The name is taken as it is, without quotes."""
    assert name == settings(MORSE_API_ROLE=name).api_role


@pytest.mark.parametrize("environ", [{}, {API_ROLE: ""}])
def test_no_role(environ: dict[str, str]) -> None:
    """Not set and empty both mean that grants are left alone."""
    assert settings(**environ).api_role is None


@pytest.mark.parametrize("name", ["public", "none", "pg_read_all_data", " a", "a\n", "a" * 64, "ä" * 32])
def test_what_can_be_no_role(name: str) -> None:
    """Names that no role of ours can have are refused before anything connects."""
    [problem] = problems(MORSE_API_ROLE=name)
    assert problem.startswith("MORSE_API_ROLE is ")


@pytest.mark.parametrize(
    ("user", "warned"), [("morse_api:x@", False), ("morse:x@", True), ("", False), ("morse%5Fapi@", False)]
)
def test_the_api_connects_as_somebody_else(user: str, warned: bool) -> None:
    """A DATABASE_URL of another role than the one that is granted is worth a warning, without its secrets."""
    url = f"postgresql://{user.replace('x', CANARY_MARK)}db/morse"
    warnings = settings(DATABASE_URL=url, MORSE_API_ROLE="morse_api").warnings
    assert warned == bool(warnings)
    assert CANARY_MARK not in " ".join(warnings)


def test_what_is_needed_and_held_is_no_difference() -> None:
    """The order in which privileges are held, and who else gave them, does not matter."""
    assert [] == found(held("INSERT"), held("SELECT"))


def test_nothing_held_is_missing_and_a_part_is_changed() -> None:
    """Both fail, since the API would."""
    assert [("missing", "failure", "table users")] == found()
    assert [("changed", "failure", "table users")] == found(held("SELECT"))


def test_a_privilege_on_a_column_does_not_stand_for_the_table() -> None:
    """It is less than what is needed, and no more either."""
    columns = held("SELECT (id)"), held("INSERT (id)")
    assert [("missing", "failure", "table users")] == found(*columns)
    assert [] == found(held("INSERT"), held("SELECT"), *columns)


@pytest.mark.parametrize(
    "privilege",
    ["TRUNCATE", "MAINTAIN", "SELECT WITH GRANT OPTION", "UPDATE (id)", "INSERT WITH GRANT OPTION (id)"],
)
def test_more_than_needed_is_extra(privilege: str) -> None:
    """Each further privilege is a warning of its own, whatever newer servers call it."""
    more = found(held("INSERT"), held("SELECT"), held(privilege))
    assert [("extra", "warning", f"{privilege} on table users")] == more


def test_objects_of_others_do_not_count() -> None:
    """What somebody granted on a table that the files do not know is left out."""
    assert [] == found(held("INSERT"), held("SELECT"), held("TRUNCATE", "table others"))


@pytest.mark.parametrize(
    ("target", "name"), [("schema entrypoint", "CREATE on schema entrypoint"), (None, "CREATE")]
)
def test_what_nobody_needs_is_always_extra(target: str | None, name: str) -> None:
    """A power over the ledger, or one that no object gives, is told although no file knows its object."""
    more = found(held("INSERT"), held("SELECT"), held("CREATE", target, needless=True))
    assert [("extra", "warning", name)] == more
