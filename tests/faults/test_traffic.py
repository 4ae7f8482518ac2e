"""A deploy that needs a busy table: it loses every race against the users' traffic, and wins in the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from entrypoint.postgres.obstacles import TableBusy
from entrypoint.postgres.table_locks import LockMode, lock_tables
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.failing_starts import start
from tests.support.fair_clock import FairClock
from tests.support.process import Running, started_entrypoint
from tests.support.waiting import eventually

_LOCK_TIMEOUT_SECONDS = 0.5
_ENV = {"MORSE_LOCK_TIMEOUT_SECONDS": str(_LOCK_TIMEOUT_SECONDS)}
# What the apply itself may take here, and what a busy machine adds to a statement.
_APPLY_SECONDS = 0.5
_NAME = "night shift"
_WORDS = "what somebody wrote"
_WRITE = "UPDATE workouts SET notes = notes"
_READ = f"SELECT FROM workouts WHERE notes = '{_WORDS}'"


@pytest.fixture
async def incomplete_database(initialised_database: Database) -> Database:
    """Lend an initialised database that lost an index of `workouts`."""
    async with observing(initialised_database) as admin:
        await admin.execute("DROP INDEX idx_workouts_user_id")
    return initialised_database


@asynccontextmanager
async def _open_transaction(database: Database, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """Run `statements` in a transaction that stays open as long as the block, or until it is rolled back."""
    connection = await database.connect(server_settings={"application_name": _NAME})
    await connection.execute(f"BEGIN; {'; '.join(statements)}")
    yield connection
    await connection.close()


@asynccontextmanager
async def _writing(database: Database) -> AsyncIterator[list[float]]:
    """Write to `workouts` all the time during the block; yields the seconds that each write took.

    Writers that queued behind a deploy still hold the table when it asks who was in its way.
    """
    seconds: list[float] = []
    ended = asyncio.Event()

    async def write(connection: asyncpg.Connection) -> None:
        while not ended.is_set():
            clock = FairClock(database.server.pid())
            await connection.execute(f"BEGIN; {_WRITE}")
            seconds.append(clock.seconds)
            await asyncio.sleep(0.05)
            await connection.execute("COMMIT")

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(write(await database.connect()))
        yield seconds
        ended.set()


async def test_open_transaction(incomplete_database: Database) -> None:
    """While a transaction holds the table, writers wait for one lock_timeout at most; then the API starts.

    The session in the way is named, without its query, and nobody else is.
    """
    env = {"DATABASE_URL": incomplete_database.url, **_ENV}
    async with (
        _open_transaction(incomplete_database, _READ) as reader,
        _open_transaction(incomplete_database, _WRITE, _READ) as blocker,
        _writing(incomplete_database) as seconds,
        started_entrypoint("echo", "the API runs", env=env) as running,
    ):
        await eventually(lambda: _attempts(running) > 3, what="several attempts")
        assert running.process.returncode is None
        await blocker.execute("ROLLBACK")
        completed = await running.wait()
        assert reader.is_in_transaction()

    assert 0 == completed.exit_code, completed.stdout
    assert completed.stdout.endswith("the API runs\n")
    assert max(seconds) < _LOCK_TIMEOUT_SECONDS + _APPLY_SECONDS
    told = [event for event in completed.events if event["event"] == "table.busy"]
    for busy in told:  # Every few seconds: more than once only on a slow machine.
        assert ("warning", "workouts", "RowExclusiveLock") == (busy["level"], busy["table"], busy["mode"])
        holder = rf"pid {blocker.get_server_pid()} \({_NAME}\), idle in transaction for \d+ s"
        assert re.fullmatch(holder, busy["holder"])
    assert told
    assert _WORDS not in completed.stdout
    await assert_converged(incomplete_database, entries=2)


async def test_table_is_never_free(incomplete_database: Database) -> None:
    """A table that stays busy ends the start with exit code 7, no sooner than its budget."""
    before = await state_of(incomplete_database)
    async with _open_transaction(incomplete_database, _WRITE):
        completed = await start(incomplete_database.url, **_ENV)

    failed = completed.event("start.failed")
    assert (7, "table_busy") == (completed.exit_code, failed["reason"])
    assert "workouts" in failed["message"]
    assert completed.budget / 2 < failed["elapsed_seconds"] < completed.budget + 1 + completed.waited
    assert "transaction.retried" in completed.event_names
    await assert_untouched(incomplete_database, before)


async def test_several_tables(incomplete_database: Database) -> None:
    """All tables of a plan together are waited for no longer than one lock_timeout."""
    locks = [(table, LockMode.SHARE) for table in ("audio_files", "exercises", "workouts")]
    ours = await incomplete_database.connect()
    async with (
        _open_transaction(incomplete_database, "UPDATE exercises SET sets = sets") as first,
        _open_transaction(incomplete_database, _WRITE),
        ours.transaction(),
    ):
        clock = FairClock(incomplete_database.server.pid())
        waiting = asyncio.create_task(lock_tables(ours, locks, 2.0))
        await asyncio.sleep(1.2)
        await first.execute("ROLLBACK")
        with pytest.raises(TableBusy, match="workouts"):
            await waiting
        assert 2.6 > clock.seconds


def _attempts(running: Running) -> int:
    return sum(event["event"] == "lock.acquired" for event in running.events())
