"""The server ends a session while its last answer is still on the way: the start begins again."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_converged
from tests.support.paused_start import PausedStart, Phase, paused_start
from tests.support.waiting import eventually

_STATE = "SELECT state FROM pg_stat_activity WHERE pid = $1"


@pytest.mark.representative("apply")
@pytest.mark.parametrize("phase", ["expect", "apply", "verify"])
async def test_terminated_behind_an_answer(empty_database: Database, tmp_path: Path, phase: Phase) -> None:
    """A start that reads an answer and the end of its session in one piece rolls back and tries again."""
    async with paused_start(empty_database, tmp_path, phase) as start:
        await _end_session_behind_its_answer(start)
        completed = await start.running.wait()

    assert 0 == completed.exit_code, completed.stdout
    assert "connection_lost" == completed.event("transaction.retried")["reason"]
    await assert_converged(empty_database)


async def _end_session_behind_its_answer(start: PausedStart) -> None:
    """Let the answer and the server's last words arrive while the start does not listen, then wake it."""
    start.running.send_signal(signal.SIGSTOP)
    await start.release()
    await eventually(lambda: _is_idle(start), what="the answer is sent")
    await start.observer.execute("SELECT pg_terminate_backend($1)", start.pid)
    await eventually(lambda: _has_ended(start), what="the session has ended")
    start.running.send_signal(signal.SIGCONT)


async def _is_idle(start: PausedStart) -> bool:
    return "idle in transaction" == await start.observer.fetchval(_STATE, start.pid)


async def _has_ended(start: PausedStart) -> bool:
    return await start.observer.fetchval(_STATE, start.pid) is None
