"""Statements that fail: where they stand is told, what people stored is not, and nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import SQL, Database
from tests.support.database_state import assert_untouched, state_of
from tests.support.files import files_with, plus
from tests.support.process import Completed, run_entrypoint

_PRIVATE = "what somebody stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A statement at the end of a file, the line of it that is wrong, and what a start then says."""

    file: str
    statement: str
    line: int = 1
    sqlstate: str
    exit_code: ExitCode


_MISTAKES = {
    "syntax": Mistake(
        file="init_production_schema.sql",
        statement="CREATE TABLE notes (\n    body TEXTUAL,\n    BODY TEXT,\n);",
        line=4,
        sqlstate="42601",
        exit_code=ExitCode.SCHEMA,
    ),
    "run time": Mistake(
        file="init_production_schema.sql",
        statement="CREATE INDEX broken\nON teams ((1 / 0));",
        sqlstate="22012",
        exit_code=ExitCode.SCHEMA,
    ),
    # The scratch build does not look into bodies, so this one fails in the apply itself.
    "function": Mistake(
        file="init_functions.sql",
        statement="CREATE OR REPLACE FUNCTION broken() RETURNS INTEGER LANGUAGE sql AS 'SELECT nothing';",
        sqlstate="42703",
        exit_code=ExitCode.ROUTINES,
    ),
    "trigger": Mistake(
        file="init_triggers.sql",
        statement="CREATE OR REPLACE TRIGGER broken\nBEFORE UPDATE ON teams\n"
        "FOR EACH ROW EXECUTE FUNCTION nothing();",
        sqlstate="42883",
        exit_code=ExitCode.ROUTINES,
    ),
    "view": Mistake(
        file="init_views.sql",
        statement="CREATE OR REPLACE VIEW broken AS\nSELECT\n    id,\n    nothing\nFROM users;",
        line=4,
        sqlstate="42703",
        exit_code=ExitCode.ROUTINES,
    ),
    "test data": Mistake(
        file="init_test_data.sql",
        statement="INSERT INTO users (device_uuid)\nVALUES (NULL);",
        sqlstate="23502",
        exit_code=ExitCode.TEST_DATA,
    ),
}


@pytest.mark.parametrize("name", _MISTAKES)
async def test_mistake_in_a_file(empty_database: Database, tmp_path: Path, name: str) -> None:
    """File, line, statement and SQLSTATE of what failed are told, with the exit code of its kind."""
    mistake = _MISTAKES[name]
    before = await state_of(empty_database)
    # A mistake of syntax is refused when the release is made; here the server is asked all the same.
    files = files_with(tmp_path, {mistake.file: plus(mistake.statement)}, examined=name != "syntax")
    completed = _start(empty_database, "--with-test-data", **files)

    failed = completed.event("start.failed")
    first_line = (SQL / mistake.file).read_text().count("\n") + 2
    assert mistake.exit_code == completed.exit_code
    assert (mistake.file, first_line + mistake.line - 1) == (failed["file"], failed["line"])
    assert mistake.sqlstate == failed["sqlstate"]
    assert " ".join(mistake.statement.split()).startswith(failed["statement"].rstrip(";"))
    assert failed["message"].startswith(f"{mistake.file}:{failed['line']}: ")
    await assert_untouched(empty_database, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Rows that a repair cannot get past, and what a start then says."""

    made_by: str
    sqlstate: str
    exit_code: ExitCode
    repair: str


_OBSTACLES = {
    "duplicates": Obstacle(
        made_by="ALTER TABLE users DROP CONSTRAINT users_device_uuid_key;"
        f"INSERT INTO users (device_uuid) VALUES ('{_PRIVATE}'), ('{_PRIVATE}')",
        sqlstate="23505",
        exit_code=ExitCode.INCOMPATIBLE,
        repair="repair of constraint users.users_device_uuid_key",
    ),
    "nulls": Obstacle(
        made_by="ALTER TABLE users ALTER device_uuid DROP NOT NULL;"
        f"INSERT INTO users (device_uuid, migration_status) VALUES (NULL, '{_PRIVATE}')",
        sqlstate="23502",
        exit_code=ExitCode.INCOMPATIBLE,
        repair="repair of column users.device_uuid",
    ),
    "orphans": Obstacle(
        made_by="ALTER TABLE users DROP CONSTRAINT fk_users_app_users;"
        "INSERT INTO users (device_uuid, migrated_to_app_user_id) "
        "VALUES ('a device', '0badcafe-0000-4000-8000-000000000000')",
        sqlstate="23503",
        exit_code=ExitCode.INCOMPATIBLE,
        repair="repair of constraint users.fk_users_app_users",
    ),
    "breaches": Obstacle(
        made_by="ALTER TABLE exercise_library DROP CONSTRAINT exercise_library_difficulty_level_check;"
        f"INSERT INTO exercise_library (name, difficulty_level) VALUES ('{_PRIVATE}', 4711)",
        sqlstate="23514",
        exit_code=ExitCode.INCOMPATIBLE,
        repair="repair of constraint exercise_library.exercise_library_difficulty_level_check",
    ),
}


@pytest.mark.parametrize("name", _OBSTACLES)
async def test_rows_in_the_way(initialised_database: Database, name: str) -> None:
    """Rows that forbid a repair stop the start; their values are not told, and stay as they are."""
    obstacle = _OBSTACLES[name]
    owner = await initialised_database.connect()
    await owner.execute(obstacle.made_by)
    before = await state_of(initialised_database)
    completed = _start(initialised_database)

    failed = completed.event("start.failed")
    assert (obstacle.exit_code, obstacle.sqlstate) == (completed.exit_code, failed["sqlstate"])
    assert obstacle.repair == failed["file"]
    for value in (_PRIVATE, "0badcafe", "4711"):
        assert value not in completed.stdout + completed.stderr
    await assert_untouched(initialised_database, before)


def _start(database: Database, *flags: str, **env: str) -> Completed:
    return run_entrypoint("--init-only", *flags, env={"DATABASE_URL": database.url, **env})
