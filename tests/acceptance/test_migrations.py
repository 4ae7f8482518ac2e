"""Versioned migrations: each runs once in every database that needs it, and history is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy, migrations_of
from tests.support.files import Change, files_with, plus
from tests.support.output import Completed

_ADOPTION = "0001_adopt_legacy.sql"
_MIGRATION = "0002_add_notes.sql"
_FILE = f"migrations/{_MIGRATION}"
_TABLE = "CREATE TABLE IF NOT EXISTS notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY, written DATE);"
# Its row tells how often the migration ran, which the table alone does not.
_NOTES: Mapping[str, Change] = {
    "init_production_schema.sql": plus(_TABLE),
    _FILE: f"{_TABLE}\nINSERT INTO notes (body) VALUES ('migrated');\n",
}
_INDEX = "CREATE INDEX IF NOT EXISTS idx_notes_written ON notes (written);"


@pytest.fixture
def notes(tmp_path: Path) -> dict[str, str]:
    """Return files of the next release, which add a table by a migration."""
    return files_with(tmp_path / "notes", _NOTES)


async def test_pending(initialised_database: Database, notes: Mapping[str, str]) -> None:
    """A pending migration runs once, is recorded with the release, and leaves the next start quiet."""
    first, second = [await deploy(initialised_database, notes) for _ in range(2)]

    assert [("versioned", _FILE, "not applied here yet")] == _steps(first)
    assert (0, []) == (second.exit_code, _steps(second))
    assert "schema.unchanged" in second.event_names
    assert {_ADOPTION: "contained", _MIGRATION: "applied"} == await migrations_of(initialised_database)
    assert 1 == await _rows(initialised_database)


async def test_fresh(empty_database: Database, notes: Mapping[str, str]) -> None:
    """The baseline of a fresh database contains every migration, so that none runs."""
    completed = await deploy(empty_database, notes)

    assert 0 == completed.exit_code, completed.stdout
    assert {"baseline", "functions", "triggers", "views"} == {action for action, *_ in _steps(completed)}
    assert {_ADOPTION: "contained", _MIGRATION: "contained"} == await migrations_of(empty_database)
    assert 0 == await _rows(empty_database)


async def test_no_ledger(database: Database, notes: Mapping[str, str]) -> None:
    """A database that has tables and no ledger gets every migration, in order."""
    completed = await deploy(database, notes)

    assert [f"migrations/{_ADOPTION}", _FILE] == [target for _, target, _ in _steps(completed)]
    assert {_ADOPTION: "applied", _MIGRATION: "applied"} == await migrations_of(database)
    assert 1 == await _rows(database)


@pytest.mark.parametrize(
    ("changes", "message", "remedy"),
    [
        ({_FILE: plus("SELECT 1;")}, f"{_FILE} was edited after", "the change in a new migration"),
        ({_FILE: None}, f"{_FILE} was applied to this database, but is not among", "put the file back"),
        (
            {
                "migrations/0002_add_tags.sql": "SELECT 1;",
                _FILE: None,
                "migrations/0003_add_notes.sql": _TABLE,
            },
            f"migrations/0002_add_tags.sql has the number under which {_FILE} was applied",
            "give it the next free number",
        ),
    ],
    ids=["edited", "removed", "overtaken"],
)
async def test_rewritten_history(
    initialised_database: Database,
    tmp_path: Path,
    notes: Mapping[str, str],
    changes: Mapping[str, Change],
    message: str,
    remedy: str,
) -> None:
    """Files whose history is not that of the database are refused by name, with the way out."""
    await deploy(initialised_database, notes)
    before = await state_of(initialised_database)
    completed = await deploy(initialised_database, files_with(tmp_path / "later", changes, base=notes))

    _assert_refused(completed, 8, message, remedy)
    await assert_untouched(initialised_database, before)


async def test_late_number(initialised_database: Database, tmp_path: Path, notes: Mapping[str, str]) -> None:
    """A migration that would run behind a later one is refused."""
    await deploy(initialised_database, notes)
    async with observing(initialised_database) as admin:
        await admin.execute("DELETE FROM entrypoint.migrations WHERE number = 1")
    before = await state_of(initialised_database)
    later = files_with(tmp_path / "later", {"init_functions.sql": plus("-- A word.")}, base=notes)
    completed = await deploy(initialised_database, later)

    _assert_refused(completed, 8, f"migrations/{_ADOPTION} was never applied here", "the next free number")
    await assert_untouched(initialised_database, before)


async def test_forgotten_index(initialised_database: Database, tmp_path: Path) -> None:
    """What a migration forgot and the baseline says is made from the baseline."""
    files = files_with(tmp_path, {**_NOTES, "init_production_schema.sql": plus(f"{_TABLE}\n{_INDEX}")})
    completed = await deploy(initialised_database, files)

    assert 0 == completed.exit_code, completed.stdout
    assert ["versioned", "repair"] == [action for action, *_ in _steps(completed)]
    assert ("repair", "index idx_notes_written", "missing") == _steps(completed)[1]


async def test_other_result(initialised_database: Database, tmp_path: Path) -> None:
    """A migration that leads elsewhere than the baseline, beyond repair, is rolled back with code 9."""
    before = await state_of(initialised_database)
    elsewhere = _TABLE.replace("written DATE", "written TIMESTAMPTZ")
    completed = await deploy(initialised_database, files_with(tmp_path, {**_NOTES, _FILE: elsewhere}))

    _assert_refused(completed, 9, "column notes.written: expected", "write a migration")
    assert before == await state_of(initialised_database)


def _steps(completed: Completed) -> list[tuple[str, str, str]]:
    return [
        (event["action"], event["target"], event["reason"])
        for event in completed.events
        if event["event"] == "step.applied"
    ]


def _assert_refused(completed: Completed, exit_code: int, message: str, remedy: str) -> None:
    failed = completed.event("start.failed")
    assert exit_code == completed.exit_code
    assert message in failed["message"]
    assert remedy in failed["remedy"]


async def _rows(database: Database) -> int:
    async with observing(database) as connection:
        rows: int = await connection.fetchval("SELECT count(*) FROM notes")
    return rows
