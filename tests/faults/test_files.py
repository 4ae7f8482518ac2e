"""Files that cannot be what somebody wants to deploy: refused with their place before anything connects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import free_port
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.files import Change, files_with, plus
from tests.support.process import Completed, run_entrypoint

_VIEWS = "init_views.sql"
_FIRST, _SECOND = "migrations/0001_add_one.sql", "migrations/0001_add_two.sql"
_BAD: Mapping[str, tuple[Mapping[str, Change], str]] = {
    "missing": ({_VIEWS: None}, "init_views.sql: is missing"),
    "empty": ({_VIEWS: "\n"}, "init_views.sql: is empty"),
    "not UTF-8": ({_VIEWS: b"-- a\n-- \xff\n"}, "init_views.sql:2: is not UTF-8"),
    "unknown": ({"init_more.sql": "SELECT 1;"}, "init_more.sql: is not a file that the entrypoint knows"),
    "number taken": (
        {_FIRST: "ALTER TABLE teams ADD COLUMN one int;", _SECOND: "ALTER TABLE teams ADD COLUMN two int;"},
        f"{_SECOND}: has number 0001 where 0002 is next",
    ),
    "commit": (
        {"init_production_schema.sql": "CREATE TABLE a (b int);\nCOMMIT;\n"},
        "init_production_schema.sql:2: COMMIT is refused: the entrypoint opens and ends the transaction",
    ),
    "begin": (
        {"init_test_data.sql": "BEGIN;\nSELECT 1;\n"},
        "init_test_data.sql:1: BEGIN is refused: the entrypoint opens and ends the transaction",
    ),
    "meta-command": (
        {"init_production_schema.sql": "\\set ON_ERROR_STOP on\nCREATE TABLE a (b int);\n"},
        "init_production_schema.sql:1: psql meta-commands are refused: only SQL reaches the server",
    ),
    "schema named": (
        {"init_triggers.sql": "CREATE OR REPLACE TRIGGER a\nAFTER INSERT ON public.b EXECUTE FUNCTION c();"},
        "init_triggers.sql:2: `public.` is refused: the entrypoint builds the files in other schemas",
    ),
    "unreleased": (
        {_VIEWS: plus("-- A remark that nobody released.")},
        "RELEASE: does not hold a release number and the digest of these files",
    ),
}


@pytest.mark.representative("missing", "commit", "unreleased")
@pytest.mark.parametrize("name", _BAD)
def test_refused_before_it_connects(tmp_path: Path, name: str) -> None:
    """Every finding is told with file and line, and a database that does not answer is not even missed."""
    changes, finding = _BAD[name]
    files = files_with(tmp_path, changes, released=False)
    nowhere = f"postgresql://morse@127.0.0.1:{free_port()}/morse"
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": nowhere, **files})

    failed = completed.event("start.failed")
    assert (ExitCode.FILES, ExitCode.FILES) == (completed.exit_code, failed["exit_code"])
    assert finding in failed["findings"]
    assert failed["remedy"]
    assert "database.awaited" not in completed.event_names


async def test_line_ends_and_byte_order_marks_change_nothing(
    empty_database: Database, tmp_path: Path
) -> None:
    """Files that an editor on Windows saved again are the same files, with the same digest."""
    names = ("init_production_schema.sql", "init_functions.sql", "init_triggers.sql", _VIEWS)
    windows = dict.fromkeys(names, lambda text: "\ufeff" + text.replace("\n", "\r\n"))
    files = files_with(tmp_path, windows, released=False)
    assert ExitCode.OK == _start(empty_database, **files).exit_code
    before = await state_of(empty_database)

    assert "schema.unchanged" in _start(empty_database).event_names
    assert before == await state_of(empty_database)
    await assert_converged(empty_database)


async def test_other_files_under_the_same_release(empty_database: Database, tmp_path: Path) -> None:
    """In production a release number stands for one set of files; others of the same number are refused."""
    assert ExitCode.OK == _start(empty_database, MORSE_ENVIRONMENT="production").exit_code
    before = await state_of(empty_database)
    files = _edited_under_the_same_release(tmp_path)
    completed = _start(empty_database, MORSE_ENVIRONMENT="production", **files)

    failed = completed.event("start.failed")
    assert ExitCode.FILES == completed.exit_code
    assert failed["digest"] != failed["applied_digest"]
    await assert_untouched(empty_database, before)


async def test_other_files_under_the_same_release_in_development(
    empty_database: Database, tmp_path: Path
) -> None:
    """A developer may try files before releasing them, and is reminded."""
    assert ExitCode.OK == _start(empty_database).exit_code
    completed = _start(empty_database, **_edited_under_the_same_release(tmp_path))

    assert ExitCode.OK == completed.exit_code
    assert "warning" == completed.event("release.unchanged")["level"]
    await assert_converged(empty_database, entries=2)


def _edited_under_the_same_release(directory: Path) -> dict[str, str]:
    """Return files that differ in a remark from those of the repository, but not in their number."""
    files = files_with(directory, {_VIEWS: plus("-- A remark.")})
    path = directory / "sql" / "RELEASE"
    number, digest = path.read_text().split()
    path.write_text(f"{int(number) - 1}\n{digest}\n")
    return files


def _start(database: Database, **env: str) -> Completed:
    return run_entrypoint("--init-only", env={"DATABASE_URL": database.url, **env})
