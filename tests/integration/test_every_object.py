"""Every single object of the schema: its loss or change is named first, and one plan restores it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from entrypoint import catalog
from entrypoint.catalog import Catalog, CatalogObject, Key
from entrypoint.comparison import Difference, compare
from entrypoint.database import reading_settings, set_local
from entrypoint.migration import Source, load
from entrypoint.plan import Plan, decide
from tests.support.database import SQL, Database

pytestmark = pytest.mark.timeout(300)

# One change for every facet that an object of a kind can differ in; each can be repaired without data.
CHANGES: tuple[tuple[str, Key], ...] = (
    ("ALTER TABLE users ALTER total_workouts SET DEFAULT 1", ("column", "users.total_workouts")),
    ("ALTER TABLE users ALTER total_workouts DROP DEFAULT", ("column", "users.total_workouts")),
    ("ALTER TABLE users ALTER total_workouts SET NOT NULL", ("column", "users.total_workouts")),
    ("ALTER TABLE teams ALTER team_name DROP NOT NULL", ("column", "teams.team_name")),
    (
        "ALTER TABLE exercises DROP CONSTRAINT exercises_effort_level_check, "
        "ADD CONSTRAINT exercises_effort_level_check CHECK (effort_level > 0)",
        ("constraint", "exercises.exercises_effort_level_check"),
    ),
    (
        "ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey, "
        "ADD CONSTRAINT exercises_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id)",
        ("constraint", "exercises.exercises_workout_id_fkey"),
    ),
    (
        "ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey, ADD CONSTRAINT "
        "exercises_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id) ON DELETE CASCADE NOT VALID",
        ("constraint", "exercises.exercises_workout_id_fkey"),
    ),
    (
        "ALTER TABLE exercises ALTER CONSTRAINT exercises_workout_id_fkey DEFERRABLE",
        ("constraint", "exercises.exercises_workout_id_fkey"),
    ),
    (
        "DROP INDEX idx_workouts_date; CREATE INDEX idx_workouts_date ON workouts (workout_date DESC)",
        ("index", "idx_workouts_date"),
    ),
    (
        "DROP INDEX idx_workouts_date; CREATE INDEX idx_workouts_date ON exercises (exercise_name)",
        ("index", "idx_workouts_date"),
    ),
    (
        "DROP INDEX idx_voice_profiles_active; "
        "CREATE INDEX idx_voice_profiles_active ON voice_profiles (is_active)",
        ("index", "idx_voice_profiles_active"),
    ),
    ("ALTER SEQUENCE teams_team_id_seq INCREMENT 2", ("sequence", "teams_team_id_seq")),
    ("ALTER SEQUENCE teams_team_id_seq OWNED BY NONE", ("sequence", "teams_team_id_seq")),
    (
        "CREATE OR REPLACE FUNCTION expire_old_unclaimed_workouts() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        ("function", "expire_old_unclaimed_workouts()"),
    ),
    (
        "ALTER FUNCTION expire_old_unclaimed_workouts() SECURITY DEFINER",
        ("function", "expire_old_unclaimed_workouts()"),
    ),
    (
        "ALTER FUNCTION expire_old_unclaimed_workouts() STABLE",
        ("function", "expire_old_unclaimed_workouts()"),
    ),
    (
        "ALTER FUNCTION expire_old_unclaimed_workouts() SET work_mem = '8MB'",
        ("function", "expire_old_unclaimed_workouts()"),
    ),
    (
        "DROP FUNCTION expire_old_unclaimed_workouts(); CREATE FUNCTION expire_old_unclaimed_workouts() "
        "RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        ("function", "expire_old_unclaimed_workouts()"),
    ),
    (
        "CREATE OR REPLACE VIEW user_workout_summaries AS SELECT id AS user_id, 0::bigint AS total_claimed_workouts, "
        "0::bigint AS linked_devices, 0::bigint AS voice_profiles_count, last_login AS last_workout_claimed, "
        "last_login AS last_device_activity, 0::bigint AS workouts_this_week, 0::bigint AS auto_matched_workouts "
        "FROM app_users",
        ("view", "user_workout_summaries"),
    ),
    (
        "DROP VIEW user_workout_summaries; CREATE VIEW user_workout_summaries AS SELECT 1 AS user_id",
        ("view", "user_workout_summaries"),
    ),
    (
        "ALTER VIEW user_workout_summaries SET (security_barrier = true)",
        ("view", "user_workout_summaries"),
    ),
    (
        "ALTER TABLE teams DISABLE TRIGGER teams_invite_code_trigger",
        ("trigger", "teams.teams_invite_code_trigger"),
    ),
    (
        "ALTER TABLE teams ENABLE ALWAYS TRIGGER teams_invite_code_trigger",
        ("trigger", "teams.teams_invite_code_trigger"),
    ),
    (
        "CREATE OR REPLACE TRIGGER teams_invite_code_trigger BEFORE INSERT OR UPDATE ON teams "
        "FOR EACH ROW EXECUTE FUNCTION set_invite_code()",
        ("trigger", "teams.teams_invite_code_trigger"),
    ),
    ("COMMENT ON TABLE users IS 'somebody else'", ("comment", "table users")),
)


def loss(item: CatalogObject) -> str:
    """Return the statement that takes `item` away, with everything that depends on it."""
    relation, _, part = item.name.partition(".")
    match item.kind:
        case "column":
            return f"ALTER TABLE {relation} DROP COLUMN {part} CASCADE"
        case "constraint":
            return f"ALTER TABLE {relation} DROP CONSTRAINT {part} CASCADE"
        case "trigger":
            return f"DROP TRIGGER {part} ON {relation} CASCADE"
        case "comment":
            return item.statements["create"].rpartition(" IS ")[0] + " IS NULL"
        case _:
            return f"DROP {item.kind.upper()} {item.name} CASCADE"


class Schema:
    """The whole schema in one transaction, hurt and healed behind a savepoint again and again."""

    def __init__(self, connection: asyncpg.Connection, source: Source, expected: Catalog) -> None:
        self._connection = connection
        self._source = source
        self.expected = expected
        self._actual = expected

    async def hurt(self, statement: str) -> tuple[Difference, ...]:
        """Return what the comparison finds after `statement`, from the state as it should be."""
        await self._connection.execute("ROLLBACK TO SAVEPOINT whole")
        await self._connection.execute(statement)
        self._actual = await catalog.read(self._connection, "public")
        return compare(self.expected, self._actual, {})

    async def heal(self) -> tuple[Difference, ...]:
        """Return what the comparison finds after the plan was carried out."""
        found = compare(self.expected, self._actual, {})
        plan: Plan = decide(self.expected, self._actual, found, self._source)
        for repair in plan.repairs:
            await self._connection.execute(repair.statement)
        return compare(self.expected, await catalog.read(self._connection, "public"), {})


@pytest.fixture
async def schema(database: Database) -> AsyncIterator[Schema]:
    """Lend the schema as `sql/` makes it."""
    connection = await database.connect()
    async with connection.transaction():
        await set_local(connection, reading_settings("public"))
        expected = await catalog.read(connection, "public")
        await connection.execute("SAVEPOINT whole")
        yield Schema(connection, load(SQL), expected)


async def test_a_lost_object_is_named_first_and_restored(schema: Schema) -> None:
    """Dropping any one object is named first, with nothing that is still there, and the plan restores it."""
    for item in schema.expected.values():
        differences = await schema.hurt(loss(item))
        assert ("missing", item.key) == (differences[0].status, differences[0].key)
        assert differences[0].expected
        assert [] == [difference for difference in differences if difference.status == "extra"]
        assert () == await schema.heal(), item.key


@pytest.mark.parametrize(("statement", "key"), CHANGES)
async def test_a_changed_definition_is_named_with_expected_and_actual_and_restored(
    schema: Schema, statement: str, key: Key
) -> None:
    """Changing any facet of an object is reported with both definitions, and the plan changes it back."""
    differences = await schema.hurt(statement)
    first = differences[0]
    assert ("changed", key) == (first.status, first.key)
    assert first.expected
    assert first.actual
    assert first.expected != first.actual
    assert () == await schema.heal()


async def test_a_changed_type_is_named_and_left_to_a_person(schema: Schema) -> None:
    """A column of another type is a difference that no plan repairs."""
    differences = await schema.hurt("ALTER TABLE exercises ALTER notes TYPE varchar(9)")
    assert ("changed", "column", "exercises.notes") == (
        differences[0].status,
        differences[0].kind,
        differences[0].name,
    )
    assert differences == await schema.heal()
