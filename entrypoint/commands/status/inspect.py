"""Find out what a database is, without a lock that others wait for; what cannot be found out is noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import asyncpg

from entrypoint.catalog import other_objects, privileges
from entrypoint.catalog.compare import compare
from entrypoint.catalog.difference import Difference
from entrypoint.commands.status import slow_queries
from entrypoint.commands.status.status import Applied, IndexUse, SlowQuery, Status
from entrypoint.deploy import planner, up_to_date
from entrypoint.deploy.plan import is_fresh
from entrypoint.deploy.run import Session, reading
from entrypoint.errors import EntrypointError
from entrypoint.ledger import pending
from entrypoint.ledger.ledger import Standing
from entrypoint.postgres.classify import message_of
from entrypoint.postgres.connection import (
    ask,
)
from entrypoint.postgres.queries import query
from entrypoint.postgres.sizes import TableSize
from entrypoint.verification import expected as expectation
from entrypoint.verification import result
from entrypoint.verification.verdict import known_extras


@dataclass(slots=True, kw_only=True)
class _Notes:
    """Collects why parts of the status are missing."""

    lines: list[str] = field(default_factory=list)

    def add(self, subject: str, error: Exception) -> None:
        reason = error.message if isinstance(error, EntrypointError) else message_of(error)
        self.lines.append(f"{subject}: {reason}")


class _Found(NamedTuple):
    """What a comparison found, None when there was none; a `fresh` database needs no migration."""

    differences: tuple[Difference, ...] | None = None
    fresh: bool = False


async def inspect(session: Session) -> Status:
    """Return the status. Raises only what makes every answer impossible, such as a lost connection."""
    run, connection, notes = session.run, session.connection, _Notes()
    standing = await up_to_date.look(session)
    found = await _compared(session, standing, notes)
    [totals] = await ask(connection, query("database_totals"))
    return Status(
        database=session.server.database,
        role=session.server.role,
        server_version=session.server.version_text,
        environment=run.settings.environment.value,
        stamp=standing.ledger.stamp.value if standing.ledger and standing.ledger.stamp else None,
        release=run.source.release,
        applied=await _applied(session, standing),
        proved=standing.proves(run.source, session.server.version),
        pending=() if found.fresh else _pending(session, standing, notes),
        differences=found.differences,
        database_bytes=totals["bytes"],
        tables=tuple([TableSize(**row) for row in await ask(connection, query("table_sizes"))]),
        indexes=tuple([IndexUse(**row) for row in await ask(connection, query("index_usage"))]),
        counted_since=totals["counted_since"],
        slow_queries=await _slow_queries(session, notes),
        notes=tuple(notes.lines),
    )


async def _applied(session: Session, standing: Standing) -> Applied | None:
    if standing.ledger is None or not standing.ledger.release:
        return None
    [row] = await ask(session.connection, query("newest_entry"))
    return Applied(**row)


def _pending(session: Session, standing: Standing, notes: _Notes) -> tuple[str, ...] | None:
    """Return the names of migrations that a start would run; a newer database needs none of ours."""
    source = session.run.source
    if standing.ledger is not None and standing.ledger.release > source.release:
        return ()
    try:
        return tuple(migration.name for migration in pending.pending(source, standing.ledger))
    except EntrypointError as error:
        notes.add("pending migrations are unknown", error)
        return None


async def _compared(session: Session, standing: Standing, notes: _Notes) -> _Found:
    """Return what the ledger proves, else compare; a locked table is not waited for long."""
    source, connection, role = session.run.source, session.connection, session.run.settings.api_role
    known = known_extras(source)
    if standing.proves(source, session.server.version):
        recorded = result.from_json(standing.verification).differences
        return _Found(differences=recorded + await planner.unrecorded(session))
    try:
        expected = await expectation.recorded_or_built(connection, source, session.server, role)
        async with reading(session):
            actual = await privileges.read(connection, role, expected)
            others = await other_objects.read(connection, expected, known)
    except (EntrypointError, asyncpg.LockNotAvailableError) as error:
        notes.add("differences are unknown", error)
        return _Found()
    fresh = standing.ledger is None and is_fresh(expected, actual)
    actual = other_objects.ours(actual, expected)
    return _Found(differences=compare(expected, actual, known) + others.differences, fresh=fresh)


async def _slow_queries(session: Session, notes: _Notes) -> tuple[SlowQuery, ...] | None:
    try:
        return await slow_queries.slowest(session.connection)
    except (slow_queries.NotCounted, asyncpg.PostgresError) as error:
        notes.add("slow queries are unknown", error)
        return None
