"""A start with nothing to do: it looks, says what it saw, locks nothing, writes nothing, waits for nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import pytest

from entrypoint.postgres.advisory_lock import KEY
from tests.support.cluster import OWNER
from tests.support.database import Database, borrowed
from tests.support.database_state import observing
from tests.support.deploys import deploy
from tests.support.output import Completed
from tests.support.proxy import Message, proxied
from tests.support.servers import ServerFactory

# All but `teams`, which somebody else locks altogether.
_WRITTEN = """
SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'teams'
"""
_OURS = "application_name LIKE 'morse-entrypoint%' AND datname = current_database()"
_HELD = f"""
SELECT DISTINCT c.relname::text AS relation, l.mode
FROM pg_locks AS l JOIN pg_class AS c ON l.relation = c.oid JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE c.relnamespace::regnamespace::text IN ('public', 'entrypoint') AND c.relkind = 'r' AND {_OURS}
"""
_WROTE = f"""
SELECT count(*) FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid
WHERE (a.backend_xid IS NOT NULL OR l.locktype IN ('transactionid', 'advisory')) AND {_OURS}
"""
_NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_MAINTENANCE = ("VACUUM FULL", "ANALYZE", "CLUSTER users USING users_pkey", "REINDEX SCHEMA public")
# ReadyForQuery, which the server sends when it waits for a statement.
_READY = "Z"
# The server's identity, and the ledger with the fingerprint: BEGIN, Parse, Execute and COMMIT for each.
_TURNS = 8
# Only an index that was built while someone could still see an older version of a row carries this mark.
_BROKEN_CHAIN = "SELECT indcheckxmin FROM pg_index WHERE indexrelid = 'idx_notes'::regclass"


async def test_beside_everything(initialised_database: Database) -> None:
    """A quiet start waits neither for writers, nor for an ALTER TABLE, nor for another starter's lock."""
    async with AsyncExitStack() as stack:
        writer, alterer, starter = [
            await stack.enter_async_context(observing(initialised_database)) for _ in range(3)
        ]
        for session in (writer, alterer, starter):
            await stack.enter_async_context(session.transaction())
        await writer.execute(f"LOCK TABLE {await writer.fetchval(_WRITTEN)} IN ROW EXCLUSIVE MODE")
        await alterer.execute("LOCK TABLE teams IN ACCESS EXCLUSIVE MODE")
        await starter.execute("SELECT pg_advisory_xact_lock($1)", KEY)
        completed = await deploy(initialised_database)

    _assert_quiet(completed)
    assert 1.5 > completed.event("start.finished")["seconds"]


async def test_locks_and_writes_nothing(initialised_database: Database) -> None:
    """Until its last COMMIT a quiet start has no transaction id, and reads without a lock on our tables."""
    server = initialised_database.server
    locks: list[tuple[str, str]] = []
    wrote: list[int] = []
    async with observing(initialised_database) as observer, proxied(server.host, server.port) as proxy:
        proxy.inspect = _before_each_commit(observer, locks, wrote)
        following = await observer.fetchval(_NEXT_TRANSACTION)
        completed = await deploy(initialised_database, DATABASE_URL=proxy.url(initialised_database.url))
        assert following == await observer.fetchval(_NEXT_TRANSACTION)

    _assert_quiet(completed)
    tables = ("history", "migrations", "stamp")
    assert [(table, "AccessShareLock") for table in tables] == sorted(locks)
    assert [0, 0] == wrote


async def test_round_trips(initialised_database: Database) -> None:
    """A quiet start asks two questions, each in a transaction: eight round trips after the login."""
    server = initialised_database.server
    at_login: list[int] = []
    async with proxied(server.host, server.port) as proxy:

        async def inspect(message: Message) -> None:
            if message.side == "server" and message.kind == _READY and not at_login:
                at_login.append(proxy.round_trips)

        proxy.inspect = inspect
        completed = await deploy(initialised_database, DATABASE_URL=proxy.url(initialised_database.url))
        turns = proxy.round_trips - at_login[0]

    _assert_quiet(completed)
    assert turns <= _TURNS


def _before_each_commit(
    observer: asyncpg.Connection, locks: list[tuple[str, str]], wrote: list[int]
) -> Callable[[Message], Awaitable[None]]:
    """Note what the start holds at the end of each of its transactions."""

    async def inspect(message: Message) -> None:
        if message.side == "client" and message.body == b"COMMIT\0":
            locks.extend(tuple(row) for row in await observer.fetch(_HELD))
            wrote.append(await observer.fetchval(_WROTE))

    return inspect


async def test_counts_are_those_of_the_catalog(initialised_database: Database) -> None:
    """A quiet start tells for every category what a full comparison with the live catalog would count."""
    quiet = await deploy(initialised_database)
    compared = await deploy(initialised_database, None, "verify")

    _assert_quiet(quiet)
    assert _counted(compared) == _counted(quiet)
    assert compared.event("verification.passed")["objects"] == quiet.event("verification.passed")["objects"]


@pytest.mark.representative("VACUUM FULL")
@pytest.mark.parametrize("statement", _MAINTENANCE)
async def test_maintenance(initialised_database: Database, statement: str) -> None:
    """Maintenance, which changes no definition, leaves the next start quiet."""
    async with observing(initialised_database) as admin:
        await admin.execute(statement)

    _assert_quiet(await deploy(initialised_database))


async def test_maintenance_clears_the_mark_of_a_broken_chain(initialised_database: Database) -> None:
    """An index that REINDEX frees of the mark of its birth under traffic is still the same index."""
    async with observing(initialised_database) as owner, observing(initialised_database) as reader:
        await owner.execute("CREATE TABLE notes (id int, body text); INSERT INTO notes VALUES (1, 'a')")
        async with reader.transaction(isolation="repeatable_read"):
            await reader.execute("SELECT FROM notes")
            await owner.execute("UPDATE notes SET body = 'b'")
            await owner.execute("CREATE INDEX idx_notes ON notes (body)")
        await deploy(initialised_database)
        assert await owner.fetchval(_BROKEN_CHAIN)
        await owner.execute("REINDEX INDEX idx_notes")
        assert not await owner.fetchval(_BROKEN_CHAIN)

    _assert_quiet(await deploy(initialised_database))


async def test_read_only(initialised_database: Database) -> None:
    """Where no transaction may write, a quiet start does not mind."""
    async with observing(initialised_database) as admin:
        await admin.execute(
            f'ALTER ROLE {OWNER} IN DATABASE "{initialised_database.name}" '
            "SET default_transaction_read_only = on"
        )

    _assert_quiet(await deploy(initialised_database))


async def test_standby(private_server: ServerFactory) -> None:
    """On a standby, which refuses every write, a quiet start is as quiet as on its primary."""
    server = await private_server()
    async with borrowed(server, "standby") as database:
        await deploy(database)
        standby = Database(server.standby(), database.name)

        _assert_quiet(await deploy(standby))


def _assert_quiet(completed: Completed) -> None:
    """Fail unless the start ended well and neither took the advisory lock nor built or wrote anything."""
    assert 0 == completed.exit_code, completed.stdout
    assert "schema.unchanged" in completed.event_names
    assert ["files", "connect"] == [
        event["phase"] for event in completed.events if event["event"] == "phase.finished"
    ]
    assert not {"lock.awaited", "lock.acquired", "ledger.recorded"} & set(completed.event_names)


def _counted(completed: Completed) -> dict[str, tuple[int, int, int]]:
    return {
        event["category"]: (event["expected"], event["matched"], event["extra"])
        for event in completed.events
        if event["event"] == "verification.counted"
    }
