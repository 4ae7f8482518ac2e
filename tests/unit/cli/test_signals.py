"""Signals end the start within three seconds, wherever it is."""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time

import pytest

from tests.support.fair_clock import FairClock
from tests.support.process import ROOT, Running, minimal_environment, run_entrypoint, started_entrypoint
from tests.support.waiting import eventually

PRELUDE = """
import asyncio, signal, sys, time
from entrypoint.cli.signals import Signals, Terminated
signals = Signals()
signals.install()
"""

WAITING = (
    PRELUDE
    + """
try:
    print("ready", flush=True)
    time.sleep(60)
except Terminated as end:
    sys.exit(128 + end.signum)
"""
)

ATTACHED = (
    PRELUDE
    + """
async def main():
    signals.attach(asyncio.get_running_loop(), asyncio.current_task())
    print("ready", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up", flush=True)
try:
    try:
        asyncio.run(main())
    finally:
        signals.detach()
except Terminated as end:
    sys.exit(128 + end.signum)
"""
)

STUBBORN = (
    PRELUDE
    + """
async def main():
    signals.attach(asyncio.get_running_loop(), asyncio.current_task())
    print("ready", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("swallowed", flush=True)
asyncio.run(main())
"""
)

FULL_PIPE = """
print("ready", file=sys.stderr, flush=True)
try:
    while True:
        print("x" * 4096)
except Terminated as end:
    sys.exit(128 + end.signum)
"""

FULL_PIPE_IN_A_TASK = """
async def main():
    signals.attach(asyncio.get_running_loop(), asyncio.current_task())
    print("ready", file=sys.stderr, flush=True)
    while True:
        print("x" * 4096)
asyncio.run(main())
"""


def command(script: str) -> tuple[str, ...]:
    """Return the argv that runs `script`."""
    return (sys.executable, "-c", script)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_outside_a_task(number: signal.Signals) -> None:
    """A signal outside a task raises Terminated where it strikes."""
    async with started_entrypoint(command=command(WAITING)) as running:
        await running.wait_for_text("ready")
        ended = await running.end(number, within=3)
    assert (128 + number, "ready\n", "") == (ended.exit_code, ended.stdout, ended.stderr)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_inside_a_task(number: signal.Signals) -> None:
    """A signal cancels the attached task, which cleans up before detach raises Terminated."""
    async with started_entrypoint(command=command(ATTACHED)) as running:
        await running.wait_for_text("ready")
        ended = await running.end(number, within=3)
    assert (128 + number, "ready\ncleaned up\n", "") == (
        ended.exit_code,
        ended.stdout,
        ended.stderr,
    )


async def test_a_mask_of_the_parent_does_not_make_deaf() -> None:
    """A signal that the parent had blocked is received all the same."""
    script = "import signal; signal.pthread_sigmask(signal.SIG_SETMASK, {15, 14})" + WAITING
    async with started_entrypoint(command=command(script)) as running:
        await running.wait_for_text("ready")
        ended = await running.end(signal.SIGTERM, within=3)
    assert 143 == ended.exit_code


async def test_repeated_signals_do_not_postpone_the_deadline() -> None:
    """A task that swallows its cancellation ends by force, however often it is signalled."""
    async with started_entrypoint(command=command(STUBBORN)) as running:
        await running.wait_for_text("ready")
        began, clock = time.monotonic(), FairClock(running.pid)
        running.send_signal(signal.SIGTERM)
        await running.wait_for_text("swallowed")
        while running.process.returncode is None and clock.seconds < 5:
            running.send_signal(signal.SIGINT)
            await asyncio.sleep(0.1)
        seconds = time.monotonic() - began
        assert clock.seconds < 3
        ended = await running.wait()
    assert (143, "ready\nswallowed\n") == (ended.exit_code, ended.stdout)
    assert seconds > 2


@pytest.mark.parametrize("body", [FULL_PIPE, FULL_PIPE_IN_A_TASK])
async def test_a_full_pipe_cannot_hold_the_process(body: str) -> None:
    """A write that nobody reads is given up at the deadline."""
    script = PRELUDE + body
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *command(script),
        cwd=ROOT,
        env=minimal_environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    running = Running(process)
    try:
        await running.wait_for_text("ready")
        await eventually(lambda: _unread(reader) > 16_000, what="a pipe that fills")
        ended = await running.end(signal.SIGTERM, within=3)
        assert 143 == ended.exit_code
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(reader)
        os.close(writer)


def test_a_closed_loop_counts_as_no_task() -> None:
    """A signal between the end of the loop and detach raises Terminated."""
    script = (
        PRELUDE
        + """
async def main():
    signals.attach(asyncio.get_running_loop(), asyncio.current_task())
asyncio.run(main())
try:
    signal.raise_signal(signal.SIGTERM)
except Terminated as end:
    sys.exit(128 + end.signum)
"""
    )
    ended = run_entrypoint(command=command(script))
    assert (143, "", "") == (ended.exit_code, ended.stdout, ended.stderr)


def test_the_handlers_are_there_before_any_heavy_import() -> None:
    """Nothing slow is imported before the handlers are installed."""
    script = "import sys, entrypoint.cli.signals; print({'asyncio', 're', 'typing'} & {*sys.modules})"
    ended = run_entrypoint(command=(sys.executable, "-S", "-c", script))
    assert ("set()\n", "") == (ended.stdout, ended.stderr)


def _unread(pipe: int) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]
