"""Commands that run beside the harness, for rows that do not measure the process itself."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.benchmarks.stopwatch import Command


@asynccontextmanager
async def running(command: Command, *, read: bool = False) -> AsyncIterator[Process]:
    """Start `command`, which does not outlive the block; with `read` its output can be communicated."""
    output = PIPE if read else DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command.argv,
        cwd=command.directory,
        env=dict(command.environ),
        stdin=DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT if read else None,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
