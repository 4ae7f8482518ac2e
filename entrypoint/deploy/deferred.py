"""Migrations that run outside a transaction, after COMMIT: indexes built while the tables are in use."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import structlog

from entrypoint.errors import DatabaseIncompatible, ExitCode, StatementFailed
from entrypoint.postgres.connection import CONNECTION_CHECK, Connection, ask, milliseconds, set_session
from entrypoint.postgres.queries import query
from entrypoint.postgres.table_locks import quoted
from entrypoint.report.steps import AppliedStep
from entrypoint.sqlfiles.execute import run_statement
from entrypoint.sqlfiles.source import Script
from entrypoint.sqlfiles.splitter import Statement, significant

log = structlog.get_logger()

_EARLIER_SECONDS = 0.1
_LATER_SECONDS = 5.0
_BUILT = re.compile(r"create (?:unique )?index concurrently (?:if not exists )?(\S+) ")


def refuse_pooler(migrations: Iterable[Script], *, pooled: bool) -> None:
    """Raise DatabaseIncompatible where a pooler would spread a session over several servers."""
    names = [migration.name for migration in migrations]
    if names and pooled:
        raise DatabaseIncompatible(
            f"{names[0]} runs outside a transaction, which a connection pooler cannot do safely",
            remedy="set MORSE_ADMIN_DATABASE_URL to the database itself",
        )


async def build(
    connection: Connection, migrations: Iterable[Script], remaining: float
) -> tuple[AppliedStep, ...]:
    """Run each statement on its own; `remaining` bounds it in seconds.

    Safe to repeat after a kill at any point: an index that is there and valid is left alone, one that a
    killed build left invalid is dropped first. The caller holds the advisory lock on another connection,
    in an idle READ COMMITTED transaction, for which CREATE INDEX CONCURRENTLY does not wait.
    """
    settings = {
        "search_path": "public, pg_temp",
        "statement_timeout": milliseconds(remaining),
        # Waiting for the table's users ends a little earlier, so that they are named.
        "lock_timeout": milliseconds(remaining - _EARLIER_SECONDS),
        "client_connection_check_interval": CONNECTION_CHECK,
    }
    await set_session(connection, settings)
    return tuple([await _run(connection, migration, remaining) for migration in migrations])


async def _run(connection: Connection, migration: Script, seconds: float) -> AppliedStep:
    began = time.monotonic()
    valid = await _valid_indexes(connection, migration.builds)
    for statement in migration.statements:
        if _built_index(statement) not in valid:
            await _run_statement(connection, statement, migration.name, seconds)
    step = AppliedStep(
        action=migration.role.value,
        target=migration.name,
        reason="outside a transaction",
        seconds=round(time.monotonic() - began, 6),
    )
    log.info("step.applied", action=step.action, target=step.target, reason=step.reason, seconds=step.seconds)
    return step


async def _run_statement(connection: Connection, statement: Statement, file: str, seconds: float) -> None:
    # The server's own timeout, which says what it was, comes first.
    limit = seconds + _LATER_SECONDS
    try:
        await run_statement(connection, statement, file=file, exit_code=ExitCode.SCHEMA, seconds=limit)
    except StatementFailed as error:
        error.remedy = (
            "remove what stands in the way of this statement and start again; all the rest was committed"
        )
        raise


def _built_index(statement: Statement) -> str | None:
    words = " ".join(token.word for token in significant(statement.text) if token.word) + " "
    match = _BUILT.match(words)
    return match[1] if match else None


async def _valid_indexes(connection: Connection, names: tuple[str, ...]) -> frozenset[str]:
    """Return which of `names` are built, after dropping those that a killed build left behind."""
    rows = await ask(connection, query("built_indexes"), list(names))
    for row in rows:
        if not row["valid"]:
            log.warning("index.dropped", index=row["name"], reason="a build was interrupted")
            await connection.execute(f"DROP INDEX CONCURRENTLY {quoted(row['name'])}")
    return frozenset(row["name"] for row in rows if row["valid"])
