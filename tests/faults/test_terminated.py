"""SIGTERM and SIGINT end a start within three seconds in every phase, and leave nothing behind."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from entrypoint.postgres.advisory_lock import KEY
from tests.support import fake_servers
from tests.support.cluster import free_port
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.files import files_with
from tests.support.paused_start import PATIENT, backend_waits, paused_start
from tests.support.process import COMMAND, Running, run_entrypoint, started_entrypoint
from tests.support.waiting import eventually

Moment = Callable[[Database, Path], AbstractAsyncContextManager[Running]]
_SIGNALS = [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
_SECONDS = 3


@asynccontextmanager
async def _connection_refused(database: Database, _: Path) -> AsyncIterator[Running]:
    port = f":{database.server.port}/"
    url = database.url.replace(port, f":{free_port()}/")
    async with started_entrypoint("--init-only", env={"DATABASE_URL": url}) as running:
        await running.wait_for_event("database.awaited")
        yield running


@asynccontextmanager
async def _connection_unanswered(_: Database, __: Path) -> AsyncIterator[Running]:
    async with fake_servers.silent() as port:
        env = {"DATABASE_URL": f"postgresql://morse@127.0.0.1:{port}/morse"}
        async with started_entrypoint("--init-only", env=env) as running:
            await running.wait_for_event("phase.finished")
            yield running


@asynccontextmanager
async def _advisory_lock_held(database: Database, _: Path) -> AsyncIterator[Running]:
    async with observing(database) as holder, holder.transaction():
        await holder.execute("SELECT pg_advisory_xact_lock($1)", KEY)
        env = {"DATABASE_URL": database.url}
        async with started_entrypoint("--init-only", env=env) as running:
            await running.wait_for_event("lock.awaited")
            yield running


@asynccontextmanager
async def _table_busy(database: Database, _: Path) -> AsyncIterator[Running]:
    async with observing(database) as writer, observing(database) as observer, writer.transaction():
        await writer.execute("LOCK TABLE workouts IN ROW EXCLUSIVE MODE")
        env = {"DATABASE_URL": database.url, **PATIENT}
        async with started_entrypoint("--init-only", env=env) as running:
            await backend_waits(observer)
            yield running


def _held_in(phase: Literal["expect", "apply", "verify"]) -> Moment:
    @asynccontextmanager
    async def moment(database: Database, directory: Path) -> AsyncIterator[Running]:
        async with paused_start(database, directory, phase) as start:
            yield start.running

    return moment


@asynccontextmanager
async def _pausing_after_a_failure(database: Database, directory: Path) -> AsyncIterator[Running]:
    files = files_with(directory, {"init_views.sql": "SELECT 1"}, released=False)
    env = {"DATABASE_URL": database.url, "RENDER": "true", **files}
    async with started_entrypoint("--init-only", env=env) as running:
        await running.wait_for_event("exit.delayed")
        yield running


_MOMENTS: Mapping[str, Moment] = {
    "connection refused": _connection_refused,
    "connection unanswered": _connection_unanswered,
    "advisory lock held": _advisory_lock_held,
    "scratch build": _held_in("expect"),
    "apply": _held_in("apply"),
    "verify": _held_in("verify"),
    "pause after a failure": _pausing_after_a_failure,
}


@pytest.mark.representative(
    "connection refused-15-143",
    "connection unanswered-15-143",
    "advisory lock held-15-143",
    "scratch build-15-143",
    "apply-15-143",
    "verify-15-143",
    "pause after a failure-15-143",
    "apply-2-130",
)
@pytest.mark.parametrize(("number", "exit_code"), _SIGNALS)
@pytest.mark.parametrize("moment", _MOMENTS)
async def test_signal(
    empty_database: Database, tmp_path: Path, moment: str, number: signal.Signals, exit_code: int
) -> None:
    """A signal rolls back whatever runs, and is told with the exit code that a shell would give."""
    before = await state_of(empty_database)
    async with _MOMENTS[moment](empty_database, tmp_path) as running:
        await _end(running, number, exit_code)

    await assert_untouched(empty_database, before)


@pytest.mark.representative("15-143")
@pytest.mark.parametrize(("number", "exit_code"), _SIGNALS)
async def test_signal_while_a_table_is_busy(
    initialised_database: Database, tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    """A signal ends the wait for a table, and nobody queues behind us any longer."""
    owner = await initialised_database.connect()
    await owner.execute("DROP INDEX idx_workouts_user_id")
    before = await state_of(initialised_database)
    async with _table_busy(initialised_database, tmp_path) as running:
        await _end(running, number, exit_code)
        await assert_untouched(initialised_database, before)


@pytest.mark.representative("15-143")
@pytest.mark.parametrize(("number", "exit_code"), _SIGNALS)
def test_signal_just_before_exec(
    initialised_database: Database, number: signal.Signals, exit_code: int
) -> None:
    """A signal that comes at the last moment ends the start instead of the API."""
    program = (
        "import os, signal; from entrypoint.__main__ import main; execute = os.execvpe\n"
        "def signalled(*arguments):\n"
        f"    signal.raise_signal({int(number)})\n"
        "    execute(*arguments)\n"
        "os.execvpe = signalled\n"
        "main()"
    )
    command = (COMMAND[0], "-c", program)
    completed = run_entrypoint(
        "echo", "the API runs", env={"DATABASE_URL": initialised_database.url}, command=command
    )

    assert exit_code == completed.exit_code
    assert number.name == completed.event("signal.received")["signal"]
    assert "the API runs" not in completed.stdout


async def test_start_after_a_signal(empty_database: Database, tmp_path: Path) -> None:
    """The next start after an interrupted one does all the work."""
    async with paused_start(empty_database, tmp_path, "apply") as start:
        await _end(start.running, signal.SIGTERM, 143)
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": empty_database.url})

    assert 0 == completed.exit_code
    await assert_converged(empty_database)


async def test_signal_while_the_embedded_server_is_made(tmp_path: Path) -> None:
    """A signal during the first start of the embedded server leaves no process and no half server."""
    unfinished = tmp_path / ".postgres" / "data.unfinished" / "PG_VERSION"
    async with started_entrypoint("--embedded", "--init-only", cwd=tmp_path) as running:
        await eventually(unfinished.exists)
        await _end(running, signal.SIGTERM, 143)
    await eventually(lambda: not _processes_of(tmp_path), what="no process is left")
    completed = run_entrypoint("--embedded", "--init-only", cwd=tmp_path)

    assert 0 == completed.exit_code
    await eventually(lambda: not _processes_of(tmp_path), what="the server has stopped")


async def _end(running: Running, number: signal.Signals, exit_code: int) -> None:
    """Send a signal and fail unless the process ends in time, with its code and its event."""
    completed = await running.end(number, within=_SECONDS)

    assert exit_code == completed.exit_code
    assert number.name == completed.event("signal.received")["signal"]


def _processes_of(directory: Path) -> list[int]:
    """Return the processes whose command line names `directory`."""
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(directory).encode() in _read(path)
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
