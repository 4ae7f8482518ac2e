"""A file is run as one message, and by its statements where that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from entrypoint.errors import ExitCode, StatementFailed
from entrypoint.postgres.connection import SAFE_PATH, Connection, path_through
from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import Script
from tests.support.database import Database

_NOTE = "CREATE TABLE notes (id int);\nINSERT INTO notes VALUES (1);\n"
# The server hands a statement the text of the whole message that it came with.
_ALONE = """
DO $$ BEGIN
    IF current_query() LIKE '%INSERT' || ' INTO notes%' THEN RAISE 'not beside others'; END IF;
END $$;
"""


@asynccontextmanager
async def _transaction(database: Database) -> AsyncIterator[Connection]:
    connection = await database.connect()
    await connection.execute("BEGIN")
    yield connection


def file(text: str) -> Script:
    """Return a baseline of these statements."""
    return Script(name="init_production_schema.sql", role=Role.BASELINE, checksum="", text=text)


async def test_a_file_is_one_message(database: Database) -> None:
    """What a statement of the file sees as its query is the file as it is, between what sets its path."""
    text = f"-- A remark.\n{_NOTE}CREATE TABLE seen AS SELECT current_query() AS text;"
    async with _transaction(database) as connection:
        await execute.run_whole(connection, [file(text)])
        sent = f"{path_through('public')};\n{text}\n{SAFE_PATH}"
        assert sent == await connection.fetchval("SELECT text FROM public.seen")


async def test_what_failed_as_a_whole_is_run_by_its_statements_and_nothing_twice(database: Database) -> None:
    """A file that only fails in one piece still runs, and leaves what its statements leave."""
    async with _transaction(database) as connection:
        await execute.run_whole(connection, [file(_NOTE + _ALONE)])
        assert 1 == await connection.fetchval("SELECT count(*) FROM public.notes")


async def test_the_statement_that_fails_is_named(database: Database) -> None:
    """The error names file, line and statement, as if they had been sent one by one."""
    async with _transaction(database) as connection:
        with pytest.raises(StatementFailed) as failure:
            await execute.run_whole(connection, [file(f"{_NOTE}SELECT 1\n    / 0;\nSELECT 2;\n")])
    assert ("init_production_schema.sql", 3, "SELECT 1 / 0") == tuple(
        failure.value.facts[name] for name in ("file", "line", "statement")
    )
    assert ExitCode.SCHEMA == failure.value.exit_code


async def test_what_may_pass_is_raised_as_it_is(database: Database) -> None:
    """A table that somebody else holds is a matter of another attempt, not of another way to run the file."""
    other = await database.connect()
    await other.execute("CREATE TABLE held (id int)")
    await other.execute("BEGIN; LOCK TABLE held")
    async with _transaction(database) as connection:
        await connection.execute("SET LOCAL lock_timeout = '10ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await execute.run_whole(connection, [file("ALTER TABLE held ADD COLUMN more int;")])
