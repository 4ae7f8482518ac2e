"""What the peers have in common: four files of SQL, a place to live, a command for a database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.stopwatch import Command
from tests.support.database import INIT_FILES, SQL

# Files differ from tool to tool by a comment at their head at the most.
Form = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An installed tool; `command` brings the database of a URL up to date."""

    name: str
    version: str
    command: Callable[[str], Command]


def steps() -> Iterator[tuple[int, str, str]]:
    """Yield number, name and text of each migration, in the order in which they run."""
    for number, file in enumerate(INIT_FILES, start=1):
        yield number, Path(file).stem, (SQL / file).read_text("utf-8")


def write_steps(directory: Path, name: str, form: Form = str) -> None:
    """Write a file for each migration; `name` is filled in with its `number` and `step`."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, step, text in steps():
        (directory / name.format(number=number, step=step)).write_text(form(text))


def environment(**more: str) -> dict[str, str]:
    """Return the least that a program needs, and `more`."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **more}
