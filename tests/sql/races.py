"""Two callers at once, in an order that locks decide and not luck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from tests.support.database import Database
from tests.support.waiting import eventually


@dataclass(slots=True)
class Race:
    """The first caller's connection, in an open transaction, and what the second one got."""

    first: asyncpg.Connection
    outcome: Any = None


@asynccontextmanager
async def second_waits(
    database: Database, statement: str, *args: Any, end: Literal["commit", "rollback"] = "commit"
) -> AsyncIterator[Race]:
    """Let the body act first, prove that `statement` waits for it, end the body's transaction.

    `outcome` is then the value of the statement, or its PostgresError.
    """
    race = Race(first=await database.connect())
    second, observer = await database.connect(), await database.connect()
    await race.first.execute("BEGIN")
    yield race
    running = asyncio.create_task(second.fetchval(statement, *args))
    await eventually(
        lambda: observer.fetchval(
            "SELECT $1 = ANY (pg_blocking_pids($2))",
            race.first.get_server_pid(),
            second.get_server_pid(),
        ),
        what="the second caller waits for the first",
    )
    await race.first.execute(end)
    try:
        race.outcome = await asyncio.wait_for(running, timeout=10)
    except asyncpg.PostgresError as error:
        race.outcome = error
