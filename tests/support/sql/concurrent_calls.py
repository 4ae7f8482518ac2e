"""Two callers at once, in an order that locks decide and not luck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from tests.support.database import Database
from tests.support.waiting import PATIENCE_SECONDS, eventually


@dataclass(slots=True)
class ConcurrentCalls:
    """The first caller's connection, in an open transaction, and what the second one got."""

    first: asyncpg.Connection
    outcome: Any = None


@asynccontextmanager
async def second_waits(
    database: Database, statement: str, *args: Any, end: Literal["commit", "rollback"] = "commit"
) -> AsyncIterator[ConcurrentCalls]:
    """Let the body act first, prove that `statement` waits for it, end the body's transaction.

    `outcome` is then the value of the statement, or its PostgresError.
    """
    calls = ConcurrentCalls(first=await database.connect())
    second, observer = await database.connect(), await database.connect()
    await calls.first.execute("BEGIN")
    yield calls
    running = asyncio.create_task(second.fetchval(statement, *args))
    await eventually(
        lambda: observer.fetchval(
            "SELECT $1 = ANY (pg_blocking_pids($2))",
            calls.first.get_server_pid(),
            second.get_server_pid(),
        ),
        what="the second caller waits for the first",
    )
    await calls.first.execute(end)
    try:
        calls.outcome = await asyncio.wait_for(running, timeout=PATIENCE_SECONDS)
    except asyncpg.PostgresError as error:
        calls.outcome = error
