"""The advisory lock: where its key comes from, how it is waited for, and who is named meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from entrypoint.errors import DatabaseBusy, ExitCode
from entrypoint.postgres.advisory_lock import KEY, LockNotFree, exclusive_transaction
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.connection import Connection, release_snapshot, set_local, transaction
from tests.support.database import Database
from tests.support.database_state import assert_nothing_left, assert_untouched, state_of
from tests.support.fair_clock import FairClock
from tests.support.process import started_entrypoint
from tests.support.waiting import PATIENCE_SECONDS

_HOLDER = "night shift"


@asynccontextmanager
async def _held(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Hold the lock in an open transaction, under a name of its own."""
    connection = await database.connect(server_settings={"application_name": _HOLDER})
    async with transaction(connection):
        await connection.execute("SELECT pg_advisory_xact_lock($1)", KEY)
        await release_snapshot(connection)
        yield connection


def test_key_is_derived_from_the_name() -> None:
    """The key is the first eight bytes of the name's SHA-256, as a signed integer."""
    digest = hashlib.sha256(b"morse-entrypoint").hexdigest()

    assert int(digest[:16], 16) == KEY % 2**64
    assert -(2**63) <= KEY < 2**63


async def test_lock_ends_with_its_transaction(empty_database: Database) -> None:
    """The lock is held inside the block only, and by one session at a time."""
    first, second = await empty_database.connect(), await empty_database.connect()
    budget = Budget(10, grace=False)
    async with exclusive_transaction(first, budget):
        assert not await _try(second)

    async with transaction(second):
        assert await _try(second)
    with pytest.raises(ZeroDivisionError):
        async with exclusive_transaction(first, budget):
            raise ZeroDivisionError
    async with exclusive_transaction(second, budget) as waited:
        assert 0 <= waited < 1


async def test_waiter_goes_on_as_soon_as_the_holder_ends(empty_database: Database) -> None:
    """A waiter gets the lock within a poll, and learns how long it waited."""
    waiter = await empty_database.connect()

    async def wait() -> float:
        async with exclusive_transaction(waiter, Budget(10, grace=False)) as waited:
            return waited

    async with _held(empty_database):
        task = asyncio.create_task(wait())
        await asyncio.wait([task], timeout=1)
        assert not task.done()
        clock = FairClock(empty_database.server.pid())
    waited = await task

    assert 2 > clock.seconds
    assert 1 <= waited


async def test_waiter_is_in_no_transaction(empty_database: Database) -> None:
    """A start that waits for the lock holds up nobody: CREATE INDEX CONCURRENTLY ends meanwhile."""
    builder = await empty_database.connect()
    await builder.execute("CREATE TABLE public.notes (body text)")
    url = {"DATABASE_URL": empty_database.url}
    async with _held(empty_database), started_entrypoint("--init-only", env=url) as running:
        await running.wait_for_event("lock.awaited")
        for number in range(3):
            await builder.execute(
                f"CREATE INDEX CONCURRENTLY idx_{number} ON notes (body)", timeout=PATIENCE_SECONDS
            )


async def test_work_that_was_done_meanwhile(initialised_database: Database) -> None:
    """A start that waits for the lock and then finds nothing left to do goes on without it."""
    owner = await initialised_database.connect()
    await owner.execute("UPDATE entrypoint.history SET fingerprint = 'not ' || fingerprint")
    url = {"DATABASE_URL": initialised_database.url}
    async with AsyncExitStack() as stack:
        async with _held(initialised_database):
            running = await stack.enter_async_context(started_entrypoint("--init-only", env=url))
            await running.wait_for_event("lock.awaited")
            await owner.execute("UPDATE entrypoint.history SET fingerprint = substr(fingerprint, 5)")
        completed = await running.wait()

    assert ExitCode.OK == completed.exit_code
    assert "schema.unchanged" in completed.event_names
    assert "lock.acquired" not in completed.event_names


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_isolation_level_is_our_own(empty_database: Database, level: str) -> None:
    """Under a stricter default a start that got the lock might not see what its holder committed."""
    settings = {"default_transaction_isolation": level}
    connection = await empty_database.connect(server_settings=settings)
    async with exclusive_transaction(connection, Budget(10, grace=False)):
        assert "read committed" == await connection.fetchval("SHOW transaction_isolation")


async def test_holder_can_give_up_its_snapshot(empty_database: Database) -> None:
    """A session that only holds the lock is in nobody's way either, once it gave up its snapshot."""
    holder = await empty_database.connect(statement_cache_size=0)
    builder = await empty_database.connect()
    await builder.execute("CREATE TABLE public.notes (body text)")
    async with exclusive_transaction(holder, Budget(10, grace=False)):
        await set_local(holder, {"idle_in_transaction_session_timeout": "0"})
        await release_snapshot(holder)
        await builder.execute("CREATE INDEX CONCURRENTLY idx_notes ON notes (body)", timeout=PATIENCE_SECONDS)


async def test_holder_is_named_until_the_budget_ends(empty_database: Database) -> None:
    """Who holds the lock is told while a start waits and when it gives up, with exit code 7."""
    before = await state_of(empty_database)
    env = {"DATABASE_URL": empty_database.url, "MORSE_START_BUDGET_SECONDS": "2"}
    async with _held(empty_database) as holder:
        async with started_entrypoint("--init-only", env=env) as running:
            completed = await running.wait()
        session = f"pid {holder.get_server_pid()} ({_HOLDER}), idle in transaction for "

    failed = completed.event("start.failed")
    assert (ExitCode.BUSY, ExitCode.BUSY) == (completed.exit_code, failed["exit_code"])
    assert completed.event("lock.awaited")["holder"].startswith(session)
    assert failed["holder"].startswith(session)
    assert session in failed["message"]
    assert 1 < failed["waited_seconds"] < 2.5 + completed.waited
    assert 5 > completed.seconds
    await assert_untouched(empty_database, before)


async def test_query_of_the_holder_is_not_told(empty_database: Database) -> None:
    """The holder's statement, which may contain what people wrote, stays out of the log."""
    async with _held(empty_database) as holder:
        await holder.execute("SELECT 'a private word'")
        waiter = await empty_database.connect()
        with pytest.raises(DatabaseBusy) as caught:
            async with exclusive_transaction(waiter, Budget(0.1, grace=False)):
                pass

    assert "private" not in str(caught.value) + str(caught.value.facts)
    await assert_nothing_left(empty_database)


@pytest.mark.parametrize("waits", [True, False])
async def test_an_error_of_the_block_is_no_lost_poll(empty_database: Database, waits: bool) -> None:
    """Who holds the lock gets out what its block raises, also when that is about another lock."""
    connection = await empty_database.connect()
    entered = 0

    async def hold() -> None:
        nonlocal entered
        async with exclusive_transaction(connection, Budget(10, grace=False), waits=waits):
            entered += 1
            await connection.execute("CREATE TABLE public.notes (body text)")
            raise LockNotFree("of the block")

    with pytest.raises(LockNotFree, match="of the block"):
        await hold()

    assert 1 == entered
    assert await connection.fetchval("SELECT to_regclass('public.notes') IS NULL")


async def _try(connection: Connection) -> bool:
    obtained: bool = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", KEY)
    return obtained
