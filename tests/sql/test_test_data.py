"""init_test_data.sql: what it holds, and that any number of runs leaves the same rows."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import bcrypt
import pytest

from tests.support.database import SQL, Database
from tests.support.sql import rows

DEVICES = {
    "c4b9": "f47ac10b-58cc-4372-a567-0e02b2c4c4b9",
    "4c5d": "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d",
    "bc12": "9876543f-210a-4bcd-ef12-3456789abc12",
    "9012": "deadbeef-cafe-4bad-face-123456789012",
    "cdef": "12345678-90ab-4cde-f123-456789abcdef",
}
LIBRARY = "Push-ups Pull-ups Squats Deadlifts Bench_Press Bicep_Curls Plank Running Overhead_Press Rows"
COUNTS = {
    "users": 5,
    "app_users": 1,
    "audio_files": 3,
    "transcriptions": 3,
    "workouts": 3,
    "exercises": 9,
    "exercise_library": 10,
}
REFRESHED = {
    "users": {"last_seen"},
    "audio_files": {"upload_timestamp"},
    "transcriptions": {"created_at"},
    "workouts": {"workout_date", "created_at"},
}
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


async def load(connection: asyncpg.Connection) -> None:
    """Run the file as the entrypoint does: in one transaction."""
    async with connection.transaction():
        await connection.execute((SQL / "init_test_data.sql").read_text())


async def contents(connection: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, without the dates that a run refreshes."""
    return {
        name: [
            {column: value for column, value in row.items() if column not in REFRESHED.get(name, ())}
            for row in await connection.fetch(f"SELECT * FROM {name} ORDER BY 1")
        ]
        for (name,) in await connection.fetch(TABLES)
    }


async def test_each_table_has_its_rows(database: Database) -> None:
    """34 rows in seven tables, and none anywhere else."""
    connection = await database.connect()
    await load(connection)
    found = {name: len(content) for name, content in (await contents(connection)).items()}
    assert COUNTS == {name: count for name, count in found.items() if count}


async def test_a_second_run_changes_nothing(database: Database) -> None:
    """Two runs leave the rows of one, apart from refreshed dates."""
    connection = await database.connect()
    await load(connection)
    before = await contents(connection)
    await load(connection)
    assert before == await contents(connection)


async def test_dates_are_refreshed(database: Database) -> None:
    """Data from last year is of this week again after a run."""
    connection = await database.connect()
    await load(connection)
    year = await rows.ago(connection, "1 year")
    await connection.execute("UPDATE users SET last_seen = $1", year)
    await connection.execute("UPDATE audio_files SET upload_timestamp = $1", year)
    await connection.execute("UPDATE transcriptions SET created_at = $1", year)
    await connection.execute("UPDATE workouts SET created_at = $1, workout_date = $2", year, year)
    await load(connection)
    for table, names in REFRESHED.items():
        for column in names:
            oldest = f"SELECT min({column}) > CURRENT_TIMESTAMP - INTERVAL '8 days' FROM {table}"
            assert (table, column, True) == (table, column, await connection.fetchval(oldest))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE workouts SET claim_status = 'claimed', notes = 'mine', total_exercises = 7",
        "UPDATE users SET total_workouts = 9, migration_status = 'done'",
        "UPDATE users SET device_uuid = 'renamed-' || id",
        "UPDATE app_users SET passphrase_hash = 'changed', is_active = FALSE",
        "UPDATE exercises SET reps = '{1}', exercise_name = 'Burpees'",
        "UPDATE exercise_library SET instructions = 'Just do it.', difficulty_level = 5",
        "UPDATE audio_files SET transcription_status = 'failed', file_path = 'elsewhere'",
        "UPDATE transcriptions SET raw_text = 'nothing'",
    ],
)
async def test_what_a_developer_changed_stays(database: Database, change: str) -> None:
    """A run overwrites no column but the refreshed dates, and adds no row."""
    connection = await database.connect()
    await load(connection)
    await connection.execute(change)
    before = await contents(connection)
    await load(connection)
    assert before == await contents(connection)


@pytest.mark.parametrize("table", [*COUNTS])
async def test_a_deleted_row_comes_back(database: Database, table: str) -> None:
    """A run completes what was deleted, with everything that hung on it."""
    connection = await database.connect()
    await load(connection)
    await connection.execute(f"DELETE FROM {table}")
    await load(connection)
    found = {name: len(content) for name, content in (await contents(connection)).items()}
    assert COUNTS == {name: count for name, count in found.items() if count}


async def test_names_that_exist_already_are_used(database: Database) -> None:
    """A device or exercise that is there under another id keeps it, and the data hangs on that."""
    connection = await database.connect()
    user = await rows.device(connection, DEVICES["c4b9"])
    await rows.insert(connection, "exercise_library", id=uuid4(), name="Rows")
    await load(connection)
    assert 5 == await connection.fetchval("SELECT count(*) FROM users")
    assert 10 == await connection.fetchval("SELECT count(*) FROM exercise_library")
    assert 1 == await connection.fetchval("SELECT count(*) FROM workouts WHERE user_id = $1", user)


@pytest.mark.parametrize("last4", [*DEVICES])
async def test_devices_are_found_by_their_suffix(database: Database, last4: str) -> None:
    """Each device is found; the first three have one workout to claim."""
    connection = await database.connect()
    await load(connection)
    [row] = await connection.fetch("SELECT * FROM search_devices_by_last4($1)", last4)
    expected = 1 if last4 in list(DEVICES)[:3] else 0
    assert (DEVICES[last4], expected) == (row["device_uuid"], row["unclaimed_workouts_count"])
    listed = await connection.fetch("SELECT * FROM get_unclaimed_workouts_for_device($1)", DEVICES[last4])
    assert expected == len(listed)


async def test_each_workout_is_complete(database: Database) -> None:
    """Each workout has a processed recording, its transcription and three exercises."""
    connection = await database.connect()
    await load(connection)
    found = await connection.fetch(
        """
        SELECT
            af.processed, af.transcription_status, t.audio_file_id = af.id, w.total_exercises,
            array(SELECT exercise_name FROM exercises WHERE workout_id = w.id ORDER BY order_in_workout)
        FROM workouts AS w
        JOIN audio_files AS af ON w.audio_file_id = af.id
        JOIN transcriptions AS t ON w.transcription_id = t.id
        """
    )
    expected = (True, "completed", True, 3, ["Bench Press", "Squats", "Pull-ups"])
    assert [expected] * 3 == [tuple(row) for row in found]


async def test_the_library_has_ten_exercises(database: Database) -> None:
    """The library holds the ten known names."""
    connection = await database.connect()
    await load(connection)
    found = await connection.fetch("SELECT replace(name, ' ', '_') FROM exercise_library")
    assert set(LIBRARY.split()) == {row[0] for row in found}


async def test_the_passphrase_verifies(database: Database) -> None:
    """The person's hash is bcrypt of cost 10 and verifies TestPassword123."""
    connection = await database.connect()
    await load(connection)
    stored = (await connection.fetchval("SELECT passphrase_hash FROM app_users")).encode()
    assert b"$2b$10$" == stored[:7]
    assert await asyncio.to_thread(bcrypt.checkpw, b"TestPassword123", stored)
