"""Answer SIGTERM and SIGINT in every moment of the start, from the first import to exec."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # The typing module takes longer to import than all the rest of this one.
if TYPE_CHECKING:
    import asyncio
    from types import FrameType
    from typing import Any

DEADLINE_SECONDS = 2.5


class Terminated(BaseException):
    """A signal asks the process to end; the caller exits with 128 + `signum`.

    Like KeyboardInterrupt it is no Exception, so that no handler for errors swallows it.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Signals:
    """Turn the first signal into the cancellation of the attached task, or into Terminated.

    The handlers are plain ones, not the event loop's: those leave a gap between the end of the
    loop and exec, in which a process that runs as PID 1 would ignore SIGTERM.
    """

    def __init__(self, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self.received: int | None = None
        self._deadline_seconds = deadline_seconds
        self._attached: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    def install(self) -> None:
        """Take over SIGTERM, SIGINT and SIGALRM; only the main thread may do so."""
        signal.signal(signal.SIGALRM, self._expire)
        signal.signal(signal.SIGTERM, self._receive)
        signal.signal(signal.SIGINT, self._receive)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM, signal.SIGTERM, signal.SIGINT))

    def attach(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        """Let a signal cancel `task` from now on, instead of raising Terminated."""
        self._attached = (loop, task)

    def detach(self) -> None:
        """End the attachment; raise Terminated when a signal came, however the task ended."""
        self._attached = None
        if self.received is not None:
            raise Terminated(self.received)

    def _receive(self, signum: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            return
        self.received = signum
        signal.setitimer(signal.ITIMER_REAL, self._deadline_seconds)
        if self._attached is None:
            raise Terminated(signum)
        loop, task = self._attached
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:  # The loop was closed before anyone called detach.
            raise Terminated(signum) from None

    def _expire(self, signum: int, _frame: FrameType | None) -> None:
        # A write to a full pipe or a hung close is retried after each handler returns, so that no
        # exception could end it in time.
        os._exit(128 + (self.received or signum))
