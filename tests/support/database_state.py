"""What a start left in a database: its catalog and ledger, and what should be gone with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from entrypoint.catalog import fingerprint, objects, scratch
from entrypoint.catalog.compare import compare
from entrypoint.postgres.advisory_lock import KEY
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from tests.support.cluster import ADMIN
from tests.support.database import Database
from tests.support.fair_clock import FairClock
from tests.support.files import load
from tests.support.waiting import PATIENCE_SECONDS, eventually

_LEFT_SECONDS = 5

# A test may have put anything into public.
_OUT_OF_PUBLIC = "SET search_path = pg_catalog"

_NOTHING_LEFT = """
SELECT NOT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'morse-entrypoint%'
) AND NOT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) = $1::bigint
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""
_RELATIONS_AND_FUNCTIONS = """
SELECT relname::text AS name FROM pg_class AS c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S', 'm')
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT proname::text FROM pg_proc AS p
WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT nspname::text FROM pg_namespace WHERE nspname = 'entrypoint'
ORDER BY 1
"""
_NAMES = """
SELECT array_agg(name) FROM (
    SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION
    SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION
    SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
) AS object (name)
"""
_SCHEMAS = "SELECT array_agg(nspname::text ORDER BY oid) FROM pg_namespace WHERE nspname !~ '^pg_'"


@dataclass(frozen=True, slots=True)
class State:
    """All that a start may change: schemas, the catalog of public, and the ledger's rows."""

    schemas: tuple[str, ...]
    fingerprint: str
    entries: int


@asynccontextmanager
async def observing(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Connect as a superuser for the length of the block."""
    url = database.server.url(database.name, user=ADMIN)
    connection = await asyncpg.connect(url, timeout=PATIENCE_SECONDS)
    try:
        yield connection
    finally:
        if not connection.is_closed():  # A test may have stopped the server.
            await connection.close(timeout=PATIENCE_SECONDS)


async def state_of(database: Database) -> State:
    """Return the state of a database; two of the same database are equal when nothing changed."""
    async with observing(database) as connection:
        await connection.execute(_OUT_OF_PUBLIC)
        schemas = await connection.fetchval(_SCHEMAS)
        entries = 0
        if "entrypoint" in schemas:
            entries = await connection.fetchval("SELECT count(*) FROM entrypoint.history")
        live = await fingerprint.read(connection, await names_in_public(connection))
    return State(tuple(schemas), live, entries)


async def names_in(database: Database) -> list[str]:
    """Return every relation and function of public that no extension owns, and the ledger's schema."""
    async with observing(database) as connection:
        return [row["name"] for row in await connection.fetch(_RELATIONS_AND_FUNCTIONS)]


async def names_in_public(connection: asyncpg.Connection) -> list[str]:
    """Return the name of everything in schema public, as if all of it were ours."""
    return await connection.fetchval(_NAMES) or []


async def differences_of(database: Database) -> list[str]:
    """Compare a database with what `sql/` builds in it, and roll the build back."""
    connection = await asyncpg.connect(database.url, timeout=PATIENCE_SECONDS)
    try:
        async with connection.transaction():
            expected = await scratch.build(connection, load())
            await set_local(connection, STABLE_TEXT)
            actual = await objects.read(connection, "public")
    finally:
        await connection.close()
    return [f"{item.status} {item.kind} {item.name}" for item in compare(expected, actual, {})]


async def assert_converged(database: Database, *, entries: int = 1, extras: Iterable[str] = ()) -> None:
    """Fail unless the database is what `sql/` says, recorded `entries` times, with only `extras`."""
    assert [f"extra {extra}" for extra in extras] == await differences_of(database)
    assert entries == (await state_of(database)).entries
    await assert_nothing_left(database)


async def assert_untouched(database: Database, before: State) -> None:
    """Fail unless the database is as it was `before`, and nothing of a start is left in it."""
    await assert_nothing_left(database)
    assert before == await state_of(database)


async def assert_nothing_left(database: Database) -> None:
    """Fail when a backend or the advisory lock of a start that has ended outlives it by seconds."""
    async with observing(database) as connection:
        await connection.execute(_OUT_OF_PUBLIC)
        await eventually(
            lambda: connection.fetchval(_NOTHING_LEFT, KEY),
            timeout=_LEFT_SECONDS,
            what="no backend and no advisory lock of a start",
            clock=FairClock(database.server.pid()),
        )
