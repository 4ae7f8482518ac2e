"""The runner's own statements: each stands once, in the folder that asks it."""

from __future__ import annotations

import re
from pathlib import Path

from entrypoint.postgres import queries
from entrypoint.verification import derived_checks

PACKAGE = Path(queries.__file__).parents[1]
# Parts of other statements, put into them by their marks.
_PARTS = {"held_grants", "recorded_names"}
_ASKED = re.compile(r'query\(\s*"([a-z_]+)"')


def asked() -> dict[str, set[Path]]:
    """Return the folders that ask for each statement."""
    found: dict[str, set[Path]] = {name: {PACKAGE / "verification"} for name in derived_checks.NAMES}
    for path in PACKAGE.rglob("*.py"):
        for name in _ASKED.findall(path.read_text("utf-8")):
            found.setdefault(name, set()).add(path.parent)
    return found


def held() -> list[tuple[str, Path]]:
    """Return each statement with the folder that it stands in."""
    return [
        (name, PACKAGE.joinpath(file).parent)
        for file in queries._FILES  # noqa: SLF001 - the list that is tested
        for name in re.findall(r"^-- name: (\w+)", (PACKAGE / file).read_text("utf-8"), re.MULTILINE)
    ]


def test_each_statement_stands_once() -> None:
    """A name that stood twice would hide one of its statements."""
    names = [name for name, _ in held()]
    assert sorted(set(names)) == sorted(names)


def test_what_is_asked_for_is_there() -> None:
    """No module asks for a statement that no file holds, and no file holds one that nobody asks for."""
    assert {name for name, _ in held()} == asked().keys() | _PARTS


def test_a_statement_stands_in_the_folder_that_asks_it() -> None:
    """Who reads a module finds its statements beside it."""
    elsewhere = [name for name, folder in held() if name not in _PARTS and folder not in asked()[name]]
    assert [] == elsewhere


def test_every_file_of_statements_is_listed() -> None:
    """A file with named statements that the list lacks would never be read."""
    files = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.sql")
        if "-- name: " in path.read_text("utf-8")
    }
    assert files == set(queries._FILES)  # noqa: SLF001 - the list that is tested
