"""Show how far a long copy is: by a bar on a terminal, by an event every few seconds elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TextIO

import structlog

log = structlog.get_logger()

_EVENT_SECONDS = 10.0
_BAR_SECONDS = 0.1
_CELLS = 20


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far the copy is; whoever copies keeps it up to date. `bytes` are those of the file."""

    activity: str
    total: int
    rows: int = 0
    bytes: int = 0

    def begin(self, activity: str) -> None:
        """Go over the rows once more, for another purpose."""
        self.activity, self.rows = activity, 0


@contextlib.asynccontextmanager
async def shown(progress: Progress, stream: TextIO | None = None) -> AsyncIterator[None]:
    """Show `progress` while the block runs, also when nothing moves. `stream` is standard error."""
    stream = stream or sys.stderr
    showing = asyncio.create_task(_draw(progress, stream) if stream.isatty() else _log(progress))
    try:
        yield
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing


async def _log(progress: Progress) -> None:
    while True:
        await asyncio.sleep(_EVENT_SECONDS)
        log.info(
            "backup.progressed",
            activity=progress.activity,
            rows=progress.rows,
            total=progress.total,
            bytes=progress.bytes,
        )


async def _draw(progress: Progress, stream: TextIO) -> None:
    drawn = 0
    try:
        while True:
            line = bar(progress)[: max(0, shutil.get_terminal_size().columns - 1)]
            _put(stream, f"\r{line:<{drawn}}")
            drawn = len(line)
            await asyncio.sleep(_BAR_SECONDS)
    finally:
        _put(stream, f"\r{'':<{drawn}}\r")


def bar(progress: Progress) -> str:
    """Return one line; what is done is counted in rows, because the size is not known beforehand."""
    share = min(1.0, progress.rows / progress.total) if progress.total else 1.0
    full = round(_CELLS * share)
    cells = "█" * full + "░" * (_CELLS - full)
    done = f"{progress.rows:,} of {progress.total:,} rows, {progress.bytes / 1e6:,.1f} MB"
    return f"{progress.activity} the backup  {cells} {share:4.0%}  {done}"


def _put(stream: TextIO, text: str) -> None:
    """Write at once; a terminal that was closed is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()
