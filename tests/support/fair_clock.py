"""Seconds less those of waiting for a processor: for every test whose rule is a deadline."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NANOSECONDS = 1e9


class FairClock:
    """Measure from now on what a program would have taken on a machine of its own.

    Left out is the time for which the processes `pids` with their descendants, or this process, could run
    and had to wait: the longer of the two. A process takes its count with it when it ends: call `look`
    a few times a second. Where the system does not count (Linux does), the seconds are those of any clock.
    """

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._began = time.monotonic()
        self._ours: dict[Path, float] = {}
        self._theirs: dict[Path, float] = {}
        self.look()
        self._before = {**self._ours, **self._theirs}

    @property
    def seconds(self) -> float:
        """The seconds since the clock was made, without the waiting."""
        self.look()
        return time.monotonic() - self._began - self.waited

    @property
    def waited(self) -> float:
        """The seconds of waiting that were seen until the last look."""
        return max(
            sum(waited - self._before.get(task, 0) for task, waited in tasks.items())
            for tasks in (self._ours, self._theirs)
        )

    def look(self) -> None:
        """Read how long each task has waited until now."""
        self._ours.update(_waiting(os.getpid(), descend=False))
        for pid in self._pids:
            self._theirs.update(_waiting(pid))


def _waiting(pid: int, *, descend: bool = True) -> Iterator[tuple[Path, float]]:
    """Yield the threads of a process, and those of its descendants, with the seconds that each waited."""
    with suppress(OSError, ValueError, IndexError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield task, int((task / "schedstat").read_text().split()[1]) / _NANOSECONDS
            for child in (task / "children").read_text().split() if descend else ():
                yield from _waiting(int(child))
