"""Wait for a condition with a deadline; no test sleeps for a guess. For every test."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from tests.support.fair_clock import FairClock

T = TypeVar("T")

# Longer than anything here takes on a machine that is busy with other work: only what hangs meets it.
# How fast something has to be is a rule, which a test asserts with a FairClock.
PATIENCE_SECONDS = 120

_POLL_SECONDS = 0.02


@overload
async def eventually(
    predicate: Callable[[], Awaitable[T]],
    timeout: float = ...,
    what: str = ...,
    clock: FairClock | None = ...,
) -> T: ...
@overload
async def eventually(
    predicate: Callable[[], T], timeout: float = ..., what: str = ..., clock: FairClock | None = ...
) -> T: ...
async def eventually(
    predicate: Callable[[], Any],
    timeout: float = PATIENCE_SECONDS,
    what: str = "",
    clock: FairClock | None = None,
) -> Any:
    """Poll `predicate`, plain or async, until it is true, and return its value.

    Raise AssertionError with `what` and the last value once `timeout` seconds have passed, which `clock`
    counts when there is one.
    """
    began = time.monotonic()
    while True:
        answer = predicate()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if (clock.seconds if clock else time.monotonic() - began) > timeout:
            name = what or getattr(predicate, "__name__", repr(predicate))
            raise AssertionError(f"not within {timeout} s: {name}; last value: {value!r}")
        await asyncio.sleep(_POLL_SECONDS)
