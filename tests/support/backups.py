"""Back up a test's database as a rollback does, and restore what came of it as a person does."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from entrypoint.backup import take as backup
from entrypoint.backup.scope import Owned
from entrypoint.backup.take import Backup
from entrypoint.settings.database_url import DatabaseUrl
from tests.support.cluster import CANARY, OWNER
from tests.support.database import Database
from tests.support.waiting import PATIENCE_SECONDS

_MAJOR = 10_000
_LOCK_SECONDS = 1.0

_RELATIONS = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
        AND c.relowner = $1::regrole
        -- The catalog counts the sequence of an identity column among what the column is.
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'i')
"""
_FUNCTIONS = """
    SELECT format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) FROM pg_proc AS p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = $1::regrole
"""
_TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'entrypoint') AND tableowner = $1 ORDER BY 1, 2
"""
_CHECKSUM = """
    SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) FROM {table} AS t
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A snapshot of a database that stays while its transaction does."""

    database: Database
    connection: asyncpg.Connection
    snapshot: str
    options: Mapping[str, Any]

    async def take(self, directory: Path | None, **changed: Any) -> Backup:
        """Back up what the owner owns; `changed` replaces arguments of `backup.take`."""
        url = DatabaseUrl.parse(changed.pop("url", self.database.url))
        client = backup.Client(url, os.environ, changed.pop("lock_timeout", _LOCK_SECONDS))
        return await backup.take(client, **{**self.options, "directory": directory, **changed})


@asynccontextmanager
async def moment(database: Database, owner: str = OWNER) -> AsyncIterator[Moment]:
    """Export a snapshot and find out what a rollback would drop: everything that `owner` owns."""
    connection = await database.connect_admin()
    async with connection.transaction(isolation="repeatable_read"):
        await connection.execute("SET LOCAL search_path = public, pg_temp")
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        settings = await connection.fetch("SELECT name FROM pg_settings")
        options = {
            "snapshot": snapshot,
            "owned": Owned(
                relations=frozenset(row[0] for row in await connection.fetch(_RELATIONS, owner)),
                functions=frozenset(row[0] for row in await connection.fetch(_FUNCTIONS, owner)),
                extensions=frozenset(),
            ),
            "known_settings": frozenset(row["name"] for row in settings),
            "server_version": database.server.version * _MAJOR,
            "counts": await counts(connection, owner),
        }
        yield Moment(database=database, connection=connection, snapshot=snapshot, options=options)


async def counts(connection: asyncpg.Connection, owner: str = OWNER) -> dict[str, int]:
    """Return the number of rows of each table of `owner`, by schema.table."""
    tables = await connection.fetch(_TABLES, owner)
    return {
        f"{schema}.{table}": await connection.fetchval(f'SELECT count(*) FROM {schema}."{table}"')
        for schema, table in tables
    }


async def checksums(database: Database) -> dict[str, str]:
    """Return a checksum of the rows of each table of the owner."""
    connection = await database.connect()
    tables = [f'{schema}."{table}"' for schema, table in await connection.fetch(_TABLES, OWNER)]
    return {table: await connection.fetchval(_CHECKSUM.format(table=table)) for table in tables}


async def restore(path: Path, database: Database) -> None:
    """Run `gunzip -c FILE | psql -1 -v ON_ERROR_STOP=1` as the owner."""
    psql = database.server.bin / "psql"
    command = f'gunzip -c "{path}" | "{psql}" -X -q -1 -v ON_ERROR_STOP=1'
    finished = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-o", "pipefail", "-c", command],
        env={
            "PATH": os.environ["PATH"],
            "PGHOST": database.server.host,
            "PGPORT": str(database.server.port),
            "PGUSER": OWNER,
            "PGDATABASE": database.name,
            "PGPASSWORD": CANARY,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert 0 == finished.returncode, finished.stderr
