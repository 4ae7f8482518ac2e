"""detect_session_candidates: purely by timestamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows

START = datetime(2024, 3, 10, 23, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
DETECT = "SELECT * FROM detect_session_candidates($1, $2, $3, $4)"


async def detect(
    connection: asyncpg.Connection, user: UUID, upload: datetime | None, timeout: int | None = 60
) -> list[tuple[Any, ...]]:
    """Return (session, gap) of every candidate."""
    return [tuple(row) for row in await connection.fetch(DETECT, user, uuid4(), upload, timeout)]


async def one_session(database: Database, **values: Any) -> tuple[asyncpg.Connection, UUID, UUID]:
    """Return a connection, a device and its session from START to END, other values as given."""
    connection = await database.connect()
    user = await rows.device(connection)
    times = {"session_start_time": START, "session_end_time": END}
    return connection, user, await rows.session(connection, user, **{**times, **values})


@pytest.mark.parametrize(("minutes", "gap"), [(0, "0"), (30, "0"), (31.5, "1.5"), (60, "30"), (90, "60")])
async def test_an_upload_inside_the_window_finds_the_session(
    database: Database, minutes: float, gap: str
) -> None:
    """From the start on until exactly the timeout after the end; the gap counts from the end."""
    connection, user, key = await one_session(database)
    upload = START + timedelta(minutes=minutes)
    assert [(key, Decimal(gap))] == await detect(connection, user, upload)


@pytest.mark.parametrize("seconds", [-0.001, 90 * 60 + 0.001])
async def test_an_upload_outside_the_window_finds_nothing(database: Database, seconds: float) -> None:
    """A millisecond before the start, or after the timeout, is outside."""
    connection, user, _ = await one_session(database)
    assert [] == await detect(connection, user, START + timedelta(seconds=seconds))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Adak"])
async def test_midnight_and_the_time_zone_decide_nothing(database: Database, zone: str) -> None:
    """The session goes on after midnight, wherever the connection says it is."""
    connection, user, key = await one_session(database)
    await connection.execute(f"SET TimeZone = '{zone}'")
    upload = END + timedelta(minutes=45)
    assert upload.date() > END.date()
    assert [(key, Decimal(45))] == await detect(connection, user, upload)


@pytest.mark.parametrize("values", [{"session_end_time": None}, {"session_status": "completed"}])
async def test_a_session_without_end_or_completed_takes_nothing(
    database: Database, values: dict[str, Any]
) -> None:
    """Only pending and processing sessions that have an end are candidates."""
    connection, user, _ = await one_session(database, **values)
    assert [] == await detect(connection, user, END)


@pytest.mark.parametrize("status", ["pending", "processing"])
async def test_a_session_without_start_counts_from_its_end(database: Database, status: str) -> None:
    """An unknown start lies at the end at the latest, so only later uploads are sure to follow."""
    values = {"session_start_time": None, "session_status": status}
    connection, user, key = await one_session(database, **values)
    assert [] == await detect(connection, user, END - timedelta(seconds=1))
    assert [(key, Decimal(1))] == await detect(connection, user, END + timedelta(minutes=1))


@pytest.mark.parametrize("timeout", [None, -1])
async def test_no_timeout_finds_nothing(database: Database, timeout: int | None) -> None:
    """NULL, and a negative timeout, find nothing even inside the session."""
    connection, user, _ = await one_session(database)
    assert [] == await detect(connection, user, START, timeout)


@pytest.mark.parametrize("upload", [None, datetime.max.replace(tzinfo=UTC)])
async def test_an_upload_without_a_time_finds_nothing(database: Database, upload: datetime | None) -> None:
    """NULL and infinity are no time of an upload; the driver sends its largest one as infinity."""
    connection, user, _ = await one_session(database, session_end_time=END)
    assert [] == await detect(connection, user, upload)


async def test_the_session_that_ended_last_is_chosen(database: Database) -> None:
    """Of several candidates one is returned, and other devices have none."""
    connection, user, _ = await one_session(database)
    later = {"session_start_time": START, "session_end_time": END + timedelta(minutes=5)}
    key = await rows.session(connection, user, **later)
    await rows.session(connection, await rows.device(connection), **later)
    assert [(key, Decimal(5))] == await detect(connection, user, END + timedelta(minutes=10))


async def test_the_timeout_is_an_hour_unless_given(database: Database) -> None:
    """p_timeout_minutes defaults to 60."""
    connection, user, key = await one_session(database)
    short = "SELECT candidate_session_id FROM detect_session_candidates($1, $2, $3)"
    assert key == await connection.fetchval(short, user, uuid4(), END + timedelta(hours=1))
    assert await connection.fetchval(short, user, uuid4(), END + timedelta(minutes=61)) is None
