"""Replay a backup: its statements one by one, its rows as a stream, in the transaction of the caller."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import structlog

from entrypoint.backup import file
from entrypoint.backup.dump_reader import CopyBegin, CopyChunk, CopyEnd, Entry, Item
from entrypoint.deploy.run import Session
from entrypoint.errors import BackupFailed, DatabaseIncompatible, ExitCode, StatementFailed
from entrypoint.ledger import ledger
from entrypoint.postgres.connection import (
    DAY_SECONDS,
    SAFE_PATH,
    STABLE_TEXT,
    Connection,
    set_local,
    unlimited,
)
from entrypoint.report.journal import StepApplied
from entrypoint.sqlfiles import splitter
from entrypoint.sqlfiles.execute import run_statement, without_values
from entrypoint.sqlfiles.splitter import Statement

log = structlog.get_logger()

# What pg_dump sets for its session at the top of a dump; the session may be a pooler's, so here it is local.
_SETTINGS = {
    "check_function_bodies": "off",
    "row_security": "off",
    "xmloption": "content",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
}
# What to do about a statement of the backup, which nobody can correct, by SQLSTATE.
_CONTRADICTED = (
    "the rows contradict a constraint that was not in force when they were backed up: restore into an empty "
    "database with psql, without -1 and ON_ERROR_STOP, which leaves out this constraint alone"
)
_MISSING = "create what is missing, a role by CREATE ROLE with its name, then restore again"
_IN_THE_WAY = "rename what is in the way, or restore into an empty database"
_REMEDIES = {
    **dict.fromkeys(("23502", "23503", "23505", "23514", "23P01"), _CONTRADICTED),
    **dict.fromkeys(("42704", "42883", "42P01", "3F000"), _MISSING),
    **dict.fromkeys(("42710", "42723", "42P06", "42P07"), _IN_THE_WAY),
}
# pg_dump writes none of them. Behind a COMMIT a failure would leave half a database.
_OF_TRANSACTIONS = re.compile(
    r"(?:ABORT|BEGIN|COMMIT|END|PREPARE|RELEASE|ROLLBACK|SAVEPOINT|START)\b", re.IGNORECASE
)


async def replay(session: Session, digest: str) -> None:
    """Run what the backup holds in the current transaction. Raises BackupFailed and StatementFailed."""
    run, connection = session.run, session.connection
    path, began = Path(run.operand), time.monotonic()
    await set_local(connection, {**unlimited(session.server), **_SETTINGS})
    with run.journal.phase("restore"), run.budget.paused():
        rows = await _replay(session, path)
    await connection.execute(SAFE_PATH)
    await set_local(connection, STABLE_TEXT)
    await _refuse_other_dumps(connection)
    log.info("backup.replayed", path=str(path), rows=rows)
    seconds = round(time.monotonic() - began, 6)
    reason = f"sha256 {digest}"
    run.journal.note(StepApplied(action="restore", target=path.name, reason=reason, seconds=seconds))


async def _replay(session: Session, path: Path) -> int:
    items, rows = file.read(path), 0
    session.run.budget.due("restore")  # The first word is due after a while.
    async for item in items:
        if isinstance(item, CopyBegin):
            rows += await _copy(session, item, items, path)
        elif isinstance(item, Entry) and item.kind not in ("PREAMBLE", "END"):
            await _execute(session.connection, item, path)
    return rows


async def _execute(connection: Connection, entry: Entry, path: Path) -> None:
    for statement in splitter.split(entry.text):
        text = statement.text
        if found := _OF_TRANSACTIONS.match(text):
            raise BackupFailed(
                f"{path} holds {found[0].upper()}, and a restore is one transaction",
                remedy="restore it with psql, then run `morse-entrypoint --init-only`, which adopts it",
            )
        if text.upper().startswith("SET "):
            text = f"SET LOCAL {text[4:]}"
        try:
            await run_statement(
                connection,
                Statement(text=text, line=0),
                file=f"{path.name}, {entry.kind.lower()} {entry.name}",
                exit_code=ExitCode.ROUTINES,
                seconds=DAY_SECONDS,
            )
        except StatementFailed as error:
            known = _REMEDIES.get(str(error.facts.get("sqlstate")))
            error.remedy = f"{known}; nothing was restored" if known else error.remedy
            raise


async def _copy(session: Session, begin: CopyBegin, items: AsyncIterator[Item], path: Path) -> int:
    """Stream the rows of one table and return how many the server took, which must be all of them."""
    sent, sent_bytes = 0, 0

    async def rows() -> AsyncIterator[bytes]:
        nonlocal sent, sent_bytes
        async for item in items:
            if isinstance(item, CopyEnd):
                sent = item.rows
                return
            if isinstance(item, CopyChunk):
                yield item.data
                sent_bytes += len(item.data)
            if session.run.budget.due("restore"):
                log.info("restore.progressed", table=begin.table, bytes=sent_bytes)

    try:
        answer = await session.connection.copy_to_table(
            begin.table,
            schema_name=begin.schema,
            columns=list(begin.columns),
            source=rows(),
            timeout=DAY_SECONDS,
        )
    except asyncpg.DataError as error:
        raise _not_taken(path, begin, without_values(str(error)) or "") from error
    if answer != f"COPY {sent}":
        raise _not_taken(path, begin, f"{sent} rows were sent, and the server answered {answer}")
    return sent


def _not_taken(path: Path, begin: CopyBegin, reason: str) -> StatementFailed:
    return StatementFailed(
        f"{path.name}, rows of {begin.schema}.{begin.table}: {reason}",
        exit_code=ExitCode.ROUTINES,
        remedy="restore into an empty database of the same or a newer PostgreSQL; nothing was restored",
    )


async def _refuse_other_dumps(connection: Connection) -> None:
    found = await ledger.read(connection)
    if found is None or not found.release:
        raise DatabaseIncompatible(
            "the backup holds no ledger of a finished start, so it is none of this product's",
            remedy="restore it with psql, then run `morse-entrypoint --init-only`, which adopts it",
        )
