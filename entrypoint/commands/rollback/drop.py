"""Remove what the product owns: admit, back up, drop, and prove that it is gone and nothing else is."""

from __future__ import annotations

import asyncio
import random
import time

import asyncpg
import structlog

from entrypoint.catalog import objects, scratch
from entrypoint.commands.rollback import backup_first, owned
from entrypoint.deploy import admission
from entrypoint.ledger import entries
from entrypoint.postgres import preflight, table_locks
from entrypoint.sqlfiles import execute
from entrypoint.deploy.apply import timed
from entrypoint.postgres.connection import savepoint, set_local, unlimited
from entrypoint.errors import DatabaseIncompatible, FilesRefused, StatementFailed
from entrypoint.verification.expected import built
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.ledger.ledger import Ledger
from entrypoint.sqlfiles.source import Migration
from entrypoint.postgres.obstacles import TableBusy
from entrypoint.postgres.queries import query
from entrypoint.catalog.repair import LockMode
from entrypoint.deploy.run import Attempt, Run, reading
from entrypoint.report.steps import AppliedStep
from entrypoint.commands.rollback.owned import Stock

log = structlog.get_logger()

_DEPENDENT_OBJECTS = "2BP01"
_PAUSE_SECONDS = (0.1, 0.5)


async def survey(attempt: Attempt) -> Inventory:
    """Return what a rollback would drop, with exact numbers of rows. Writes nothing."""
    run, connection = attempt.run, attempt.connection
    async with reading(attempt):
        found = await owned.take_stock(connection)
    if found is None:
        expected = await built(connection, run.source)
        async with reading(attempt):
            owned.refuse_unrecorded(expected, await objects.read(connection, "public"))
    with run.patience.paused():
        async with reading(attempt):
            await set_local(connection, unlimited(attempt.server))
            tables = [await owned.content(connection, name) for name in found.tables] if found else []
    stamped = found.ledger.stamp if found else None
    return Inventory(
        database=attempt.server.database,
        server_version=attempt.server.version_text,
        stamp=stamped.value if stamped else None,
        production=admission.is_production(found.ledger if found else None, run.settings.environment),
        release=found.ledger.release if found else 0,
        tables=tuple(tables),
        objects=found.counts if found else {},
    )


async def remove(attempt: Attempt) -> tuple[AppliedStep, ...]:
    """Drop what the product owns in the current transaction, which holds the advisory lock.

    Returns no step where nothing of the product is there. Raises ConfigurationError when it was not
    confirmed well enough, BackupFailed, TableBusy, and DatabaseIncompatible for what cannot be dropped;
    the caller rolls back.
    """
    run, connection = attempt.run, attempt.connection
    file = _file(run)
    found = await owned.take_stock(connection)
    admission.refuse_unconfirmed(
        found.ledger if found else None, run.settings.environment, attempt.server.database, run.confirmed
    )
    if found is None:
        expected = await scratch.build(connection, run.source)
        owned.refuse_unrecorded(expected, await objects.read(connection, "public"))
        log.info("rollback.unneeded", database=attempt.server.database)
        return ()
    await preflight.require_ownership(connection, found.objects)
    await owned.refuse_hangers_on(connection, found)
    await set_local(connection, unlimited(attempt.server))
    run.journal.locked_since = time.monotonic()
    await _lock(attempt, found)
    run.journal.note_locks(dict.fromkeys(found.tables, "AccessExclusiveLock"))
    with run.journal.phase("rollback"):
        return (await timed(file.role.value, file.name, "confirmed", _drop(attempt, file, found)),)


def _file(run: Run) -> Migration:
    if run.source.rollback is None:
        raise FilesRefused(
            "there is no rollback_database.sql, which says what the product owns",
            remedy="add the file to sql/",
        )
    return run.source.rollback


async def _lock(attempt: Attempt, found: Stock) -> None:
    """Keep everybody out of the tables; when there is to be a backup, only writers until it is proved."""
    run = attempt.run
    if run.backup is None:
        await _lock_tables(attempt, found, LockMode.ACCESS_EXCLUSIVE)
        return
    await _lock_tables(attempt, found, LockMode.SHARE_ROW_EXCLUSIVE)
    with run.journal.phase("backup"), run.patience.paused():
        run.journal.backup = await backup_first.back_up(attempt, found)
    await _exclude_readers(attempt, found)


async def _lock_tables(attempt: Attempt, found: Stock, mode: LockMode) -> None:
    """Lock the views before the tables, which locks what they read in the order in which readers do.

    Whoever reads a view locks it first. Locked last, it would end in a deadlock under any traffic.
    """
    run = attempt.run
    limit = run.settings.retry.patience_with_tables(run.patience.remaining)
    names = (*found.views, *found.tables)
    await table_locks.lock_tables(attempt.connection, [(name, mode) for name in names], limit)


async def _exclude_readers(attempt: Attempt, found: Stock) -> None:
    """Take the last lock without giving up the first, so that the backup stays what the tables hold.

    Each try gives way to readers after the usual time. Raises TableBusy at the end of the budget.
    """
    while True:
        try:
            async with savepoint(attempt.connection, "exclude_readers"):
                await _lock_tables(attempt, found, LockMode.ACCESS_EXCLUSIVE)
        except (TableBusy, asyncpg.DeadlockDetectedError) as error:
            # Raised any sooner, it would be tried again from the start, with another backup.
            if attempt.run.patience.remaining <= 0:
                raise
            log.warning("rollback.delayed", reason=str(error), backup=attempt.run.journal.backup)
            await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret
        else:
            return


async def _drop(attempt: Attempt, file: Migration, found: Stock) -> None:
    connection = attempt.connection
    before = await objects.read(connection, "public")
    try:
        await execute.run(connection, (file,))
        await connection.execute(query("drop_ledger"))
    except (StatementFailed, asyncpg.DependentObjectsStillExistError) as error:
        raise _depended_on(error) from error
    await _prove(attempt, before, found)


def _depended_on(error: StatementFailed | asyncpg.DependentObjectsStillExistError) -> Exception:
    """Name the objects of others that hang on ours; any other failure is what it is."""
    detail: object = error.facts.get("detail") if isinstance(error, StatementFailed) else error.detail
    if isinstance(error, StatementFailed) and error.facts.get("sqlstate") != _DEPENDENT_OBJECTS:
        return error
    return DatabaseIncompatible(
        f"objects of others depend on ours: {' '.join(str(detail or error).split())}; nothing was dropped",
        remedy="drop what depends on ours, or cut it loose, then roll back again",
    )


async def _prove(attempt: Attempt, before: objects.Catalog, found: Stock) -> None:
    """Prove that what was ours is gone, and nothing else. Raises DatabaseIncompatible."""
    connection = attempt.connection
    after = await objects.read(connection, "public")
    left = sorted(f"{kind} {name}" for kind, name in found.objects if (kind, name) in after)
    if await connection.fetchval(query("ledger_is_there")):
        left.append("schema entrypoint")
    lost = [f"{kind} {name}" for kind, name in owned.strays(before, after, found)]
    if left:
        raise DatabaseIncompatible(
            f"rollback_database.sql of release {attempt.run.source.release} would leave {', '.join(left)}",
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


async def keep_stamp(attempt: Attempt, before: Ledger | None) -> None:
    """Stamp the emptied database as it was: a reinstallation from a desk must not change where it belongs."""
    if before is not None and before.stamp is not None:
        await entries.create(attempt.connection)
        await entries.stamp(attempt.connection, before.stamp)
