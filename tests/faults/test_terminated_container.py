"""SIGTERM in a container: as its first process, and with an output that nobody reads."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.fair_clock import FairClock
from tests.support.paused_start import paused_start
from tests.support.process import COMMAND, ROOT, Running, assert_no_secret, minimal_environment
from tests.support.waiting import eventually

_UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc")
_SECONDS = 3
_PAGE = 4096
# The program has sent nothing for a while, although its transaction is open: it cannot write.
_STUCK = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'morse-entrypoint%'
    AND state = 'idle in transaction' AND clock_timestamp() - state_change > interval '0.5 s'
"""


@pytest.fixture(scope="module")
def _pid_namespace() -> None:
    """Skip where a process may not become the first one of a namespace."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed (Debian package util-linux)")
    tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)  # noqa: S603 - our words
    if tried.returncode:
        pytest.skip(f"a PID namespace is not permitted here: {tried.stderr.decode().strip()}")


@pytest.mark.usefixtures("_pid_namespace")
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_signal_as_pid_one(
    empty_database: Database, tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    """The kernel drops signals that PID 1 does not handle; ours are handled from the first moment."""
    before = await state_of(empty_database)
    async with paused_start(empty_database, tmp_path, "apply", command=(*_UNSHARE, *COMMAND)) as start:
        first = _only_child(start.running)
        assert "1" == _pid_within(first)
        clock = FairClock(first)
        os.kill(first, number)
        completed = await start.running.wait(clock=clock)

        assert _SECONDS > clock.seconds
        assert exit_code == completed.exit_code
        assert number.name == completed.event("signal.received")["signal"]
        await assert_untouched(empty_database, before)


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="the pipe's size can be set on Linux only")
async def test_signal_while_nobody_reads_the_output(empty_database: Database) -> None:
    """A start that is stuck in the middle of its transaction, with a full pipe, still ends in time."""
    before = await state_of(empty_database)
    async with _unread(empty_database) as (process, output), observing(empty_database) as observer:
        await eventually(lambda: observer.fetchval(_STUCK), what="a full pipe")
        completed = await Running(process).end(signal.SIGTERM, within=_SECONDS)

        assert 143 == completed.exit_code
        assert_no_secret(os.read(output, 16 * _PAGE).decode())
    await assert_untouched(empty_database, before)


@asynccontextmanager
async def _unread(database: Database) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Start on `database` with a pipe of one page as output; yield the process and the pipe's other end."""
    output, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, _PAGE)
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "--init-only"),
        cwd=ROOT,
        env=minimal_environment({"DATABASE_URL": database.url}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield process, output
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(output)


def _only_child(running: Running) -> int:
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return int(children[0])


def _pid_within(pid: int) -> str:
    """Return the process id in the innermost namespace."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[-1] for line in lines if line.startswith("NSpid:"))
