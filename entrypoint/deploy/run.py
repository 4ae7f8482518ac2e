"""One run of a command, and one attempt of it: a connection to a server that identified itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog

from entrypoint.errors import EntrypointError
from entrypoint.postgres import preflight
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.connection import (
    READ_CATALOG,
    Connection,
    Server,
    connected,
    identify,
    milliseconds,
    transaction,
)
from entrypoint.report.journal import ConnectAttempted, Connected, FilesRead, Journal, SizesRead
from entrypoint.settings.settings import Settings
from entrypoint.sqlfiles import directory
from entrypoint.sqlfiles.directory import Files

if TYPE_CHECKING:
    from entrypoint.sqlfiles.source import Source

log = structlog.get_logger()

_SIZES_SECONDS = 1.0


class BackupTarget(NamedTuple):
    """Where a backup goes: into a directory, or to standard output where that is None."""

    directory: Path | None


class Run(NamedTuple):
    """What was asked for, the budget it has, and the journal that its report is made of.

    `confirmed` is the name of the database that a person wrote behind --confirm, empty for --confirm alone.
    `backup` says where a backup goes, where one was asked for. `operand`
    is the FILE or the ENVIRONMENT that the command is about.
    """

    settings: Settings
    journal: Journal
    budget: Budget
    files: Files
    strict: bool = False
    with_test_data: bool = False
    deep: bool = False
    rehearse: bool = False
    check: bool = False
    confirmed: str | None = None
    force: bool = False
    backup: BackupTarget | None = None
    operand: str = ""
    migrate: bool = False

    @property
    def source(self) -> Source:
        """The parsed files. Raises FilesRefused when they were not examined and break their contract."""
        from entrypoint.sqlfiles import source as sql_source  # noqa: PLC0415 - a start that finds nothing to do never asks

        return sql_source.parsed(self.files)


class Session(NamedTuple):
    """One connection of a run, which `opened` closes."""

    run: Run
    connection: Connection
    server: Server


def read_files(settings: Settings, journal: Journal) -> Files:
    """Read `sql/` before anything connects, and check it unless that was done. Raises FilesRefused."""
    with journal.phase("files"):
        found = directory.read(settings.sql_directory)
        if not found.examined:
            from entrypoint.sqlfiles import source as sql_source  # noqa: PLC0415 - what was released needs no second look

            sql_source.parsed(found)
    journal.note(FilesRead(release=found.release, digest=found.digest))
    return found


@contextlib.asynccontextmanager
async def opened(run: Run) -> AsyncIterator[Session]:
    """Connect, log to whom, and refuse a server that is too old, or to work as the API's role.

    Raises NotConnected, whose cause `retry` judges, and DatabaseIncompatible.
    """
    settings, journal = run.settings, run.journal
    began = time.monotonic()
    journal.note(ConnectAttempted())
    name = settings.identity.application_name
    async with connected(settings.database, settings.retry, name) as connection:
        server = await identify(connection)
        journal.note(Connected(server_version=server.version_text))
        journal.finished("connect", began)
        _log_connected(server, len(journal.all(ConnectAttempted)))
        preflight.refuse_old_server(server)
        preflight.refuse_api_role(server, settings.api_role)
        try:
            yield Session(run=run, connection=connection, server=server)
        except EntrypointError:
            await _note_sizes(run, connection)
            raise
        await _note_sizes(run, connection)


@contextlib.asynccontextmanager
async def reading(session: Session) -> AsyncIterator[None]:
    """Read schema public in a transaction that can write nothing.

    Waits no longer for a table than an apply does: the driver's LockNotAvailableError is raised as it is.
    """
    limit = milliseconds(session.run.settings.retry.lock_timeout)
    async with transaction(session.connection, f"{READ_CATALOG}; SET LOCAL lock_timeout = '{limit}'"):
        yield


async def _note_sizes(run: Run, connection: Connection) -> None:
    """Ask for the sizes if anybody wants metrics; what goes wrong leaves them out and changes nothing."""
    if not run.settings.measured:
        return
    from entrypoint.postgres import sizes  # noqa: PLC0415 - most starts are not measured

    try:
        async with asyncio.timeout(min(_SIZES_SECONDS, run.budget.remaining)):
            run.journal.note(SizesRead(await sizes.read(connection)))
    except Exception as error:  # noqa: BLE001 - no mistake in here may cost a deploy
        log.warning("metrics.incomplete", missing="sizes", reason=str(error) or type(error).__name__)


def _log_connected(server: Server, attempts: int) -> None:
    log.info(
        "database.connected",
        database=server.database,
        role=server.role,
        server_version=server.version_text,
        attempts=attempts,
    )
    if server.pooled:
        log.warning(
            "pooler.detected",
            remedy="point MORSE_ADMIN_DATABASE_URL at the database itself, not at its pooler",
        )
