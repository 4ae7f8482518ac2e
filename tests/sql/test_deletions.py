"""Deletions: they do not fail, and each foreign key does what it says."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows

CASCADE, SET_NULL = "c", "n"
ACTIONS = {
    ("users", "migrated_to_app_user_id"): SET_NULL,
    ("audio_files", "session_id"): SET_NULL,
    ("user_progress", "workout_id"): SET_NULL,
    ("workouts", "transcription_id"): SET_NULL,
    ("speaker_verifications", "voice_profile_id"): SET_NULL,
}


async def test_every_foreign_key_cascades_or_forgets(database: Database) -> None:
    """Five foreign keys are set to NULL when their parent goes, the other 22 cascade."""
    connection = await database.connect()
    found = await connection.fetch(
        """
        SELECT t.relname, a.attname, c.confdeltype::text
        FROM pg_constraint AS c
        JOIN pg_class AS t ON c.conrelid = t.oid
        JOIN pg_attribute AS a ON c.conrelid = a.attrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'
        """
    )
    assert 27 == len(found)
    for table, column, action in found:
        assert (table, column, ACTIONS.get((table, column), CASCADE)) == (table, column, action)


async def counts(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the number of rows by table, without the library, which refers to nothing."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    return {
        name: await connection.fetchval(f"SELECT count(*) FROM {name}")
        for (name,) in tables
        if name != "exercise_library"
    }


OF_PERSON = {
    "app_users", "voice_profiles", "user_devices", "device_links", "workout_claims",
    "session_claims", "teams", "team_memberships",
}  # fmt: skip
OF_WORKOUT = {"workouts", "exercises", "workout_claims"}
OF_SESSION = {"workout_sessions", "session_audio_files", "session_claims"}
OF_AUDIO = {"audio_files", "transcriptions", "speaker_verifications", "session_audio_files"}
OF_DEVICE = {"users", "user_progress", "session_detection_config"}


@pytest.mark.parametrize(
    ("table", "gone"),
    [
        ("users", OF_DEVICE | OF_AUDIO | OF_SESSION | OF_WORKOUT),
        ("app_users", OF_PERSON),
        ("workout_sessions", OF_SESSION | OF_WORKOUT),
        ("audio_files", OF_AUDIO | OF_WORKOUT),
        ("workouts", OF_WORKOUT),
        ("transcriptions", {"transcriptions"}),
        ("voice_profiles", {"voice_profiles"}),
        ("teams", {"teams", "team_memberships"}),
    ],
)
async def test_a_deletion_takes_what_belongs_to_the_row(
    database: Database, table: str, gone: set[str]
) -> None:
    """Rows of the deleted parent go, every other row stays."""
    connection = await database.connect()
    await rows.one_of_each(connection)
    await connection.execute(f"DELETE FROM {table}")
    after = await counts(connection)
    assert gone == {name for name, count in after.items() if not count}


async def test_a_device_can_be_deleted_right_after_its_rows(database: Database) -> None:
    """A deletion in the transaction that made the rows meets no half-deleted parent."""
    connection = await database.connect()
    # Cascades fire in the order in which the foreign keys were made, and old databases have another.
    await connection.execute(
        """
        ALTER TABLE workout_sessions
            DROP CONSTRAINT workout_sessions_user_id_fkey,
            ADD CONSTRAINT workout_sessions_user_id_fkey FOREIGN KEY (user_id)
            REFERENCES users (id) ON DELETE CASCADE
        """
    )
    async with connection.transaction():
        await rows.one_of_each(connection)
        await connection.execute("DELETE FROM users")
    assert 0 == (await counts(connection))["workout_sessions"]


async def test_what_is_forgotten_is_null(database: Database) -> None:
    """Parents that a row can do without leave NULL behind."""
    connection = await database.connect()
    await rows.one_of_each(connection)
    await connection.execute("DELETE FROM transcriptions; DELETE FROM voice_profiles; DELETE FROM app_users")
    expected: dict[str, Any] = {
        "SELECT transcription_id FROM workouts": None,
        "SELECT voice_profile_id FROM speaker_verifications": None,
        "SELECT migrated_to_app_user_id FROM users": None,
        "SELECT claim_status FROM workouts": "unclaimed",
    }
    assert expected == {query: await connection.fetchval(query) for query in expected}
    await connection.execute("DELETE FROM workout_sessions")
    assert await connection.fetchval("SELECT session_id FROM audio_files") is None
    assert await connection.fetchval("SELECT workout_id FROM user_progress") is None
