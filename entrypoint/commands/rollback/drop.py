"""Remove what the product owns: admit, back up, drop, and prove that it is gone and nothing else is."""

from __future__ import annotations

import asyncio
import random
import time

import asyncpg
import structlog

from entrypoint.catalog import objects, privileges, scratch
from entrypoint.commands.rollback import backup_first, drop_order, owned
from entrypoint.commands.rollback.drop_order import Drop
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.commands.rollback.owned import OwnedObjects
from entrypoint.deploy import admission
from entrypoint.deploy.apply import applied
from entrypoint.deploy.plan import Step
from entrypoint.deploy.run import Run, Session, reading
from entrypoint.errors import DatabaseIncompatible, ExitCode, FilesRefused, StatementFailed
from entrypoint.ledger import entries
from entrypoint.ledger.ledger import Ledger
from entrypoint.postgres import table_locks
from entrypoint.postgres.connection import (
    ALONE,
    Connection,
    resolving,
    rolled_back,
    savepoint,
    set_local,
    unlimited,
)
from entrypoint.postgres.obstacles import TableBusy
from entrypoint.postgres.queries import query
from entrypoint.postgres.table_locks import LockMode
from entrypoint.report.journal import BackupProved, TablesLocked
from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.source import Script
from entrypoint.sqlfiles.splitter import Statement
from entrypoint.verification.expected import built

log = structlog.get_logger()

_DEPENDENT_OBJECTS = "2BP01"
_PAUSE_SECONDS = (0.1, 0.5)


async def survey(session: Session) -> Inventory:
    """Return what a rollback would drop, with exact numbers of rows. Writes nothing."""
    run, connection = session.run, session.connection
    async with reading(session):
        found = await owned.read_owned(connection)
    if found is None:
        expected = await built(connection, run.source)
        async with reading(session):
            owned.refuse_unrecorded(expected, await objects.read(connection, "public"))
    with run.budget.paused():
        async with reading(session):
            await set_local(connection, unlimited(session.server))
            tables = [await owned.content(connection, name) for name in found.tables] if found else []
    stamped = found.ledger.stamp if found else None
    return Inventory(
        database=session.server.database,
        server_version=session.server.version_text,
        stamp=stamped.value if stamped else None,
        production=admission.is_production(found.ledger if found else None, run.settings.environment),
        release=found.ledger.release if found else 0,
        tables=tuple(tables),
        objects=found.counts if found else {},
    )


async def remove(session: Session) -> None:
    """Drop what the product owns in the current transaction, which holds the advisory lock.

    Applies no step where nothing of the product is there. Raises ConfigurationError when it was not
    confirmed well enough, BackupFailed, TableBusy, and DatabaseIncompatible for what cannot be dropped;
    the caller rolls back.
    """
    run, connection = session.run, session.connection
    file = _file(run)
    found = await owned.read_owned(connection)
    admission.refuse_unconfirmed(
        found.ledger if found else None, run.settings.environment, session.server.database, run.confirmed
    )
    if found is None:
        expected = await scratch.build(connection, run.source)
        owned.refuse_unrecorded(expected, await objects.read(connection, "public"))
        log.info("rollback.unneeded", database=session.server.database)
        return
    await privileges.require_ownership(connection, found.objects)
    await owned.refuse_dependents(connection, found)
    await set_local(connection, unlimited(session.server))
    began = time.monotonic()
    await _lock(session, found)
    run.journal.note(TablesLocked(since=began, modes=dict.fromkeys(found.tables, "AccessExclusiveLock")))
    step = Step(action=file.role.value, target=file.name, reason="confirmed")
    with run.journal.phase("rollback"):
        await applied(run.journal, step, _drop(session, file, found))


def _file(run: Run) -> Script:
    if run.source.rollback is None:
        raise FilesRefused(
            "there is no rollback_database.sql, which says what the product owns",
            remedy="add the file to sql/",
        )
    return run.source.rollback


async def _lock(session: Session, found: OwnedObjects) -> None:
    """Keep everybody out of the tables; when there is to be a backup, only writers until it is proved."""
    run = session.run
    if run.backup is None:
        await _lock_tables(session, found, LockMode.ACCESS_EXCLUSIVE)
        return
    await _lock_tables(session, found, LockMode.SHARE_ROW_EXCLUSIVE)
    with run.journal.phase("backup"), run.budget.paused():
        backup = BackupProved(await backup_first.back_up(session, found))
    run.journal.note(backup)
    await _exclude_readers(session, found, backup)


