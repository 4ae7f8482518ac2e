"""Run the entrypoint as the process that it is in a container, and read what it said."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.support.fair_clock import FairClock
from tests.support.output import Completed, Event, assert_no_secret, completed, events_in, text_of
from tests.support.waiting import PATIENCE_SECONDS

__all__ = [
    "COMMAND",
    "ROOT",
    "Completed",
    "Event",
    "Running",
    "assert_no_secret",
    "minimal_environment",
    "run_entrypoint",
    "started_entrypoint",
]

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "entrypoint")

_LOOK_SECONDS = 0.05

T = TypeVar("T")


def minimal_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return `env` on top of the least that Python and the product need."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    fixed = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "LANG": "C.UTF-8",
    }
    return {**kept, **fixed, **(env or {})}


def run_entrypoint(
    *argv: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = PATIENCE_SECONDS,
    command: tuple[str, ...] = COMMAND,
) -> Completed:
    """Run the entrypoint to its end and return what it said; no secret may be in it.

    Blocks the event loop: a test that plays the other side in it takes `started_entrypoint`.
    Raise AssertionError with the output when it has not ended after `timeout` seconds.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*command, *argv],
        cwd=cwd or ROOT,
        env=minimal_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    clock = FairClock(process.pid)
    while True:
        try:
            stdout, stderr = process.communicate(timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if clock.seconds < timeout:
                continue
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise AssertionError(f"not ended after {timeout} s:\n{text_of(stdout, stderr)}") from None
        return completed(process.returncode, stdout, stderr, clock)


class Running:
    """An entrypoint that runs beside the test; its output is read as it comes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pid = process.pid
        self._clock = FairClock(process.pid)
        self._lines: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self._changed = asyncio.Condition()
        self._ended = asyncio.create_task(process.wait())
        self._looking = asyncio.create_task(self._look())
        self._readers = [
            asyncio.create_task(self._read(name, stream))
            for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
            if stream is not None
        ]

    @property
    def stdout(self) -> str:
        """What was written to standard output until now."""
        return b"".join(self._lines["stdout"]).decode()

    @property
    def stderr(self) -> str:
        """What was written to standard error until now."""
        return b"".join(self._lines["stderr"]).decode()

    async def wait_for_event(self, name: str, timeout: float = PATIENCE_SECONDS) -> Event:
        """Return the first event called `name`, waiting for it if need be."""
        return await self._wait_for(
            lambda: next((e for e in self.events() if e.get("event") == name), None),
            f"event {name}",
            timeout,
        )

    async def wait_for_text(self, text: str, timeout: float = PATIENCE_SECONDS) -> None:
        """Wait until `text` stands in one of the streams."""
        await self._wait_for(lambda: text in self.stdout + self.stderr, repr(text), timeout)

    def events(self) -> list[Event]:
        """Return the events that were logged until now."""
        return events_in(self.stdout) + events_in(self.stderr)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it still runs."""
        # Not by asyncio's own method: it looks whether the process has ended and so may take the exit code.
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, number: signal.Signals, within: float) -> Completed:
        """Send a signal and fail unless the process ends `within` seconds of a FairClock."""
        clock = FairClock(self.pid)
        self.send_signal(number)
        ended = await self.wait(clock=clock)
        assert clock.seconds < within, ended.stdout
        return ended

    async def wait(self, timeout: float = PATIENCE_SECONDS, clock: FairClock | None = None) -> Completed:
        """Wait for the end; AssertionError with the output after `timeout` seconds of `clock`."""
        clock = clock or FairClock(self.pid)
        pending: set[asyncio.Task[Any]] = {self._ended, self._looking, *self._readers}
        while pending:
            _, pending = await asyncio.wait(pending, timeout=_LOOK_SECONDS)
            if pending and clock.seconds > timeout:
                raise AssertionError(f"not ended after {timeout} s:\n{self.stdout}\n{self.stderr}")
        stdout, stderr = (b"".join(lines) for lines in self._lines.values())
        return completed(self._ended.result(), stdout, stderr, self._clock)

    async def _look(self) -> None:
        while not self._ended.done():
            self._clock.look()
            await asyncio.wait([self._ended], timeout=_LOOK_SECONDS)

    async def _read(self, name: str, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._changed:
                self._lines[name].append(line)
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()

    async def _wait_for(self, find: Callable[[], T | None], what: str, timeout: float) -> T:
        def ended() -> bool:
            return all(reader.done() for reader in self._readers)

        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: find() or ended())
        except TimeoutError:
            pass
        found = find()
        assert found, f"{what} was not seen in:\n{self.stdout}\n{self.stderr}"
        return found


@asynccontextmanager
async def started_entrypoint(
    *argv: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    command: tuple[str, ...] = COMMAND,
) -> AsyncIterator[Running]:
    """Start the entrypoint beside the test; it is killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(*command, *argv),
        cwd=cwd or ROOT,
        env=minimal_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    running = Running(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await running.wait()
