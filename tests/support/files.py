"""Copies of `sql/` that a test changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from entrypoint.sqlfiles.directory import read
from entrypoint.sqlfiles.release import release
from entrypoint.sqlfiles.source import Source, parsed
from tests.support.database import SQL

Change = str | bytes | None | Callable[[str], str]


def load(directory: Path = SQL) -> Source:
    """Return what released files say, as a start reads them. Raises FilesRefused with every finding."""
    return parsed(read(directory))


def files_with(
    directory: Path,
    changes: Mapping[str, Change],
    *,
    released: bool = True,
    examined: bool = True,
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Copy `sql/` into `directory`, change it, and return the environment that names the copy.

    A change is the new content of a file, None to remove it, or a function of its text. The copy
    gets the next release number unless `released` is False, as files need that are to be refused.
    Files that break the contract, and are sent to a server all the same, are not `examined`.
    With `base`, what an earlier call returned, the copy is made of those files.
    """
    copy = directory / "sql"
    shutil.copytree(base["MORSE_SQL_DIRECTORY"] if base else SQL, copy)
    for name, change in changes.items():
        _change(copy / name, change)
    if released and examined:
        release(copy)
    elif released:
        files = read(copy)
        (copy / "RELEASE").write_text(f"{files.release + 1}\nsha256:{files.digest}\n")
    return {"MORSE_SQL_DIRECTORY": str(copy)}


def plus(statement: str) -> Callable[[str], str]:
    """Return a change that adds a statement at the end of a file."""
    return lambda text: f"{text}\n{statement}\n"


def instead(old: str, new: str) -> Callable[[str], str]:
    """Return a change that replaces `old`, which must be there."""

    def change(text: str) -> str:
        assert old in text, f"{old!r} is not in the file any more"
        return text.replace(old, new)

    return change


def _change(path: Path, change: Change) -> None:
    match change:
        case None:
            path.unlink()
        case bytes():
            path.write_bytes(change)
        case str():
            path.parent.mkdir(exist_ok=True)
            path.write_text(change)
        case _:
            path.write_text(change(path.read_text()))
