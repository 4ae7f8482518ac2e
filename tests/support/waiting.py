"""Wait for a condition with a deadline; no test sleeps for a guess."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

_POLL_SECONDS = 0.02


@overload
async def eventually(predicate: Callable[[], Awaitable[T]], timeout: float = 10, what: str = "") -> T: ...
@overload
async def eventually(predicate: Callable[[], T], timeout: float = 10, what: str = "") -> T: ...
async def eventually(predicate: Callable[[], Any], timeout: float = 10, what: str = "") -> Any:
    """Poll `predicate`, plain or async, until it is true, and return its value.

    Raise AssertionError with `what` and the last value once `timeout` seconds have passed.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() > deadline:
            name = what or getattr(predicate, "__name__", repr(predicate))
            raise AssertionError(f"not within {timeout} s: {name}; last value: {value!r}")
        await asyncio.sleep(_POLL_SECONDS)
