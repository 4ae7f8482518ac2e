"""Rows that tests put into the tables, with as few columns given as the tables allow."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg

KEYS = {"teams": "team_id", "team_memberships": "membership_id", "session_audio_files": "session_id"}


async def insert(connection: asyncpg.Connection, table: str, **values: Any) -> Any:
    """Insert one row and return its key."""
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    content = f"({names}) VALUES ({places})" if values else "DEFAULT VALUES"
    key = KEYS.get(table, "id")
    return await connection.fetchval(f"INSERT INTO {table} {content} RETURNING {key}", *values.values())


async def person(connection: asyncpg.Connection, **values: Any) -> UUID:
    """Insert an app user and return the id."""
    return await insert(connection, "app_users", **{"passphrase_hash": "hash", **values})


async def device(connection: asyncpg.Connection, device_uuid: str = "", **values: Any) -> UUID:
    """Insert a device, under a device_uuid of its own unless one is given, and return the id."""
    return await insert(connection, "users", device_uuid=device_uuid or str(uuid4()), **values)


async def recording(connection: asyncpg.Connection, user_id: UUID, **values: Any) -> UUID:
    """Insert an audio file of a device and return the id."""
    file = {"original_filename": "a.wav", "file_path": "uploads/a.wav", "file_size": 1}
    return await insert(connection, "audio_files", user_id=user_id, **{**file, **values})


async def workout(connection: asyncpg.Connection, user_id: UUID, **values: Any) -> UUID:
    """Insert a workout of a device, with a recording of its own unless one is given."""
    if not {"audio_file_id", "session_id"} & values.keys():
        values["audio_file_id"] = await recording(connection, user_id)
    today = await connection.fetchval("SELECT CURRENT_DATE")
    return await insert(connection, "workouts", user_id=user_id, **{"workout_date": today, **values})


async def session(connection: asyncpg.Connection, user_id: UUID, **values: Any) -> UUID:
    """Insert a session of a device without recordings and return the id."""
    today = await connection.fetchval("SELECT CURRENT_DATE")
    return await insert(connection, "workout_sessions", user_id=user_id, **{"session_date": today, **values})


async def profile(connection: asyncpg.Connection, user_id: UUID, **values: Any) -> UUID:
    """Insert a voice profile of a person and return the id."""
    voice = {"embedding_vector": [0.1] * 192, "confidence_score": 1}
    return await insert(connection, "voice_profiles", user_id=user_id, **{**voice, **values})


async def claim(connection: asyncpg.Connection, user_id: UUID, workout_id: UUID, **values: Any) -> UUID:
    """Insert a claim as the API of old did: without a look at the workout's status."""
    method = {"claim_method": "manual"}
    return await insert(
        connection,
        "workout_claims",
        user_id=user_id,
        workout_id=workout_id,
        **{**method, **values},
    )


async def ago(connection: asyncpg.Connection, interval: str) -> Any:
    """Return the server's current time less an interval such as '30 days'."""
    return await connection.fetchval("SELECT CURRENT_TIMESTAMP - $1::text::interval", interval)


async def one_of_each(connection: asyncpg.Connection) -> None:
    """Insert a row into every table that refers to a device or a person, all linked together."""
    me = await person(connection)
    user = await device(connection, "phone-1", migrated_to_app_user_id=me)
    audio = await recording(connection, user)
    create = "SELECT create_new_session($1, $2, CURRENT_TIMESTAMP)"
    session_id = await connection.fetchval(create, user, audio)
    await connection.execute("UPDATE audio_files SET session_id = $1", session_id)
    text = {"audio_file_id": audio, "raw_text": "ten push-ups"}
    transcription = await insert(connection, "transcriptions", **text)
    of_workout = {"audio_file_id": audio, "session_id": session_id, "transcription_id": transcription}
    workout_id = await workout(connection, user, **of_workout)
    await insert(connection, "exercises", workout_id=workout_id, exercise_name="Push-ups")
    today = await connection.fetchval("SELECT CURRENT_DATE")
    progress = {"exercise_name": "Push-ups", "metric_type": "reps", "metric_value": 10}
    owner = {"user_id": user, "workout_id": workout_id, "recorded_date": today}
    await insert(connection, "user_progress", **progress, **owner)
    await insert(connection, "session_detection_config", user_id=user)
    made = {"user_id": me, "session_id": session_id, "claim_method": "manual"}
    await insert(connection, "session_claims", **made)
    await connection.execute("UPDATE workout_sessions SET claim_status = 'claimed'")
    await connection.execute("SELECT claim_workout($1, $2)", me, workout_id)
    await connection.execute("SELECT link_user_to_device($1, 'phone-1')", me)
    profile_id = await profile(connection, me)
    await connection.execute("SELECT auto_assign_workout_to_user($1, 0.9, $2)", audio, profile_id)
    team = {"team_name": "Lifters", "creator_user_id": me}
    team_id = await insert(connection, "teams", **team)
    await insert(connection, "team_memberships", team_id=team_id, user_id=me)