async def _lock_tables(session: Session, found: OwnedObjects, mode: LockMode) -> None:
    """Lock the views before the tables, which locks what they read in the order in which readers do.

    Whoever reads a view locks it first. Locked last, it would end in a deadlock under any traffic.
    """
    run = session.run
    limit = run.settings.retry.table_lock_timeout(run.budget.remaining)
    names = (*found.views, *found.tables)
    await table_locks.lock_tables(session.connection, [(name, mode) for name in names], limit)


async def _exclude_readers(session: Session, found: OwnedObjects, backup: BackupProved) -> None:
    """Take the last lock without giving up the first, so that the backup stays what the tables hold.

    Each try gives way to readers after the usual time. Raises TableBusy at the end of the budget.
    """
    while True:
        try:
            async with savepoint(session.connection, "exclude_readers"):
                await _lock_tables(session, found, LockMode.ACCESS_EXCLUSIVE)
        except (TableBusy, asyncpg.DeadlockDetectedError) as error:
            # Raised any sooner, it would be tried again from the start, with another backup.
            if session.run.budget.remaining <= 0:
                raise
            log.warning("rollback.delayed", reason=str(error), backup=backup.path)
            await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret
        else:
            return


async def _drop(session: Session, file: Script, found: OwnedObjects) -> None:
    """Drop what the newest entry of the ledger names, then what the file names of earlier releases."""
    connection = session.connection
    before = await objects.read(connection, "public")
    try:
        drops = await _drops(connection, found)
        # The server then names what depends on ours without its schema.
        async with resolving(connection):
            for drop in drops:
                await execute.run_statement(connection, drop, file=file.name, exit_code=ExitCode.ROUTINES)
        await execute.run(connection, (file,))
        await connection.execute(query("drop_ledger"))
    except (StatementFailed, asyncpg.DependentObjectsStillExistError) as error:
        raise _depended_on(error) from error
    await _prove(session, before, found)


async def _drops(connection: Connection, found: OwnedObjects) -> list[Statement]:
    async with rolled_back(connection, "drop_order"):
        rows = await connection.fetch(
            query("drop_order"),
            "public",
            ALONE,
            sorted(found.names("table", "view", "materialized view", "sequence")),
            sorted(found.names("function")),
            sorted(found.names("type")),
        )
    drops = [Drop(row["id"], row["type"], row["identity"], tuple(row["dependents"])) for row in rows]
    return [Statement(text=text, line=0) for text in drop_order.statements(drops)]


def _depended_on(error: StatementFailed | asyncpg.DependentObjectsStillExistError) -> Exception:
    """Name the objects of others that hang on ours; any other failure is what it is."""
    detail: object = error.facts.get("detail") if isinstance(error, StatementFailed) else error.detail
    if isinstance(error, StatementFailed) and error.facts.get("sqlstate") != _DEPENDENT_OBJECTS:
        return error
    return DatabaseIncompatible(
        f"objects of others depend on ours: {' '.join(str(detail or error).split())}; nothing was dropped",
        remedy="drop what depends on ours, or cut it loose, then roll back again",
    )


async def _prove(session: Session, before: objects.Catalog, found: OwnedObjects) -> None:
    """Prove that what was ours is gone, and nothing else. Raises DatabaseIncompatible."""
    connection = session.connection
    after = await objects.read(connection, "public")
    left = sorted(f"{kind} {name}" for kind, name in found.objects if (kind, name) in after)
    if await connection.fetchval(query("ledger_is_there")):
        left.append("schema entrypoint")
    lost = [f"{kind} {name}" for kind, name in owned.unowned(before, after, found)]
    if left:
        raise DatabaseIncompatible(
            f"rollback_database.sql of release {session.run.source.release} would leave {', '.join(left)}",
            remedy=f"use the image of release {found.ledger.release}, which this database was proved for; "
            "nothing was dropped",
        )
    if lost:
        raise DatabaseIncompatible(
            f"rollback_database.sql would drop what no newer start proved to be ours: {', '.join(lost)}",
            remedy="rename what somebody needs; what an earlier release left behind, and nobody needs, drop "
            "by hand; then roll back again; nothing was dropped",
        )
    log.info("rollback.proved", objects=len(found.objects), tables=len(found.tables))


async def keep_stamp(session: Session, before: Ledger | None) -> None:
    """Stamp the emptied database as it was: a reinstallation from a desk must not change where it belongs."""
    if before is not None and before.stamp is not None:
        await entries.create(session.connection)
        await entries.stamp(session.connection, before.stamp)
