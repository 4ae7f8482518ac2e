"""A start that loses its server, its backend or its own life in the middle of the apply."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.support.cluster import StopMode
from tests.support.database import Database, borrowed
from tests.support.database_state import (
    assert_converged,
    assert_nothing_left,
    assert_untouched,
    observing,
    state_of,
)
from tests.support.paused_start import PATIENT, PausedStart, Phase, backend_waits, paused_start
from tests.support.process import Completed, run_entrypoint, started_entrypoint
from tests.support.servers import ServerFactory

API = ("--", "echo", "the API runs")
_BUDGET = {"MORSE_START_BUDGET_SECONDS": "30"}
_KILLED = -signal.SIGKILL


@pytest.mark.representative("immediate")
@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_server_restarts_during_the_apply(
    private_server: ServerFactory, tmp_path: Path, mode: StopMode
) -> None:
    """A server that goes away and comes back is met by a second attempt, which ends in the API."""
    server = await private_server()
    async with borrowed(server, f"restart_{mode}") as database:
        async with paused_start(database, tmp_path, "apply", *API, env=_BUDGET) as start:
            await asyncio.to_thread(server.restart, mode)
            completed = await start.running.wait()

        retried = completed.event("transaction.retried")
        assert "connection_lost" == retried["reason"]
        assert {"fast": "57P01"}.get(mode, retried.get("sqlstate")) == retried.get("sqlstate")
        _assert_handed_over(completed)
        await assert_converged(database)


@pytest.mark.representative("apply")
@pytest.mark.parametrize("phase", ["expect", "apply", "verify"])
async def test_backend_is_terminated(empty_database: Database, tmp_path: Path, phase: Phase) -> None:
    """An administrator who ends our backend costs one attempt."""
    async with paused_start(empty_database, tmp_path, phase, *API) as start:
        await start.observer.execute(f"SELECT pg_terminate_backend({start.pid})")
        retried = await start.running.wait_for_event("transaction.retried")
        await start.release()
        completed = await start.running.wait()

    assert ("connection_lost", "57P01") == (retried["reason"], retried["sqlstate"])
    _assert_handed_over(completed)
    await assert_converged(empty_database)


async def test_backend_is_cancelled_once(empty_database: Database, tmp_path: Path) -> None:
    """A cancelled statement is tried once more, for an administrator may have meant another one."""
    async with paused_start(empty_database, tmp_path, "apply", *API) as start:
        await _cancel(start)
        retried = await start.running.wait_for_event("transaction.retried")
        await start.release()
        completed = await start.running.wait()

    assert ("cancelled", "57014") == (retried["reason"], retried["sqlstate"])
    _assert_handed_over(completed)
    await assert_converged(empty_database)


async def test_backend_is_cancelled_twice(empty_database: Database, tmp_path: Path) -> None:
    """The second cancellation is meant for us: the start gives up with exit code 7."""
    before = await state_of(empty_database)
    async with paused_start(empty_database, tmp_path, "apply", *API) as start:
        await _cancel(start)
        await start.running.wait_for_event("transaction.retried")
        await backend_waits(start.observer)
        await _cancel(start)
        completed = await start.running.wait()

    failed = completed.event("start.failed")
    assert (7, "cancelled") == (completed.exit_code, failed["reason"])
    assert "the API runs" not in completed.stdout
    await assert_untouched(empty_database, before)


@pytest.mark.representative("apply")
@pytest.mark.parametrize("phase", ["expect", "apply", "verify"])
async def test_killed_start_leaves_nothing(empty_database: Database, tmp_path: Path, phase: Phase) -> None:
    """The server notices within seconds that a killed start is gone, although it waits for a lock."""
    before = await state_of(empty_database)
    async with paused_start(empty_database, tmp_path, phase) as start:
        start.running.send_signal(signal.SIGKILL)
        completed = await start.running.wait()
        await assert_untouched(empty_database, before)

    assert _KILLED == completed.exit_code
    _assert_handed_over(run_entrypoint(*API, env={"DATABASE_URL": empty_database.url}))
    await assert_converged(empty_database)


async def test_killed_while_a_table_is_busy(initialised_database: Database) -> None:
    """A start that is killed in front of a busy table leaves the queue for it within seconds."""
    url = {"DATABASE_URL": initialised_database.url}
    async with observing(initialised_database) as writer, observing(initialised_database) as observer:
        await writer.execute("DROP INDEX idx_workouts_user_id")
        before = await state_of(initialised_database)
        async with writer.transaction():
            await writer.execute("LOCK TABLE workouts IN ROW EXCLUSIVE MODE")
            async with started_entrypoint("--init-only", env={**url, **PATIENT}) as running:
                await backend_waits(observer)
                running.send_signal(signal.SIGKILL)
                completed = await running.wait()
            await assert_nothing_left(initialised_database)

    assert _KILLED == completed.exit_code
    assert before == await state_of(initialised_database)
    _assert_handed_over(run_entrypoint(*API, env=url))
    await assert_converged(initialised_database, entries=2)


async def _cancel(start: PausedStart) -> None:
    await start.observer.execute(f"SELECT pg_cancel_backend({await backend_waits(start.observer)})")


def _assert_handed_over(completed: Completed) -> None:
    assert 0 == completed.exit_code, completed.stdout
    assert "process.handed_over" in completed.event_names
    assert completed.stdout.endswith("the API runs\n")
