"""Table locks: take those that a plan needs, name who is in the way, report what was held."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from enum import IntEnum

import asyncpg
import structlog

from entrypoint.postgres.advisory_lock import describe_session
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.connection import Connection, ask, milliseconds
from entrypoint.postgres.identifiers import quoted
from entrypoint.postgres.obstacles import TableBusy
from entrypoint.postgres.queries import query

log = structlog.get_logger()


class LockMode(IntEnum):
    """Table locks that repairs take, by strength; the name in SQL has spaces for the underscores."""

    SHARE_UPDATE_EXCLUSIVE = 1
    SHARE = 2
    SHARE_ROW_EXCLUSIVE = 3
    ACCESS_EXCLUSIVE = 4

    @property
    def sql(self) -> str:
        """The mode as LOCK TABLE spells it."""
        return self.name.replace("_", " ")


_STRENGTH = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
# The modes that conflict with each mode in which we need a table.
_OPPOSED = {
    LockMode.SHARE_UPDATE_EXCLUSIVE.sql: _STRENGTH[3:],
    LockMode.SHARE.sql: tuple(mode for mode in _STRENGTH[2:] if mode != "ShareLock"),
    LockMode.SHARE_ROW_EXCLUSIVE.sql: _STRENGTH[2:],
    LockMode.ACCESS_EXCLUSIVE.sql: _STRENGTH,
}


async def lock_tables(
    connection: Connection, locks: Iterable[tuple[str, LockMode]], lock_timeout: float
) -> None:
    """Take every table lock that the plan needs before anything is changed, in the order given.

    One timeout bounds them all: a session that waits for the first of them waits for the others too.
    """
    began = time.monotonic()
    for table, mode in locks:
        asked = time.monotonic()
        remaining = milliseconds(lock_timeout - (asked - began))
        try:
            await connection.execute(
                f"SET LOCAL lock_timeout = '{remaining}'; "
                f"LOCK TABLE public.{quoted(table)} IN {mode.sql} MODE"
            )
        except asyncpg.LockNotAvailableError as error:
            raise TableBusy(table, mode.sql, time.monotonic() - asked) from error
    await connection.execute(f"SET LOCAL lock_timeout = '{milliseconds(lock_timeout)}'")


@contextlib.asynccontextmanager
async def naming_blockers(connection: Connection, budget: Budget) -> AsyncIterator[None]:
    """Log who was in the way when the block ends because a table was busy, as often as `budget.due` allows.

    It stands around the transaction: only after the rollback can the connection ask.
    """
    try:
        yield
    except TableBusy as busy:
        if budget.due(f"table {busy.table}"):
            await _name(connection, busy.table, _OPPOSED[busy.mode], busy.waited)
        raise
    except asyncpg.LockNotAvailableError:
        if budget.due("tables"):
            await _name(connection, None, _STRENGTH, 0.0)
        raise


async def _name(connection: Connection, table: str | None, modes: tuple[str, ...], waited: float) -> None:
    for row in await ask(connection, query("table_holders"), table, list(modes), waited):
        log.warning(
            "table.busy",
            table=row["relation"],
            mode=max(row["modes"], key=_STRENGTH.index),
            holder=describe_session(row["pid"], row["application"], row["state"], row["age_seconds"]),
        )


async def relations(connection: Connection) -> frozenset[str]:
    """Return the names of the tables and views that are there now."""
    return frozenset(row["relation"] for row in await connection.fetch(query("relations")))


async def held_locks(connection: Connection, before: frozenset[str]) -> dict[str, str]:
    """Return the strongest mode that the transaction holds on each table that was there `before`."""
    strongest: dict[str, str] = {}
    for row in await connection.fetch(query("lock_report")):
        table, mode = row["relation"], row["mode"]
        if table in before:
            strongest[table] = max(mode, strongest.get(table, mode), key=_STRENGTH.index)
    return dict(sorted(strongest.items()))
