"""One applier at a time: a transaction advisory lock, polled, whose holder is named."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import AsyncIterator

import structlog

from entrypoint.errors import DatabaseBusy
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.connection import Connection, ask, transaction
from entrypoint.postgres.queries import query

log = structlog.get_logger()

NAME = "morse-entrypoint"
# The first eight bytes of the name's SHA-256 as a signed integer; advisory locks are per database.
KEY = int.from_bytes(hashlib.sha256(NAME.encode()).digest()[:8], "big", signed=True)

_POLL_SECONDS = (0.05, 0.3)


class LockNotFree(Exception):
    """Another session holds the lock."""


@contextlib.asynccontextmanager
async def exclusive_transaction(
    connection: Connection, budget: Budget, *, waits: bool = True, dry_run: bool = False
) -> AsyncIterator[float]:
    """Run the block in a transaction that holds the lock; yields the seconds waited for it.

    Each poll is a transaction of its own: a waiter that sat in one would hold a snapshot, and every
    CREATE INDEX CONCURRENTLY on the server would wait for it. A `dry_run` ends with ROLLBACK. Raises
    DatabaseBusy at the end of the budget, or LockNotFree at once unless it `waits`.
    """
    started = time.monotonic()
    while True:
        async with transaction(connection, dry_run=dry_run):
            if await connection.fetchval(query("try_lock"), KEY):
                waited = time.monotonic() - started
                log.info("lock.acquired", lock=NAME, waited_seconds=round(waited, 3))
                yield waited
                return
        if not waits:
            raise LockNotFree
        await _wait_for_holder(connection, budget, started)


async def until_free(connection: Connection, budget: Budget) -> float:
    """Wait as long as another session holds the lock, and return for how many seconds.

    Raises DatabaseBusy at the end of the budget.
    """
    started = time.monotonic()
    held = True
    while held:
        await _wait_for_holder(connection, budget, started)
        held = bool(await _holder(connection))
    return time.monotonic() - started


async def _wait_for_holder(connection: Connection, budget: Budget, started: float) -> None:
    pause = random.uniform(*_POLL_SECONDS)  # noqa: S311 - jitter, not a secret
    last = budget.remaining <= pause
    if last or budget.due("lock"):
        holder = await _holder(connection)
        waited = round(time.monotonic() - started, 3)
        if last:
            raise DatabaseBusy(
                f"another session held the advisory lock for the whole budget: {holder or 'it just ended'}",
                remedy="wait for the other start, or end that session with pg_terminate_backend(pid)",
                waited_seconds=waited,
                holder=holder,
            )
        log.info("lock.awaited", lock=NAME, holder=holder, waited_seconds=waited)
    await asyncio.sleep(pause)


async def _holder(connection: Connection) -> str:
    rows = await ask(connection, query("lock_holder"), KEY)
    return "; ".join(
        describe_session(row["pid"], row["application"], row["state"], row["age_seconds"]) for row in rows
    )


def describe_session(pid: int, application: str, state: str, age_seconds: float | None) -> str:
    """Describe another session so that a person can find and end it; never by its query."""
    age = f" for {age_seconds:.0f} s" if age_seconds is not None else ""
    return f"pid {pid} ({application or 'no application_name'}), {state or 'unknown state'}{age}"
