"""Migrations that run outside a transaction, after COMMIT: indexes built while the tables are in use."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import structlog

from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import record
from entrypoint.deploy.apply import applied
from entrypoint.deploy.plan import Plan
from entrypoint.deploy.run import Session
from entrypoint.errors import ExitCode, StatementFailed
from entrypoint.postgres.advisory_lock import exclusive_transaction
from entrypoint.postgres.connection import (
    CONNECTION_CHECK,
    Connection,
    ask,
    connected,
    milliseconds,
    release_snapshot,
    set_local,
    set_session,
    writing_settings,
)
from entrypoint.postgres.identifiers import quoted
from entrypoint.postgres.queries import query
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.sqlfiles.execute import run_statement
from entrypoint.sqlfiles.source import Script
from entrypoint.sqlfiles.splitter import Statement, significant

log = structlog.get_logger()

_EARLIER_SECONDS = 0.1
_LATER_SECONDS = 5.0
_BUILT = re.compile(r"create (?:unique )?index concurrently (?:if not exists )?(\S+) ")


async def finish(session: Session, expected: Catalog, plan: Plan) -> None:
    """Build after COMMIT what was deferred, prove the whole catalog, and only then record it as applied.

    The advisory lock is held by a second connection in an idle transaction meanwhile.
    """
    run = session.run
    with run.journal.transaction() as changes:
        async with _guarded(session) as guarded:
            await _build(session, plan)
            finished = Plan(migrations=plan.deferred)
            proved = await record.prove(guarded, expected, finished)
            await record.record(guarded, expected, finished, changes.steps, proved)


@contextlib.asynccontextmanager
async def _guarded(session: Session) -> AsyncIterator[Session]:
    """Hold the advisory lock on a second connection, in a transaction without a snapshot."""
    run, settings = session.run, session.run.settings
    async with (
        naming_blockers(session.connection, run.budget),
        connected(settings.database, settings.retry, settings.identity.application_name) as guard,
        exclusive_transaction(guard, run.budget),
    ):
        limits = writing_settings(settings.retry, session.server, run.budget.remaining)
        await set_local(guard, {**limits, "idle_in_transaction_session_timeout": "0"})
        await release_snapshot(guard)
        yield session._replace(connection=guard)


async def _build(session: Session, plan: Plan) -> None:
    """Run each statement on its own, bounded by the rest of the budget.

    Safe to repeat after a kill at any point: an index that is there and valid is left alone, one that a
    killed build left invalid is dropped first. CREATE INDEX CONCURRENTLY does not wait for the caller's
    idle READ COMMITTED transaction.
    """
    run, remaining = session.run, session.run.budget.remaining
    settings = {
        "search_path": "pg_catalog, pg_temp",
        "statement_timeout": milliseconds(remaining),
        # Waiting for the table's users ends a little earlier, so that they are named.
        "lock_timeout": milliseconds(remaining - _EARLIER_SECONDS),
        "client_connection_check_interval": CONNECTION_CHECK,
    }
    await set_session(session.connection, settings)
    for step, migration in plan.deferred_tasks:
        await applied(run.journal, step, _run(session.connection, migration, remaining))


async def _run(connection: Connection, migration: Script, seconds: float) -> None:
    valid = await _valid_indexes(connection, migration.builds)
    for statement in migration.statements:
        if _built_index(statement) not in valid:
            await _run_statement(connection, statement, migration.name, seconds)


async def _run_statement(connection: Connection, statement: Statement, file: str, seconds: float) -> None:
    # The server's own timeout, whose error names its cause, comes first.
    limit = seconds + _LATER_SECONDS
    # For the session, because the statement can be in no transaction; after a failure the session ends.
    await connection.execute("SET search_path = public, pg_temp")
    try:
        await run_statement(connection, statement, file=file, exit_code=ExitCode.SCHEMA, seconds=limit)
    except StatementFailed as error:
        error.remedy = (
            "remove what stands in the way of this statement and start again; all the rest was committed"
        )
        raise
    await connection.execute("SET search_path = pg_catalog, pg_temp")


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
            await connection.execute(f"DROP INDEX CONCURRENTLY public.{quoted(row['name'])}")
    return frozenset(row["name"] for row in rows if row["valid"])
