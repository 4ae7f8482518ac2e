"""add_audio_to_session and create_new_session: what is refused, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.concurrent_calls import second_waits
from tests.support.sql.refusals import BAD_VALUE, NULL_GIVEN, UNKNOWN_ID, refused

START = datetime(2024, 3, 10, 12, 0, tzinfo=UTC)
INFINITY = datetime.max.replace(tzinfo=UTC)
ADD = "SELECT add_audio_to_session($1, $2, $3)"
CREATE = "SELECT create_new_session($1, $2, $3)"
LONGEST = timedelta(minutes=999_999.99)


async def scene(database: Database) -> tuple[asyncpg.Connection, UUID, UUID, UUID]:
    """Return a connection, a device, its session with one recording at START, and a new one."""
    connection = await database.connect()
    user = await rows.device(connection)
    first, audio = [await rows.recording(connection, user) for _ in range(2)]
    return connection, user, await connection.fetchval(CREATE, user, first, START), audio


async def contents(connection: asyncpg.Connection) -> Sequence[Any]:
    """Return every session with every recording it has."""
    found: Sequence[Any] = await connection.fetch(
        """
        SELECT ws.*, saf.recording_order, saf.time_offset_minutes
        FROM workout_sessions AS ws JOIN session_audio_files AS saf ON ws.id = saf.session_id
        """
    )
    return found


@pytest.mark.parametrize("statement", [ADD, CREATE])
@pytest.mark.parametrize("null", range(3))
async def test_null_is_refused(database: Database, statement: str, null: int) -> None:
    """None of the three arguments may be NULL."""
    connection = await database.connect()
    given: list[Any] = [uuid4(), uuid4(), START]
    given[null] = None
    with refused(NULL_GIVEN, "upload time"):
        await connection.execute(statement, *given)


@pytest.mark.parametrize("statement", [ADD, CREATE])
async def test_infinity_is_refused(database: Database, statement: str) -> None:
    """The driver sends its largest time as infinity, which is no time of an upload."""
    connection = await database.connect()
    with refused("22008", "infinite"):
        await connection.execute(statement, uuid4(), uuid4(), INFINITY)


async def test_unknown_ids_are_named(database: Database) -> None:
    """Unknown sessions, recordings and devices are told apart."""
    connection, user, session, audio = await scene(database)
    with refused(UNKNOWN_ID, "Session not found"):
        await connection.execute(ADD, uuid4(), audio, START)
    with refused(UNKNOWN_ID, "Audio file not found"):
        await connection.execute(ADD, session, uuid4(), START)
    with refused(UNKNOWN_ID, "User not found"):
        await connection.execute(CREATE, uuid4(), audio, START)
    with refused(UNKNOWN_ID, "Audio file not found"):
        await connection.execute(CREATE, user, uuid4(), START)


async def test_the_recording_of_another_device_is_refused(database: Database) -> None:
    """A session holds recordings of its own device only."""
    connection, user, session, _ = await scene(database)
    foreign = await rows.recording(connection, await rows.device(connection))
    before = await contents(connection)
    with refused(BAD_VALUE, "another user"):
        await connection.execute(ADD, session, foreign, START)
    with refused(BAD_VALUE, "another user"):
        await connection.execute(CREATE, user, foreign, START)
    assert before == await contents(connection)


@pytest.mark.parametrize("direction", [1, -1])
async def test_an_offset_must_fit_its_column(database: Database, direction: int) -> None:
    """999999.99 minutes fit, before and after; what rounds to more is refused and changes nothing."""
    connection, _, session, audio = await scene(database)
    before = await contents(connection)
    farther = LONGEST + timedelta(minutes=0.006)
    with refused("22003", "too far"):
        await connection.execute(ADD, session, audio, START + direction * farther)
    assert before == await contents(connection)
    await connection.execute(ADD, session, audio, START + direction * LONGEST)
    assert 2 == len(await contents(connection))


async def test_shifted_offsets_must_fit_too(database: Database) -> None:
    """Moving the start back is refused when it pushes a later recording out of range."""
    connection, user, session, audio = await scene(database)
    await connection.execute(ADD, session, audio, START + LONGEST)
    with refused("22003", "too far"):
        earlier = await rows.recording(connection, user)
        await connection.execute(ADD, session, earlier, START - timedelta(minutes=1))


async def test_a_session_deleted_meanwhile_is_not_found(database: Database) -> None:
    """A call that waited for the deletion of its session reports the missing session."""
    _, _, session, audio = await scene(database)
    async with second_waits(database, ADD, session, audio, START) as calls:
        await calls.first.execute("DELETE FROM workout_sessions")
    assert "Session not found" == calls.outcome.message


@pytest.mark.parametrize("function", ["add", "create"])
async def test_a_recording_deleted_meanwhile_is_not_found(database: Database, function: str) -> None:
    """A call that waited for the deletion of its recording reports the missing recording."""
    _, user, session, audio = await scene(database)
    statement, key = {"add": (ADD, session), "create": (CREATE, user)}[function]
    async with second_waits(database, statement, key, audio, START) as calls:
        await calls.first.execute("DELETE FROM audio_files WHERE id = $1", audio)
    assert "Audio file not found" == calls.outcome.message


async def test_a_device_deleted_meanwhile_is_not_found(database: Database) -> None:
    """A call that waited for the deletion of its device reports the missing device."""
    _, user, _, audio = await scene(database)
    async with second_waits(database, CREATE, user, audio, START) as calls:
        await calls.first.execute("DELETE FROM users")
    assert "User not found" == calls.outcome.message
