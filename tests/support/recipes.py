"""The recipes of docs/changing-the-schema.md, read out of the page, for the test that tries them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.database import SQL
from tests.support.files import Change

PAGE = Path(__file__).parents[2] / "docs" / "changing-the-schema.md"

_SECTION = re.compile(r"(?m)^## (.+)$")
_RELEASE = re.compile(r"(?m)^\*\*\w+ release\.\*\*")
_EDIT = re.compile(r"(?:^|\n)(In|A new file) `sql/([\w/.]+)`:\n\n```(diff|sql)\n(.*?)```", re.DOTALL)
_LOCKED = re.compile(r"(?m)^Locked: (.+)$")
_LOCK = re.compile(r"`(\w+)` \((\w+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of a recipe: its edits by file, and the tables that the page calls locked, by mode."""

    changes: Mapping[str, Change]
    locks: Mapping[str, str]


def recipes() -> dict[str, list[Release]]:
    """Return the releases of each recipe by its heading."""
    _, *parts = _SECTION.split(PAGE.read_text("utf-8"))
    return {title: list(_releases(text)) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def numbered(release: Release, base: Mapping[str, str] | None) -> dict[str, Change]:
    """Return the edits for the files of `base`, or of `sql/`; NNNN becomes the next free number."""
    directory = Path(base["MORSE_SQL_DIRECTORY"]) if base else SQL
    number = f"{len(list(directory.glob('migrations/*.sql'))) + 1:04}"
    return {name.replace("NNNN", number): change for name, change in release.changes.items()}


def _releases(section: str) -> Iterator[Release]:
    _, *texts = _RELEASE.split(section)
    for text in texts or [section]:
        [locked] = _LOCKED.findall(text)
        locks = dict(_LOCK.findall(locked))
        assert locks or locked == "nothing"
        edits = {name: _change(language, body) for _, name, language, body in _EDIT.findall(text)}
        assert text.count("```") == 2 * len(edits), "a block that belongs to no file"
        yield Release(changes=edits, locks=locks)


def _change(language: str, body: str) -> Change:
    return body if language == "sql" else partial(_patched, hunks=body.split("@@\n"))


def _patched(text: str, hunks: list[str]) -> str:
    """Return a file after the hunks of a diff, each of which fits one place in it."""
    for hunk in hunks:
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(_content(line) for line in lines if line[0] != sign) for sign in "+-")
        assert 1 == text.count(old), f"{old!r} is not in the file once"
        text = text.replace(old, new)
    return text


def _content(line: str) -> str:
    """Return a line of a diff without its sign; an empty line of context may have lost its blank."""
    return line if line == "\n" else line[1:]
