"""The transaction of a command that writes: exclusive, bounded, and certain about its COMMIT."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import asyncpg
import structlog

from entrypoint.deploy import up_to_date
from entrypoint.deploy.run import Session
from entrypoint.ledger.ledger import Standing
from entrypoint.postgres import preflight
from entrypoint.postgres.advisory_lock import exclusive_transaction, until_free
from entrypoint.postgres.connection import CommitRefused, ask, set_local, writing_settings
from entrypoint.postgres.obstacles import CommitPending
from entrypoint.postgres.queries import query
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.report import report
from entrypoint.report.journal import Changes, Journal, LedgerRecorded, TransactionBegun

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def apply_transaction(
    session: Session, *, waits: bool = True, dry_run: bool = False
) -> AsyncIterator[Changes]:
    """Hold the advisory lock and a transaction in which it is safe and allowed to write.

    Yields the changes noted in it, which become facts of the journal once COMMIT was answered. A dry run
    ends with ROLLBACK; give it a journal of its own, which then holds what was measured. Raises LockNotFree
    when another session holds the lock, unless it `waits`.
    """
    run, connection = session.run, session.connection
    with run.journal.transaction() as changes, _settled_by_an_answer(changes):
        async with (
            naming_blockers(connection, run.budget),
            exclusive_transaction(connection, run.budget, waits=waits, dry_run=dry_run) as waited,
        ):
            run.journal.note(TransactionBegun())
            run.journal.waited_for_lock(waited)
            remaining = run.budget.remaining
            await set_local(connection, writing_settings(run.settings.retry, session.server, remaining))
            await preflight.require_writable(connection)
            await preflight.require_privileges(connection)
            yield changes
            sent = time.monotonic()
            if not dry_run:
                changes.transaction_id = await connection.fetchval(query("assigned_transaction"))
    if changes.facts and not dry_run:
        _log_committed(run.journal, changes, sent)


@contextlib.contextmanager
def _settled_by_an_answer(changes: Changes) -> Iterator[None]:
    """Know the changes as rolled back when the server answered COMMIT with ROLLBACK, or with an error.

    An error that ends the session too is no answer: a COMMIT may be carried out before it.
    """
    try:
        yield
    except CommitRefused:
        changes.transaction_id = None
        raise
    except asyncpg.PostgresError as error:
        if getattr(error, "severity_en", None) == "ERROR":
            changes.transaction_id = None
        raise


def _log_committed(journal: Journal, changes: Changes, sent: float) -> None:
    """Log what is true now that COMMIT was answered; `sent` is when it was sent, monotonic."""
    journal.finished("commit", sent)
    for lock in report.locks_of(changes.facts):
        log.info("table.locked", table=lock.table, mode=lock.mode, seconds=round(lock.seconds, 4))
    for fact in changes.facts:
        if isinstance(fact, LedgerRecorded):
            log.info("ledger.recorded", release=fact.release, digest=fact.digest)


async def wait_for_other_start(session: Session) -> Standing:
    """Wait until the advisory lock is free, and read what its holder left."""
    run = session.run
    run.journal.waited_for_lock(await until_free(session.connection, run.budget))
    return await up_to_date.look(session)


async def resolve(session: Session) -> None:
    """Ask the server what became of a COMMIT that was not answered. Raises CommitPending."""
    changes = session.run.journal.in_doubt
    if changes is None:
        return
    try:
        [row] = await ask(session.connection, query("transaction_status"), changes.transaction_id)
        status = row[0] or "unknown"
    except asyncpg.InvalidParameterValueError:
        status = "unknown"  # A standby that took over may never have heard of it.
    if status == "in progress":
        raise CommitPending
    log.warning("commit.resolved", status=status, transaction=changes.transaction_id)
    session.run.journal.resolve(committed=status == "committed")
