"""Keep what is going to be dropped: refuse what could not be restored, and back up the rest."""

from __future__ import annotations

import contextlib

import asyncpg
import structlog

from entrypoint.backup import take
from entrypoint.backup.scope import Owned
from entrypoint.backup.take import Backup
from entrypoint.commands.rollback import owned
from entrypoint.commands.rollback.owned import OwnedObjects
from entrypoint.deploy.run import Run, Session
from entrypoint.errors import BackupFailed
from entrypoint.postgres.connection import DAY_SECONDS, savepoint, set_local
from entrypoint.postgres.queries import query
from entrypoint.verification import derived_checks

log = structlog.get_logger()

_UNANSWERED = (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError)


async def back_up(session: Session, found: OwnedObjects) -> str:
    """Write and prove a backup of exactly what is going to be dropped; return its path, or -."""
    run, connection = session.run, session.connection
    if session.server.pooled:
        raise BackupFailed(
            "a connection pooler stands before the database, and pg_dump needs a session of its own",
            remedy="point MORSE_ADMIN_DATABASE_URL at the database itself, not at its pooler",
        )
    owned.refuse_switched_off(found)
    await _refuse_orphans(session, found)
    _warn_of_loss(run)
    counts = await owned.count_everything(connection, found)
    relations = found.names("table", "view", "materialized view", "sequence")
    needed = await connection.fetch(query("needed_extensions"), sorted(relations))
    known = await connection.fetch(query("known_settings"))
    [snapshot] = await connection.fetchrow(query("export_snapshot")) or [""]
    taken: Backup = await take.take(
        take.Client(
            url=run.settings.database,
            environ=run.settings.environ,
            lock_timeout=run.settings.retry.lock_timeout,
        ),
        snapshot=snapshot,
        owned=Owned(
            relations=relations,
            functions=found.names("function"),
            extensions=frozenset(row["name"] for row in needed),
            types=found.names("type"),
        ),
        known_settings=frozenset(row["name"] for row in known),
        server_version=session.server.version,
        counts=counts,
        directory=None if run.backup is None else run.backup.directory,
    )
    return str(taken.path or "-")


async def _refuse_orphans(session: Session, found: OwnedObjects) -> None:
    """Raise BackupFailed for rows that got past a foreign key, which a restore could not create over them.

    A superuser loads such rows with session_replication_role = replica.
    """
    connection, check = session.connection, derived_checks.orphans(found.objects)
    if check is None:
        return
    rows: list[asyncpg.Record] = []
    with contextlib.suppress(*_UNANSWERED):
        async with savepoint(connection, "orphans"):
            # A policy that hides rows makes orphans of others; rather no answer than that. pg_dump says more.
            await set_local(connection, {"row_security": "off"})
            rows = await connection.fetch(
                query("violations").replace("$check", check.query), timeout=DAY_SECONDS
            )
    if rows:
        orphan = ", ".join(f"{name}={value}" for name, value in rows[0].items())
        raise BackupFailed(
            f"a row refers to one that is not there ({orphan}): a backup of it could not be restored",
            remedy="`morse-entrypoint verify --deep` lists such rows: correct or delete them, then roll back "
            "again; nothing was dropped",
            rows=len(rows),
        )


def _warn_of_loss(run: Run) -> None:
    """Warn on Render unless the directory lies on a disk that is mounted there."""
    if not run.settings.on_render or run.backup is None or run.backup.directory is None:
        return
    directory = run.backup.directory.absolute()
    if not any(path.is_mount() for path in (directory, *directory.parents[:-1])):
        log.warning(
            "backup.ephemeral",
            directory=str(directory),
            remedy="copy the backup away before the next deploy, or use --backup-dir - and keep the stream",
        )
