"""Blocking work beside the event loop, in portions short enough to be waited for."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import select
import stat
import termios
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TURN_SECONDS = 0.5
_POLL_SECONDS = 0.02


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


async def write_stream(descriptor: int, data: bytes) -> None:
    """Write all of `data` to what may be a pipe that nobody reads for a while. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[await in_thread(_write_in_turn, descriptor, view) :]


async def wait_until_read(descriptor: int) -> None:
    """Wait until what was poured is on the disk or, where it is a pipe, taken out of it. Raises OSError.

    A short stream fits into the pipe as a whole, so that its reader may be gone without a write that fails.
    """
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        await in_thread(_flush, descriptor)
        return
    watch = select.poll()
    watch.register(descriptor, 0)
    while _is_left_in_pipe(descriptor):
        if watch.poll(0):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        await asyncio.sleep(_POLL_SECONDS)


def _is_left_in_pipe(descriptor: int) -> bool:
    return fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)) != bytes(4)


def _flush(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):  # A terminal, a device, a socket.
            raise


def _write_in_turn(descriptor: int, view: memoryview) -> int:
    """Write for half a second at most and return how many bytes that were.

    A pipe that is ready takes this many bytes without making us wait.
    """
    deadline, done = time.monotonic() + _TURN_SECONDS, 0
    while done < len(view) and (left := deadline - time.monotonic()) > 0:
        if select.select([], [descriptor], [], left)[1]:
            done += os.write(descriptor, view[done : done + select.PIPE_BUF])
    return done
