"""Servers that let us in, but cannot be written, for a while or for ever."""

from __future__ import annotations

import asyncio

from tests.support.database import Database, borrowed
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.failing_starts import assert_gave_up, start
from tests.support.process import started_entrypoint
from tests.support.servers import ServerFactory

_PATIENT = {"MORSE_START_BUDGET_SECONDS": "40"}


async def test_standby_for_ever(private_server: ServerFactory) -> None:
    """A standby with something left to apply is waited for, never written, and ends in exit code 2."""
    server = await private_server()
    async with borrowed(server, "standby") as database:
        standby = Database(server.standby(), database.name)
        before = await state_of(standby)

        completed = await start(standby.url)

        failed = assert_gave_up(completed, "read_only")
        assert "in recovery" in failed["message"]
        assert "connect to the primary" in failed["remedy"]
        await assert_untouched(standby, before)
        await assert_untouched(database, before)


async def test_standby_is_promoted(private_server: ServerFactory) -> None:
    """A start that waits for a standby becomes the API once the standby is the primary."""
    server = await private_server()
    async with borrowed(server, "promoted") as database:
        before = await state_of(database)
        promoted = Database(server.standby(), database.name)
        env = {**_PATIENT, "DATABASE_URL": promoted.url}
        async with started_entrypoint("echo", "the API runs", env=env) as running:
            awaited = await running.wait_for_event("database.awaited")
            await asyncio.to_thread(promoted.server.promote)
            completed = await running.wait()

        assert "read_only" == awaited["reason"]
        assert 0 == completed.exit_code
        assert completed.stdout.endswith("the API runs\n")
        await assert_converged(promoted)
        await assert_untouched(database, before)


async def test_standby_is_verified(private_server: ServerFactory) -> None:
    """A standby can be verified, because the primary's ledger says what is expected."""
    server = await private_server()
    async with borrowed(server, "verified") as database:
        applied = await start(database.url, **_PATIENT)
        standby = Database(server.standby(), database.name)
        before = await state_of(standby)

        completed = await start(standby.url, "verify")

        assert (0, 0) == (applied.exit_code, completed.exit_code)
        passed = completed.event("verification.passed")
        assert passed["expected"] == passed["objects"] > 0
        await assert_untouched(standby, before)


async def test_database_is_read_only(empty_database: Database) -> None:
    """A database that was made read-only is waited for and left alone."""
    before = await state_of(empty_database)
    admin = await empty_database.connect_admin()
    await admin.execute(_default_read_only(empty_database, "on"))

    completed = await start(empty_database.url)

    assert "read-only" in assert_gave_up(completed, "read_only")["message"]
    await assert_untouched(empty_database, before)


async def test_database_becomes_writable(empty_database: Database) -> None:
    """A start that waits for a read-only database goes on when that ends."""
    admin = await empty_database.connect_admin()
    await admin.execute(_default_read_only(empty_database, "on"))
    env = {**_PATIENT, "DATABASE_URL": empty_database.url}
    async with started_entrypoint("--init-only", env=env) as running:
        awaited = await running.wait_for_event("database.awaited")
        await admin.execute(_default_read_only(empty_database, "off"))
        completed = await running.wait()

    assert "read_only" == awaited["reason"]
    assert 0 == completed.exit_code
    await assert_converged(empty_database)


def _default_read_only(database: Database, value: str) -> str:
    return f'ALTER DATABASE "{database.name}" SET default_transaction_read_only = {value}'
