"""What an adoption converts, what it keeps beside, and what it leaves to a person."""

from __future__ import annotations

import asyncpg

from tests.support.database import Database
from tests.support.database_state import differences_of, state_of
from tests.support.deploys import deploy
from tests.support.legacy import OWN_SCHEMA, SHAPES, build
from tests.support.legacy.contents import columns_of, contents_of
from tests.support.process import Completed

_SECOND_KEY = """
ALTER TABLE audio_files ADD CONSTRAINT another_key
FOREIGN KEY (session_id) REFERENCES workout_sessions (id) ON DELETE CASCADE;
ALTER TABLE workouts RENAME CONSTRAINT workouts_user_id_fkey TO workouts_device;
ALTER TABLE user_devices RENAME CONSTRAINT user_devices_user_id_device_uuid_key TO once;
ALTER TABLE transcriptions RENAME CONSTRAINT transcriptions_pkey TO pk_transcriptions;
"""
_ORPHANS = """
UPDATE audio_files SET session_id = gen_random_uuid() WHERE session_id IS NOT NULL;
ALTER TABLE user_devices DROP CONSTRAINT user_devices_user_id_device_uuid_key;
INSERT INTO user_devices (user_id, device_uuid) SELECT user_id, device_uuid FROM user_devices;
"""


async def _adopted(database: Database, shape: str, change: str = "") -> asyncpg.Connection:
    """Build `shape`, apply `change`, and start."""
    connection = await database.connect()
    await build(connection, SHAPES[shape])
    if change:
        await connection.execute(change)
    completed = await deploy(database)
    assert 0 == completed.exit_code, completed.stdout
    return connection


async def _refused(database: Database, connection: asyncpg.Connection) -> Completed:
    """Start, and fail unless that is refused with code 9 and changes nothing."""
    before, columns = await state_of(database), await columns_of(connection)
    rows = await contents_of(connection, columns)
    completed = await deploy(database)
    assert 9 == completed.exit_code, completed.stdout
    assert before == await state_of(database)
    assert rows == await contents_of(connection, columns)
    return completed


async def test_fractions_of_milliseconds_stay_in_a_column_of_their_own(empty_database: Database) -> None:
    """Values that an integer cannot hold are rounded, and stay as they were in processing_time_ms_legacy."""
    connection = await _adopted(empty_database, "sequence_006")
    rows = await connection.fetch(
        "SELECT processing_time_ms_legacy::text, processing_time_ms FROM transcriptions ORDER BY id"
    )
    expected = [("250.00", 250), ("1234.56", 1235), ("0.50", 1), ("NaN", None), (None, None)]
    assert expected == [tuple(row) for row in rows]


async def test_whole_milliseconds_leave_no_other_column(empty_database: Database) -> None:
    """A conversion that loses nothing keeps no copy."""
    change = "UPDATE transcriptions SET processing_time_ms = 7"
    connection = await _adopted(empty_database, "first_six", change)
    assert ["processing_time_ms"] == [
        column for column in (await columns_of(connection))["transcriptions"] if "_ms" in column
    ]
    assert 7 == await connection.fetchval("SELECT max(processing_time_ms) FROM transcriptions")


async def test_columns_that_were_lost_are_unknown_not_new(empty_database: Database) -> None:
    """Recordings whose upload time an API dropped get none, and do not count as unprocessed."""
    connection = await _adopted(empty_database, "later_app_migrated")
    lost = "SELECT count(*), count(upload_timestamp), count(processed) FROM audio_files"
    assert (3, 0, 0) == tuple(await connection.fetchrow(lost))


async def test_claimed_sessions_get_their_status_from_the_claims(empty_database: Database) -> None:
    """Where sessions had no claim status, those that somebody claimed do not become free."""
    connection = await _adopted(empty_database, "helm")
    rows = await connection.fetch(
        "SELECT id IN (SELECT session_id FROM session_claims), claim_status FROM workout_sessions"
    )
    assert {(True, "claimed"), (False, "unclaimed")} == {tuple(row) for row in rows}


async def test_keys_are_recognised_by_their_columns(empty_database: Database) -> None:
    """Keys of other names get ours, and of two on the same columns the one with our action stays."""
    await _adopted(empty_database, "consolidated", _SECOND_KEY)
    assert [] == [name for name in await differences_of(empty_database) if "constraint" in name]


async def test_the_later_app_s_own_schema_is_refused(empty_database: Database) -> None:
    """Tables that only have our names are listed with what is wrong, and stay as they are."""
    admin = await empty_database.connect_admin()
    has_vector = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')"
    if await admin.fetchval(has_vector):
        await admin.execute("CREATE EXTENSION vector")
    else:
        await admin.execute("CREATE DOMAIN vector AS float8[]")
    connection = await empty_database.connect()
    await build(connection, OWN_SCHEMA)
    completed = await _refused(empty_database, connection)
    for line in ("users.last_seen is missing", "exercises.reps has type integer instead of integer[]"):
        assert line in completed.stdout


async def test_rows_that_break_a_missing_constraint_are_listed(empty_database: Database) -> None:
    """Orphans and duplicates are counted for a person, not deleted."""
    connection = await empty_database.connect()
    await build(connection, SHAPES["cut_off"])
    await connection.execute(_ORPHANS)
    completed = await _refused(empty_database, connection)
    assert "audio_files (session_id): 2 rows refer to no row of workout_sessions" in completed.stdout
    assert "user_devices (user_id, device_uuid): 2 values stand there more than once" in completed.stdout


async def test_a_view_of_somebody_else_is_not_dropped(empty_database: Database) -> None:
    """A view that stands in the way of a conversion is named, for whoever owns it to drop."""
    connection = await empty_database.connect()
    await build(connection, SHAPES["sequence_006"])
    await connection.execute(
        "CREATE VIEW slow AS SELECT id FROM transcriptions WHERE processing_time_ms > 1000"
    )
    completed = await _refused(empty_database, connection)
    assert "view slow reads transcriptions.processing_time_ms" in completed.stdout
