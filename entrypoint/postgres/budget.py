"""How long a start may take: one budget, shared by everything that it waits for."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Iterator

_HEARTBEAT_SECONDS = 5.0
# What the last attempt may take beyond the budget, so that the server's own timeouts, which report more than
# ours, come first, and an attempt that has just begun finds out what stands in the way.
_MARGIN_SECONDS = 1.0


class Budget:
    """One budget in seconds, shared by everything a start waits for; uses the monotonic clock only."""

    def __init__(self, seconds: float, *, grace: bool) -> None:
        self._seconds = seconds
        self.grace = grace
        self._started = time.monotonic()
        self._last_logged: dict[str, float] = {}
        self._deadline: asyncio.Timeout | None = None
        self.attempts = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Seconds left of the budget; negative when it is over."""
        return self._seconds - self.elapsed

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Run the block outside the budget: its duration is added, and no deadline falls into it."""
        began = time.monotonic()
        if self._deadline is not None:
            self._deadline.reschedule(None)
        try:
            yield
        finally:
            self._started += time.monotonic() - began
            if self._deadline is not None:
                ending = max(self.remaining, 0.0) + _MARGIN_SECONDS
                self._deadline.reschedule(asyncio.get_running_loop().time() + ending)

    @contextlib.asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Count one attempt, and end it with TimeoutError a moment after the budget."""
        self.attempts += 1
        async with asyncio.timeout(max(self.remaining, 0.0) + _MARGIN_SECONDS) as self._deadline:
            yield

    def due(self, subject: str) -> bool:
        """Return whether to log about `subject` now: when it is new, then every few seconds."""
        now = time.monotonic()
        if now - self._last_logged.get(subject, -math.inf) < _HEARTBEAT_SECONDS:
            return False
        self._last_logged[subject] = now
        return True
