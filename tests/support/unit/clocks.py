"""A clock that a test turns, and attempts that meet what the test says."""

from __future__ import annotations

import asyncio

import pytest
import tenacity

from entrypoint.postgres import budget


class Clock:
    """A clock that only sleeping turns; `pauses` are the seconds slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Turn the clock instead of waiting."""
        self.pauses.append(seconds)
        self.now += seconds


def turned_by_hand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock of the test's in the place of the monotonic one, wherever waiting looks at it."""
    clock = Clock()
    monkeypatch.setattr(budget, "time", clock)
    monkeypatch.setattr(tenacity, "time", clock)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


class Attempts:
    """An attempt that meets `errors` one after the other, and the last one for ever; None is success."""

    def __init__(self, *errors: BaseException | None) -> None:
        self.errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        """Meet the next error."""
        self.made += 1
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if error is not None:
            raise error
        return "done"
