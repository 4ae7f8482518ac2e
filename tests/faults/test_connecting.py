"""Addresses at which no database answers: waited for when it may yet come, refused when it cannot."""

from __future__ import annotations

import asyncio

import pytest

from tests.support import fake_servers
from tests.support.cluster import Server, free_port
from tests.support.database import Database, borrowed
from tests.support.database_state import assert_converged
from tests.support.failing_starts import assert_gave_up, assert_refused, start, url_at
from tests.support.process import started_entrypoint
from tests.support.servers import ServerFactory

_PATIENT = {"MORSE_START_BUDGET_SECONDS": "40"}


async def test_a_database_that_comes_up_late(private_server: ServerFactory) -> None:
    """A start that finds nobody waits, and becomes the API soon after the server accepts."""
    server = await private_server()
    async with borrowed(server, "late") as database:
        server.stop()
        env = {**_PATIENT, "DATABASE_URL": database.url}
        async with started_entrypoint("echo", "the API runs", env=env) as running:
            awaited = await running.wait_for_event("database.awaited")
            await asyncio.to_thread(server.start)
            await running.wait_for_text("the API runs")
            completed = await running.wait()

        assert "refused" == awaited["reason"]
        assert f"'127.0.0.1', {server.port}" in awaited["message"]
        assert 0 == completed.exit_code
        assert completed.event("database.connected")["attempts"] > 1
        await assert_converged(database)


async def test_a_database_that_never_comes_up(server: Server) -> None:
    """When nothing listens, the start tries until its budget ends and exits with 2."""
    completed = await start(url_at(server, free_port()))

    failed = assert_gave_up(completed, "refused")
    assert "host and port" in failed["remedy"]


async def test_a_host_name_that_does_not_exist(server: Server) -> None:
    """An unknown host is hinted at with the first attempt, and waited for: a new name appears late."""
    completed = await start(server.url("morse").replace(server.host, "database.invalid"))

    assert_gave_up(completed, "unknown_host")
    assert "check the host" in completed.event("database.awaited")["remedy"]


async def test_a_server_that_never_answers(server: Server) -> None:
    """An attempt that nobody answers ends with the connect timeout, and the next one begins."""
    async with fake_servers.silent() as port:
        completed = await start(url_at(server, port))

    assert_gave_up(completed, "no_answer")
    assert 1 == int(completed.event("database.awaited")["elapsed_seconds"])


async def test_a_server_that_hangs_up(server: Server) -> None:
    """A connection that is closed before the login is a server or a proxy that may come to itself."""
    async with fake_servers.closing() as port:
        completed = await start(url_at(server, port))

    assert_gave_up(completed, "connection_lost")


async def test_a_server_that_hangs_up_on_tls(server: Server) -> None:
    """A TLS handshake that is cut off is a lost connection, not a server without TLS."""

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        await writer.drain()
        await reader.readexactly(1)

    async with fake_servers.serving(cut) as port:
        completed = await start(f"{url_at(server, port)}?sslmode=require")

    assert_gave_up(completed, "connection_lost")


@pytest.mark.parametrize(
    ("sslmode", "reason"),
    [("prefer", "tls_failed"), ("require", "tls_failed"), ("disable", "protocol_error")],
)
async def test_a_server_that_is_no_postgresql(server: Server, sslmode: str, reason: str) -> None:
    """Whatever speaks another protocol will not learn ours: the start ends at once."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"R\0\0\0\x08\0\0\0\x63")
        await writer.drain()
        await reader.read()

    async with fake_servers.serving(speak) as port:
        completed = await start(f"{url_at(server, port)}?sslmode={sslmode}")

    assert "host and port" in assert_refused(completed, reason)["remedy"]


async def test_a_web_server(server: Server) -> None:
    """An HTTP server at the database's address is told from a database without TLS."""
    async with fake_servers.http() as port:
        completed = await start(url_at(server, port))

    assert "host and port" in assert_refused(completed, "tls_failed")["remedy"]


async def test_a_server_that_is_starting_up(empty_database: Database) -> None:
    """A server that says that it starts up is tried again until it lets us in."""
    server = empty_database.server
    async with fake_servers.starting_up(3, server.host, server.port) as port:
        url = empty_database.url.replace(f":{server.port}/", f":{port}/")
        completed = await start(url, MORSE_START_BUDGET_SECONDS="20")

    awaited = completed.event("database.awaited")
    assert 0 == completed.exit_code
    assert ("starting_up", "57P03") == (awaited["reason"], awaited["sqlstate"])
    assert 4 == completed.event("database.connected")["attempts"]
    await assert_converged(empty_database)
