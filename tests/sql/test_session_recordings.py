"""add_audio_to_session and create_new_session: what is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.concurrent_calls import second_waits

START = datetime(2024, 3, 10, 12, 0, tzinfo=UTC)
ADD = "SELECT add_audio_to_session($1, $2, $3)"
CREATE = "SELECT create_new_session($1, $2, $3)"


def at(minutes: float) -> datetime:
    """Return the time so many minutes after START."""
    return START + timedelta(minutes=minutes)


@dataclass(slots=True)
class Scene:
    """A device and its session, which was created at START with one recording."""

    connection: asyncpg.Connection
    device: UUID
    first: UUID
    session: UUID

    async def add(self, minutes: float) -> UUID:
        """Add a new recording that was uploaded so many minutes after START."""
        audio = await rows.recording(self.connection, self.device)
        await self.connection.execute(ADD, self.session, audio, at(minutes))
        return audio

    async def totals(self) -> tuple[Any, ...]:
        """Return recordings, start and end in minutes after START, and duration."""
        row = await self.connection.fetchrow("SELECT * FROM workout_sessions WHERE id = $1", self.session)
        times = (row["session_start_time"], row["session_end_time"])
        minutes = [(time - START) / timedelta(minutes=1) for time in times]
        return row["total_recordings"], *minutes, row["session_duration_minutes"]

    async def recordings(self) -> list[tuple[int, Decimal | None]]:
        """Return (order, offset) of every recording of every session, in order."""
        found = await self.connection.fetch(
            "SELECT recording_order, time_offset_minutes FROM session_audio_files ORDER BY 1"
        )
        return [tuple(row) for row in found]


@pytest.fixture
async def scene(database: Database) -> Scene:
    """Lay the scene in a fresh database."""
    connection = await database.connect()
    device = await rows.device(connection)
    first = await rows.recording(connection, device)
    session = await connection.fetchval(CREATE, device, first, START)
    return Scene(connection=connection, device=device, first=first, session=session)


async def test_a_session_starts_with_its_recording(scene: Scene) -> None:
    """A new session has the upload as date, start and end, and leaves audio_files to the API."""
    assert (1, 0, 0, 0) == await scene.totals()
    assert [(1, Decimal(0))] == await scene.recordings()
    row = await scene.connection.fetchrow("SELECT * FROM workout_sessions")
    assert (scene.device, START.date(), "pending", "unclaimed") == (
        row["user_id"],
        row["session_date"],
        row["session_status"],
        row["claim_status"],
    )
    assert await scene.connection.fetchval("SELECT session_id FROM audio_files") is None


async def test_the_session_of_a_recording_is_found_again(scene: Scene) -> None:
    """Creating a session for a recording that has one returns that and changes nothing."""
    again = await scene.connection.fetchval(CREATE, scene.device, scene.first, at(5))
    assert scene.session == again
    assert (1, 0, 0, 0) == await scene.totals()


async def test_recordings_are_appended(scene: Scene) -> None:
    """Each recording gets the next order and its minutes since the start; the end moves on."""
    await scene.add(10.5)
    await scene.add(5)
    assert [(1, 0), (2, Decimal("10.5")), (3, 5)] == await scene.recordings()
    assert (3, 0, 10.5, 11) == await scene.totals()


async def test_adding_a_recording_twice_changes_nothing(scene: Scene) -> None:
    """The second call for a recording leaves every column as it was, whatever its timestamp."""
    audio = await scene.add(10)
    query = "SELECT session_start_time, session_end_time, updated_at FROM workout_sessions"
    before = await scene.connection.fetchrow(query)
    for minutes in (10, -10, 10_000_000):
        await scene.connection.execute(ADD, scene.session, audio, at(minutes))
    assert before == await scene.connection.fetchrow(query)
    assert [(1, 0), (2, 10)] == await scene.recordings()


async def test_an_earlier_upload_moves_the_start_back(scene: Scene) -> None:
    """Offsets are counted from the new start, so that none becomes negative."""
    await scene.add(10)
    await scene.add(-2.5)
    assert [(1, Decimal("2.5")), (2, Decimal("12.5")), (3, 0)] == await scene.recordings()
    assert (3, -2.5, 10, 13) == await scene.totals()


async def test_a_session_without_times_gets_them(scene: Scene) -> None:
    """A session whose times are unknown takes them from the upload; unknown offsets stay so."""
    await scene.connection.execute(
        "UPDATE workout_sessions SET session_start_time = NULL, session_end_time = NULL"
    )
    await scene.connection.execute("UPDATE session_audio_files SET time_offset_minutes = NULL")
    await scene.add(7)
    assert (2, 7, 7, 0) == await scene.totals()
    assert [(1, None), (2, 0)] == await scene.recordings()


async def test_a_session_without_end_ends_after_its_start(scene: Scene) -> None:
    """An upload before the start leaves an unknown end at the old start, not at the upload."""
    await scene.connection.execute("UPDATE workout_sessions SET session_end_time = NULL")
    await scene.add(-5)
    assert (2, -5, 0, 5) == await scene.totals()


async def test_orders_go_on_after_a_deletion(scene: Scene) -> None:
    """A deleted recording leaves a gap, the total follows, and the next order is not reused."""
    middle = await scene.add(1)
    await scene.add(2)
    await scene.connection.execute("DELETE FROM audio_files WHERE id = $1", middle)
    assert 2 == (await scene.totals())[0]
    await scene.add(3)
    assert [1, 3, 4] == [order for order, _ in await scene.recordings()]
    assert 3 == (await scene.totals())[0]


async def test_a_wrong_total_is_put_right(scene: Scene) -> None:
    """The total is counted, not incremented."""
    await scene.connection.execute("UPDATE workout_sessions SET total_recordings = 7")
    await scene.add(1)
    assert 2 == (await scene.totals())[0]


async def test_concurrent_recordings_get_consecutive_orders(scene: Scene, database: Database) -> None:
    """The second of two concurrent calls waits, and counts on from the first."""
    one, two = [await rows.recording(scene.connection, scene.device) for _ in range(2)]
    async with second_waits(database, ADD, scene.session, two, at(2)) as calls:
        await calls.first.execute(ADD, scene.session, one, at(1))
    assert [(1, 0), (2, 1), (3, 2)] == await scene.recordings()
    assert (3, 0, 2, 2) == await scene.totals()


async def test_one_recording_added_twice_at_once_is_added_once(scene: Scene, database: Database) -> None:
    """The second of two concurrent calls for one recording finds it there."""
    audio = await rows.recording(scene.connection, scene.device)
    async with second_waits(database, ADD, scene.session, audio, at(1)) as calls:
        await calls.first.execute(ADD, scene.session, audio, at(1))
    assert not isinstance(calls.outcome, Exception)
    assert (2, 0, 1, 1) == await scene.totals()


async def test_two_sessions_created_at_once_are_one(scene: Scene, database: Database) -> None:
    """The second of two concurrent calls for one recording returns the first one's session."""
    audio = await rows.recording(scene.connection, scene.device)
    async with second_waits(database, CREATE, scene.device, audio, at(1)) as calls:
        key = await calls.first.fetchval(CREATE, scene.device, audio, at(1))
    assert key == calls.outcome


async def test_a_session_is_not_created_for_a_recording_being_added(scene: Scene, database: Database) -> None:
    """create_new_session waits for add_audio_to_session and returns the session of that."""
    audio = await rows.recording(scene.connection, scene.device)
    async with second_waits(database, CREATE, scene.device, audio, at(1)) as calls:
        await calls.first.execute(ADD, scene.session, audio, at(1))
    assert scene.session == calls.outcome
