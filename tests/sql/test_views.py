"""session_summaries and user_workout_summaries: one row each, nothing multiplied."""

from __future__ import annotations

import json
from uuid import UUID

import asyncpg

from tests.support.database import Database
from tests.support.sql import rows


async def columns(connection: asyncpg.Connection, view: str) -> dict[str, str]:
    """Return the type of every column of a view, in order."""
    found = await connection.fetch(
        """
        SELECT attname, format_type(atttypid, atttypmod)
        FROM pg_attribute WHERE attrelid = $1::text::regclass ORDER BY attnum
        """,
        view,
    )
    return dict(tuple(row) for row in found)


async def test_session_summaries_has_its_columns(database: Database) -> None:
    """Names, types and order are what the API reads."""
    expected = {
        "id": "uuid",
        "user_id": "uuid",
        "session_date": "date",
        "session_start_time": "timestamp with time zone",
        "session_end_time": "timestamp with time zone",
        "session_duration_minutes": "integer",
        "total_recordings": "integer",
        "total_exercises": "integer",
        "session_status": "character varying(50)",
        "notes": "text",
        "audio_files": "json",
    }
    found = await columns(await database.connect(), "session_summaries")
    assert list(expected.items()) == list(found.items())


async def test_user_workout_summaries_has_its_columns(database: Database) -> None:
    """Names, types and order are what the API reads."""
    expected = {
        "user_id": "uuid",
        "total_claimed_workouts": "bigint",
        "linked_devices": "bigint",
        "voice_profiles_count": "bigint",
        "last_workout_claimed": "timestamp with time zone",
        "last_device_activity": "timestamp with time zone",
        "workouts_this_week": "bigint",
        "auto_matched_workouts": "bigint",
    }
    found = await columns(await database.connect(), "user_workout_summaries")
    assert list(expected.items()) == list(found.items())


async def test_a_session_lists_its_recordings_in_order(database: Database) -> None:
    """Recordings come by order, equal orders by id, as JSON with five keys."""
    connection = await database.connect()
    user = await rows.device(connection)
    session = await rows.session(connection, user, total_recordings=3)
    ids = [UUID(int=number) for number in (3, 1, 2)]
    for key, order in reversed(list(zip(ids, (1, 2, 2), strict=True))):
        await rows.recording(connection, user, id=key, original_filename=f"{key.int}.wav")
        of = {"session_id": session, "audio_file_id": key, "recording_order": order}
        await rows.insert(connection, "session_audio_files", **of, time_offset_minutes=order)
    [row] = await connection.fetch("SELECT * FROM session_summaries")
    assert [
        {
            "audio_file_id": str(key),
            "original_filename": f"{key.int}.wav",
            "recording_order": order,
            "time_offset_minutes": order,
            "transcription_status": "pending",
        }
        for key, order in zip(ids, (1, 2, 2), strict=True)
    ] == json.loads(row["audio_files"])


async def test_a_session_without_recordings_lists_none(database: Database) -> None:
    """An empty session is a row whose list is empty, not NULL."""
    connection = await database.connect()
    key = await rows.session(connection, await rows.device(connection))
    row = await connection.fetchrow("SELECT id, audio_files FROM session_summaries")
    assert (key, "[]") == tuple(row)


async def test_a_person_is_summed_up_in_one_row(database: Database) -> None:
    """Two claims, three links and two profiles do not multiply each other."""
    connection = await database.connect()
    me, user = await rows.person(connection), await rows.device(connection)
    week, day = await rows.ago(connection, "7 days"), await rows.ago(connection, "6 days")
    for method, claimed_at in (("voice_match", week), ("manual", day)):
        key = await rows.workout(connection, user)
        await rows.claim(connection, me, key, claim_method=method, claimed_at=claimed_at)
    for number, active in enumerate((True, True, True, False, None)):
        link = {"user_id": me, "device_uuid": f"phone-{number}", "is_active": active}
        await rows.insert(connection, "device_links", **link, last_activity=day if active else None)
    for active in (True, True, False, None):
        await rows.profile(connection, me, is_active=active)
    [row] = await connection.fetch("SELECT * FROM user_workout_summaries")
    assert (me, 2, 3, 2, day, day, 1, 1) == tuple(row)


async def test_a_new_person_has_a_row_of_zeros(database: Database) -> None:
    """Every person has a row, also one who did nothing yet or whose account is closed."""
    connection = await database.connect()
    me = await rows.person(connection, is_active=False)
    [row] = await connection.fetch("SELECT * FROM user_workout_summaries")
    assert (me, 0, 0, 0, None, None, 0, 0) == tuple(row)
