"""Cases of one kind of object each: what `sql/` says, what somebody did, and what has to come of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from entrypoint.catalog.difference import Difference

_FOLDER = Path(__file__).parent
_SECTION = re.compile(r"^-- (before|after|differences|statements)$\n?", re.MULTILINE)
# Said instead of statements where a person has to decide.
REFUSED = "refused"


class Case(NamedTuple):
    """One file: `before` and `after` are SQL, the rest is what is expected of it."""

    name: str
    before: str
    after: str
    differences: tuple[str, ...]
    statements: tuple[str, ...]


def all_cases() -> list[Case]:
    """Return the cases of every kind, in the order of their files."""
    return [_read(path) for path in sorted(_FOLDER.glob("*/*.sql"))]


def _read(path: Path) -> Case:
    parts = re.split(_SECTION, path.read_text("utf-8"))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    statements = sections["statements"].strip().removeprefix("-- ").split("\n--\n")
    return Case(
        name=f"{path.parent.name}/{path.stem}",
        before=sections["before"],
        after=sections["after"],
        differences=tuple(line.removeprefix("-- ") for line in sections["differences"].strip().splitlines()),
        statements=tuple(text.strip() for text in statements if text.strip()),
    )


def line_of(difference: Difference) -> str:
    """Return a difference as the files write it."""
    mark = " (warning)" if difference.severity == "warning" else ""
    return f"{difference.status} {difference.kind} {difference.name}{mark}"
