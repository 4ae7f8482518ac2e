"""Migrations that run outside a transaction, after COMMIT: indexes built while the tables are in use."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import structlog

from entrypoint.apply import AppliedStep, quoted
from entrypoint.database import Connection, ask, milliseconds, set_session
from entrypoint.errors import DatabaseIncompatible, ExitCode
from entrypoint.execution import run_statement
from entrypoint.migration import Migration
from entrypoint.queries import query
from entrypoint.splitter import Statement, significant

log = structlog.get_logger()

_BUILT = re.compile(r"create (?:unique )?index concurrently (?:if not exists )?(\S+) ")


def refuse_pooler(migrations: Iterable[Migration], *, pooled: bool) -> None:
    """Raise DatabaseIncompatible where a pooler would spread a session over several servers."""
    names = [migration.name for migration in migrations]
    if names and pooled:
        raise DatabaseIncompatible(
            f"{names[0]} runs outside a transaction, which a connection pooler cannot do safely",
            remedy="set MORSE_ADMIN_DATABASE_URL to the database itself",
        )


async def build(
    connection: Connection, migrations: Iterable[Migration], remaining: float
) -> tuple[AppliedStep, ...]:
    """Run each statement on its own; `remaining` bounds it in seconds.

    Safe to repeat after a kill at any point: an index that is there and valid is left alone, one that a
    killed build left invalid is dropped first. The caller holds the advisory lock on another connection,
    in an idle READ COMMITTED transaction, for which CREATE INDEX CONCURRENTLY does not wait.
    """
    limit = milliseconds(max(remaining, 0.001))
    timeouts = {"statement_timeout": limit, "lock_timeout": limit}
    await set_session(connection, {"search_path": "public, pg_temp", **timeouts})
    return tuple([await _run(connection, migration, remaining) for migration in migrations])


async def _run(connection: Connection, migration: Migration, seconds: float) -> AppliedStep:
    began = time.monotonic()
    valid = await _valid_indexes(connection, migration.builds)
    for statement in migration.statements:
        if _built_index(statement) not in valid:
            await run_statement(
                connection,
                statement,
                file=migration.name,
                exit_code=ExitCode.SCHEMA,
                seconds=seconds,
            )
    step = AppliedStep(
        action=migration.role.value,
        target=migration.name,
        reason="outside a transaction",
        seconds=round(time.monotonic() - began, 6),
    )
    log.info("step.applied", action=step.action, target=step.target, reason=step.reason, seconds=step.seconds)
    return step


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
