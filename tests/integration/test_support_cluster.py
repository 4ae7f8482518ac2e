"""The servers, databases and processes that tests are given."""

from __future__ import annotations

import os
import sys

import asyncpg
import pytest

from tests.support.cluster import CANARY_MARK, Server
from tests.support.database import Database
from tests.support.process import run_entrypoint, started_entrypoint
from tests.support.servers import ServerFactory


async def test_owner_is_what_render_grants(database: Database) -> None:
    """The owner is no superuser, and owns every table that `sql/` made."""
    connection = await database.connect()

    assert "off" == await connection.fetchval("SHOW is_superuser")
    assert [database.owner] == [
        row["tableowner"]
        for row in await connection.fetch(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        )
    ]


async def test_empty_database_is_empty(empty_database: Database) -> None:
    """An empty database holds no relation of anybody's."""
    connection = await empty_database.connect()

    assert 0 == await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )


async def test_password_is_demanded(server: Server) -> None:
    """Nobody gets in with another password than the canary."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url("postgres", password="wrong"))


async def test_private_server_recovers_from_a_kill(private_server: ServerFactory) -> None:
    """A private server takes settings, can be killed, and comes back on its port."""
    server = await private_server(max_connections="7")
    server.kill()
    assert not server.running()
    server.start()
    connection = await server.admin()

    assert "7" == await connection.fetchval("SHOW max_connections")
    await connection.close()


async def test_standby_is_promoted(private_server: ServerFactory) -> None:
    """A standby is read-only until it is promoted."""
    primary = await private_server()
    standby = primary.standby()
    connection = await standby.admin()
    assert await connection.fetchval("SELECT pg_is_in_recovery()")
    primary.stop("immediate")
    standby.promote()

    assert not await connection.fetchval("SELECT pg_is_in_recovery()")
    await connection.close()


def test_environment_is_scrubbed() -> None:
    """No variable of the caller's reaches the tests or what they start."""
    assert [] == [name for name in os.environ if name.startswith(("PG", "MORSE_", "RENDER"))]
    assert "DATABASE_URL" not in os.environ


def test_printed_password_fails_the_run() -> None:
    """A process that prints the canary password fails its test whatever it proves."""
    command = (sys.executable, "-c", f"print('a {CANARY_MARK} b')")

    with pytest.raises(AssertionError, match="the password was printed"):
        run_entrypoint(command=command)


def test_run_that_does_not_end_is_killed() -> None:
    """A process that outlives its time-out is killed and reported with its output."""
    command = (sys.executable, "-c", "print('begun', flush=True); import time; time.sleep(60)")

    with pytest.raises(AssertionError, match="not ended after 2 s:\nbegun"):
        run_entrypoint(command=command, timeout=2)


async def test_events_are_seen_while_it_runs() -> None:
    """A running process's events can be waited for, and its end reports all of them."""
    program = 'print(\'{"event": "one", "n": 1}\\nnoise\', flush=True); input()'
    async with started_entrypoint(command=(sys.executable, "-c", program)) as running:
        assert {"event": "one", "n": 1} == await running.wait_for_event("one")
        completed = await running.wait()

    assert ["one"] == completed.event_names
    assert 1 == completed.event("one")["n"]
