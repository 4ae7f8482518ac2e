"""SIGTERM to a container ends it in three seconds in every phase of a start, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from entrypoint.postgres.advisory_lock import KEY
from tests.support.cluster import free_port
from tests.support.container.image_store import Image
from tests.support.container.run_image import Launcher, name_of
from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.paused_start import paused_start
from tests.support.process import Running, started_entrypoint

Command = tuple[str, ...]
Moment = Callable[[Database, Path, Command], AbstractAsyncContextManager[Running]]

_SECONDS = 3
# The last word before exec: what follows is COMMAND's.
_API_STARTS = ("sh", "-c", "echo the API runs; sleep 60")


@asynccontextmanager
async def _waiting_for_the_database(database: Database, _: Path, command: Command) -> AsyncIterator[Running]:
    url = database.url.replace(f":{database.server.port}/", f":{free_port()}/")
    async with started_entrypoint(*_API_STARTS, env={"DATABASE_URL": url}, command=command) as running:
        await running.wait_for_event("database.awaited")
        yield running


@asynccontextmanager
async def _waiting_for_the_lock(database: Database, _: Path, command: Command) -> AsyncIterator[Running]:
    env = {"DATABASE_URL": database.url}
    async with observing(database) as holder, holder.transaction():
        await holder.execute("SELECT pg_advisory_xact_lock($1)", KEY)
        async with started_entrypoint(*_API_STARTS, env=env, command=command) as running:
            await running.wait_for_event("lock.awaited")
            yield running


def _held_in(phase: Literal["expect", "apply", "verify"]) -> Moment:
    @asynccontextmanager
    async def moment(database: Database, directory: Path, command: Command) -> AsyncIterator[Running]:
        async with paused_start(database, directory, phase, *_API_STARTS, command=command) as start:
            yield start.running

    return moment


_MOMENTS: Mapping[str, Moment] = {
    "database": _waiting_for_the_database,
    "lock": _waiting_for_the_lock,
    "expect": _held_in("expect"),
    "apply": _held_in("apply"),
    "verify": _held_in("verify"),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", _MOMENTS)
async def test_signal(
    api: Image,
    launched: Launcher,
    empty_database: Database,
    reachable_path: Path,
    moment: str,
    number: signal.Signals,
) -> None:
    """The init passes a signal on; the entrypoint rolls back, ends with 128 + it, and starts no API."""
    before = await state_of(empty_database)
    async with _MOMENTS[moment](empty_database, reachable_path, launched(api)) as running:
        ended = await running.end(number, within=_SECONDS)

    assert 128 + number == ended.exit_code
    assert number.name == ended.event("signal.received")["signal"]
    assert "the API runs" not in ended.stdout
    await assert_untouched(empty_database, before)


async def test_a_killed_container(
    api: Image, launched: Launcher, empty_database: Database, reachable_path: Path
) -> None:
    """SIGKILL to PID 1, as a platform does in the end, leaves neither a lock nor half a schema."""
    before = await state_of(empty_database)
    command = launched(api)
    async with paused_start(empty_database, reachable_path, "apply", *_API_STARTS, command=command) as start:
        killer = await asyncio.create_subprocess_exec("runc", "kill", name_of(command), "KILL")
        assert 0 == await killer.wait()
        ended = await start.running.wait()

    assert 137 == ended.exit_code
    await assert_untouched(empty_database, before)
