"""Blocking work beside the event loop, in portions short enough to be waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TURN_SECONDS = 0.5


async def in_thread(function: Callable[..., T], *arguments: object) -> T:
    """Run a short piece of blocking work in a thread.

    A cancellation waits for its end, so that nobody closes a file under its hands.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await work
        raise


async def pour(descriptor: int, data: bytes) -> None:
    """Write all of `data` to what may be a pipe that nobody reads for a while. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[await in_thread(_pour_in_turn, descriptor, view) :]


def _pour_in_turn(descriptor: int, view: memoryview) -> int:
    """Write for half a second at most and return how many bytes that were.

    A pipe that is ready takes this many bytes without making us wait.
    """
    deadline, done = time.monotonic() + _TURN_SECONDS, 0
    while done < len(view) and (left := deadline - time.monotonic()) > 0:
        if select.select([], [descriptor], [], left)[1]:
            done += os.write(descriptor, view[done : done + select.PIPE_BUF])
    return done
