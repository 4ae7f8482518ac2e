"""The proxy and the fakes do to a connection what their names say."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support import fake_servers
from tests.support.cluster import Server
from tests.support.database import Database
from tests.support.proxy import Proxy, proxied
from tests.support.waiting import PATIENCE_SECONDS


async def _connect(proxy: Proxy, database: Database) -> asyncpg.Connection:
    return await asyncpg.connect(proxy.url(database.url), timeout=PATIENCE_SECONDS, statement_cache_size=0)


async def test_passes_traffic_and_counts_it(empty_database: Database) -> None:
    """A proxy that is told nothing changes nothing, and counts messages and round trips."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        before = (proxy.messages["client"], proxy.round_trips)
        await connection.execute("SELECT 1")

        assert (before[0] + 1, before[1] + 1) == (proxy.messages["client"], proxy.round_trips)
        await connection.close()


async def test_cuts_once_after_a_message(empty_database: Database) -> None:
    """The connection breaks after the given message; the next one passes."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        proxy.cut_after("client", 3)
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await _connect(proxy, empty_database)
        connection = await _connect(proxy, empty_database)

        assert 2 == proxy.connections
        await connection.close()


async def test_lost_commit_reply_is_committed(empty_database: Database) -> None:
    """Cutting the reply to COMMIT leaves the client without an answer and the server with it."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        proxy.cut_reply("COMMIT")
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await connection.execute("BEGIN; CREATE TABLE t (); COMMIT")

    assert 0 == await (await empty_database.connect()).fetchval("SELECT count(*) FROM t")


async def test_cut_statement_never_arrives(empty_database: Database) -> None:
    """Cutting before a client's message leaves the server without it."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        proxy.cut_statement("CREATE TABLE")
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await connection.execute("CREATE TABLE t ()")

    assert None is await (await empty_database.connect()).fetchval("SELECT to_regclass('t')")


async def test_freeze_holds_traffic_back(empty_database: Database) -> None:
    """A frozen proxy answers nobody; thawed, it passes on what was held back."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        proxy.freeze()
        answer = asyncio.create_task(connection.fetchval("SELECT 1"))
        with pytest.raises(TimeoutError):
            await asyncpg.connect(proxy.url(empty_database.url), timeout=0.3)
        assert not answer.done()
        proxy.thaw()

        assert 1 == await answer
        await connection.close()


async def test_refuse_and_accept(empty_database: Database) -> None:
    """A refusing proxy breaks open connections and is back on the same port afterwards."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        await proxy.refuse()
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT 1")
        with pytest.raises(ConnectionRefusedError):
            await _connect(proxy, empty_database)
        await proxy.accept()
        again = await _connect(proxy, empty_database)

        assert 1 == await again.fetchval("SELECT 1")
        await again.close()


async def test_dropped_replies(empty_database: Database) -> None:
    """Dropped replies leave the client waiting although the server did the work."""
    server = empty_database.server
    async with proxied(server.host, server.port) as proxy:
        connection = await _connect(proxy, empty_database)
        proxy.drop_replies = True
        with pytest.raises(TimeoutError):
            await connection.execute("CREATE TABLE t ()", timeout=0.5)
        connection.terminate()

    assert "t" == await (await empty_database.connect()).fetchval("SELECT 't'::regclass::text")


async def test_starting_up_then_ready(server: Server, empty_database: Database) -> None:
    """The fake refuses the given number of logins with 57P03 and then is the real server."""
    async with fake_servers.starting_up(2, server.host, server.port) as port:
        url = empty_database.url.replace(f":{server.port}/", f":{port}/")
        for _ in range(2):
            with pytest.raises(asyncpg.CannotConnectNowError):
                await asyncpg.connect(url, timeout=PATIENCE_SECONDS)
        connection = await asyncpg.connect(url, timeout=PATIENCE_SECONDS)

        assert 1 == await connection.fetchval("SELECT 1")
        await connection.close()


@pytest.mark.parametrize(
    ("fake", "error"),
    [(fake_servers.silent, TimeoutError), (fake_servers.closing, OSError), (fake_servers.http, OSError)],
)
async def test_fakes_are_no_database(fake: fake_servers.Fake, error: type[Exception]) -> None:
    """A server that is silent, closes at once or speaks HTTP is not taken for PostgreSQL."""
    async with fake() as port:
        with pytest.raises((error, asyncpg.PostgresError)):
            await asyncpg.connect(f"postgresql://u:p@127.0.0.1:{port}/d", timeout=0.5)
