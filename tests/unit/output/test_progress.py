"""People at a terminal see a bar, everybody else reads an event now and then."""

from __future__ import annotations

import io

import pytest
from structlog.testing import capture_logs

from entrypoint.output import progress
from entrypoint.output.progress import Progress, bar, shown
from tests.support.waiting import eventually


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_bar() -> None:
    """The bar says what is done of what, in rows; a wrong total does not break it."""
    half = Progress(activity="writing", total=2000, rows=1000, bytes=1_500_000)
    assert "writing the backup  ██████████░░░░░░░░░░  50%  1,000 of 2,000 rows, 1.5 MB" == bar(half)
    assert "100%" in bar(Progress(activity="writing", total=0))
    assert "100%" in bar(Progress(activity="writing", total=1, rows=2))


async def test_terminal() -> None:
    """The bar is drawn in place on a terminal, no event is logged, and nothing of it stays."""
    stream, now = Terminal(), Progress(activity="writing", total=10)
    with capture_logs() as logs:
        async with shown(now, stream):
            await eventually(lambda: "0 of 10" in stream.getvalue())
            now.rows = 10
            await eventually(lambda: "10 of 10" in stream.getvalue())
    assert [] == logs
    assert "\n" not in stream.getvalue()
    *_, blank, end = stream.getvalue().split("\r")
    assert ("", "") == (blank.strip(), end)


async def test_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal an event says the same, also while nothing moves; it stops with the block."""
    monkeypatch.setattr(progress, "_EVENT_SECONDS", 0.01)
    stream = io.StringIO()
    with capture_logs() as logs:
        async with shown(Progress(activity="proving", total=10, rows=3, bytes=7), stream):
            await eventually(lambda: len(logs) > 1)
    expected = {"activity": "proving", "rows": 3, "total": 10, "bytes": 7}
    assert {"event": "backup.progressed", "log_level": "info", **expected} == logs[0]
    assert "" == stream.getvalue()


async def test_closed_terminal() -> None:
    """A terminal that has gone away is no reason to give a backup up."""
    stream = Terminal()
    async with shown(Progress(activity="writing", total=1), stream):
        await eventually(stream.getvalue)
        stream.close()
