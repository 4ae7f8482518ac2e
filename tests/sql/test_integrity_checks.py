"""sql/verify/: every check passes on a sound database and is able to fail."""

from __future__ import annotations

import asyncpg
import pytest

from tests.support.database import SQL, Database
from tests.support.sql import rows
from tests.support.sql.integrity_checks import CHECKS, violations

# What breaks the rule of a check, and the columns of a row that names the violation.
SABOTAGE: dict[str, tuple[str, dict[str, str]]] = {
    "claims_agree_with_statuses": (
        "UPDATE workouts SET claim_status = 'expired'",
        {"table_name": "workouts", "problem": "has a claim but is marked as expired"},
    ),
    "every_constraint_is_validated": (
        "ALTER TABLE teams ADD CONSTRAINT named CHECK (team_name <> '') NOT VALID",
        {"table_name": "teams", "constraint_name": "named", "problem": "is not validated"},
    ),
    "every_foreign_key_is_indexed": (
        "DROP INDEX idx_workouts_audio_file_id",
        {"table_name": "workouts", "constraint_name": "workouts_audio_file_id_fkey"},
    ),
    "every_function_pins_its_search_path": (
        "ALTER FUNCTION generate_invite_code() SET search_path = public",
        {"function_name": "generate_invite_code()"},
    ),
    "every_index_is_valid": (
        # Building this index fails on two equal rows and leaves it behind, invalid.
        "CREATE UNIQUE INDEX CONCURRENTLY half_built ON exercises (sets)",
        {"table_name": "exercises", "index_name": "half_built"},
    ),
    "every_table_has_a_primary_key": (
        "ALTER TABLE user_progress DROP CONSTRAINT user_progress_pkey",
        {"table_name": "user_progress"},
    ),
    "every_trigger_is_enabled": (
        "ALTER TABLE teams DISABLE TRIGGER teams_invite_code_trigger",
        {"table_name": "teams", "trigger_or_constraint": "teams_invite_code_trigger"},
    ),
    "no_row_is_an_orphan": (
        """
        ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey;
        UPDATE exercises SET workout_id = '00000000-0000-4000-8000-000000000000'
        """,
        {
            "table_name": "exercises",
            "column_name": "workout_id",
            "missing_key": "00000000-0000-4000-8000-000000000000",
        },
    ),
    "sequences_are_ahead_of_their_keys": (
        "UPDATE team_memberships SET membership_id = 7",
        {"sequence_name": "team_memberships_membership_id_seq", "highest_key": "7"},
    ),
    "sessions_count_their_recordings": (
        "UPDATE workout_sessions SET total_recordings = 2",
        {"total_recordings": "2", "counted_recordings": "1"},
    ),
    "sessions_end_after_their_start": (
        "UPDATE workout_sessions SET session_end_time = '2000-01-01Z'",
        {},
    ),
    "sessions_hold_recordings_of_one_device": (
        """
        WITH other AS (INSERT INTO users (device_uuid) VALUES ('phone-2') RETURNING id)
        UPDATE audio_files SET user_id = other.id FROM other
        """,
        {"problem": "belongs to another device"},
    ),
    "triggers_are_not_switched_off": (
        """
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database());
        END $$
        """,
        {"role_name": "every role", "problem": "session_replication_role=replica"},
    ),
}
# What only a superuser may do.
PRIVILEGED = frozenset({"triggers_are_not_switched_off"})


async def filled(database: Database) -> asyncpg.Connection:
    """Return a connection to the database after a row was put into every table."""
    connection = await database.connect()
    await rows.one_of_each(connection)
    await connection.execute((SQL / "init_test_data.sql").read_text())
    return connection


async def test_a_sound_database_violates_nothing(database: Database) -> None:
    """No check finds anything in an empty database or in rows made by the functions."""
    connection = await database.connect()
    assert {} == {name: found for name in CHECKS if (found := await violations(database, connection, name))}
    connection = await filled(database)
    assert {} == {name: found for name in CHECKS if (found := await violations(database, connection, name))}


