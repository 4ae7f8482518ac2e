"""What was poured into a pipe counts only when somebody took it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoint.backup.blocking_io import wait_until_read, write_stream
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture
def pipe() -> Iterator[list[int]]:
    """Lend both ends of a pipe; a test that closes one takes it out."""
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


async def test_taken(pipe: list[int]) -> None:
    """It waits until the last byte was taken out of the pipe."""
    await write_stream(pipe[1], b"rows")
    settling = asyncio.create_task(wait_until_read(pipe[1]))
    os.read(pipe[0], 3)
    await asyncio.wait([settling], timeout=0.1)
    assert not settling.done()
    os.read(pipe[0], 1)
    await asyncio.wait_for(settling, PATIENCE_SECONDS)


async def test_never_taken(pipe: list[int]) -> None:
    """A reader that goes away while something is left in the pipe ends it, although all was written."""
    await write_stream(pipe[1], b"rows")
    os.close(pipe.pop(0))
    with pytest.raises(BrokenPipeError):
        await asyncio.wait_for(wait_until_read(pipe[0]), PATIENCE_SECONDS)


async def test_file(tmp_path: Path) -> None:
    """A file is brought to the disk; what has none, such as /dev/null, is no obstacle."""
    for path in (tmp_path / "stream", Path(os.devnull)):
        with path.open("wb") as file:
            await write_stream(file.fileno(), b"rows")
            await asyncio.wait_for(wait_until_read(file.fileno()), PATIENCE_SECONDS)
