"""What `sql/` means: built in an empty schema of the same server, read like the real one, rolled back."""

from __future__ import annotations

from entrypoint.catalog import objects, privileges
from entrypoint.catalog.objects import Catalog
from entrypoint.errors import FilesRefused
from entrypoint.postgres.connection import STABLE_TEXT, Connection, rolled_back, set_local
from entrypoint.postgres.queries import query
from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.source import Source


async def build(connection: Connection, source: Source, api_role: str | None = None) -> Catalog:
    """Build the files in a schema of their own inside the current transaction and read its catalog.

    The transaction is as before afterwards: the build stands behind a savepoint that is always rolled
    back, and it must run before anything else locks a user relation. Raises FilesRefused when the files
    reached outside the scratch schema, StatementFailed when they do not run. What `api_role` needs of each
    object is part of what is returned.
    """
    schema = f"entrypoint_scratch_{await connection.fetchval('SELECT pg_backend_pid()')}"
    async with rolled_back(connection, "scratch_build"):
        await connection.execute(f"CREATE SCHEMA {schema}")
        # Bodies name objects of public, which may not exist yet.
        await set_local(connection, {**STABLE_TEXT, "check_function_bodies": "off"})
        files = (source.baseline, source.functions, source.triggers, source.views)
        await execute.run_whole(connection, files, schema)
        expected = await objects.read(connection, schema)
        await _refuse_escapes(connection, schema)
    return await privileges.expected(connection, api_role, expected)


async def _refuse_escapes(connection: Connection, schema: str) -> None:
    escaped = await connection.fetch(query("escaped_locks"), schema)
    if escaped:
        names = [f"{row['schema']}.{row['relation']}" for row in escaped]
        raise FilesRefused(
            f"the SQL files reach outside their own schema: {', '.join(names)}",
            remedy="remove the schema name from that statement; the files must run in any one schema",
            relations=names,
        )