@pytest.mark.parametrize("name", CHECKS)
async def test_each_check_can_fail(database: Database, name: str) -> None:
    """One broken rule gives rows that name it, in short text columns."""
    connection = await filled(database)
    statement, expected = SABOTAGE[name]
    saboteur = await database.connect_admin() if name in PRIVILEGED else connection
    try:
        await saboteur.execute(statement)
    except asyncpg.UniqueViolationError:
        assert "CONCURRENTLY" in statement
    found = await violations(database, connection, name)
    assert expected.items() <= found[0].items()
    assert all(isinstance(value, str) for row in found for value in row.values())


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("workouts", "is marked as claimed but nobody claimed it"),
        ("workout_sessions", "is marked as claimed but nobody claimed it"),
        ("workouts", "has a claim but is marked as unclaimed"),
        ("workout_sessions", "has a claim but is marked as unclaimed"),
    ],
)
async def test_a_status_can_disagree_in_two_ways(database: Database, table: str, problem: str) -> None:
    """A claim without the status and the status without a claim are violations."""
    connection = await database.connect()
    await rows.one_of_each(connection)
    claimed = "nobody" in problem
    if claimed:
        await connection.execute("DELETE FROM workout_claims; DELETE FROM session_claims")
    status = "claimed" if claimed else None
    await connection.execute("UPDATE workouts SET claim_status = 'archived'")
    await connection.execute("UPDATE workout_sessions SET claim_status = 'archived'")
    assert [] == await violations(database, connection, "claims_agree_with_statuses")
    await connection.execute(f"UPDATE {table} SET claim_status = $1", status)
    [found] = await violations(database, connection, "claims_agree_with_statuses")
    assert (table, problem) == (found["table_name"], found["problem"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("SECURITY DEFINER", "search_path is not pg_catalog, pg_temp"),
        ("SET search_path = pg_catalog, pg_temp", "search_path is not public, pg_temp"),
        ("SECURITY DEFINER SET search_path = pg_catalog, pg_temp", None),
    ],
)
async def test_the_path_depends_on_whose_rights_a_function_has(
    database: Database, change: str, problem: str | None
) -> None:
    """What runs with its owner's rights must look nothing up in public, and everything else must."""
    connection = await database.connect()
    await connection.execute(f"ALTER FUNCTION generate_invite_code() {change}")
    found = await violations(database, connection, "every_function_pins_its_search_path")
    assert [problem] * (problem is not None) == [row["problem"] for row in found]


async def test_every_foreign_key_is_searched_for_orphans(database: Database) -> None:
    """An orphan behind any of the 27 foreign keys is found and named."""
    connection = await database.connect()
    await rows.one_of_each(connection)
    keys = await connection.fetch(
        """
        SELECT c.conname, t.relname, a.attname, a.atttypid = 'uuid'::regtype AS is_uuid
        FROM pg_constraint AS c
        JOIN pg_class AS t ON c.conrelid = t.oid
        JOIN pg_attribute AS a ON c.conrelid = a.attrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'
        """
    )
    assert 27 == len(keys)
    for constraint, table, column, is_uuid in keys:
        missing = "00000000-0000-4000-8000-000000000000" if is_uuid else "999999"
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            f"""
            ALTER TABLE {table} DROP CONSTRAINT {constraint};
            UPDATE {table} SET {column} = '{missing}'
            """
        )
        [found] = await violations(database, connection, "no_row_is_an_orphan")
        await transaction.rollback()
        names = ("table_name", "column_name", "missing_key")
        assert (table, column, missing) == tuple(found[name] for name in names)


async def test_a_switched_off_foreign_key_is_found(database: Database) -> None:
    """DISABLE TRIGGER ALL leaves a constraint valid and unenforced; the check names it."""
    admin = await database.connect_admin()
    await admin.execute("ALTER TABLE transcriptions DISABLE TRIGGER ALL")
    found = await violations(database, admin, "every_trigger_is_enabled")
    assert {"transcriptions_audio_file_id_fkey", "workouts_transcription_id_fkey"} == {
        row["trigger_or_constraint"] for row in found
    }


async def test_a_constraint_that_is_not_enforced_is_found(database: Database) -> None:
    """NOT ENFORCED, known to PostgreSQL 18, is a violation of its own."""
    connection = await database.connect()
    if connection.get_server_version().major < 18:
        pytest.skip("the server does not know NOT ENFORCED")
    await connection.execute("ALTER TABLE teams ADD CONSTRAINT named CHECK (team_name <> '') NOT ENFORCED")
    found = await violations(database, connection, "every_constraint_is_validated")
    assert ["named"] == [row["constraint_name"] for row in found]


async def test_a_partial_index_does_not_serve_a_foreign_key(database: Database) -> None:
    """An index over some rows only, or with the column in second place, is not enough."""
    connection = await database.connect()
    await connection.execute(
        """
        DROP INDEX idx_workouts_session_id;
        CREATE INDEX partial ON workouts (session_id) WHERE claim_status = 'unclaimed';
        CREATE INDEX later ON workouts (user_id, session_id);
        """
    )
    found = await violations(database, connection, "every_foreign_key_is_indexed")
    assert ["workouts_session_id_fkey"] == [row["constraint_name"] for row in found]
