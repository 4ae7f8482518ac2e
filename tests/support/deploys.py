"""Deploys of changed files to a database, and what they leave in its ledger."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.cluster import OWNER, Server
from tests.support.database import Database
from tests.support.database_state import observing
from tests.support.process import Completed, run_entrypoint, started_entrypoint

_MIGRATIONS = "SELECT name, outcome FROM entrypoint.migrations ORDER BY number"


async def make_initialised(server: Server, name: str) -> str:
    """Create a database and let a start do the rest."""
    admin = await server.admin()
    try:
        await admin.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    finally:
        await admin.close()
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": server.url(name)})
    assert 0 == completed.exit_code, completed.stdout
    return name


async def deploy(
    database: Database, files: Mapping[str, str] | None = None, *argv: str, **env: str
) -> Completed:
    """Run a start with `files` to its end, --init-only unless told otherwise; the loop goes on meanwhile."""
    environ = {"DATABASE_URL": database.url, **(files or {}), **env}
    async with started_entrypoint(*(argv or ("--init-only",)), env=environ) as running:
        return await running.wait()


async def run_command(database: Database, *argv: str, env: Mapping[str, str] | None = None) -> Completed:
    """Run a command that a person types, to its end."""
    return await deploy(database, env, *argv)


async def migrations_of(database: Database) -> dict[str, str]:
    """Return what the ledger says of each migration, by the name of its file."""
    async with observing(database) as connection:
        rows = await connection.fetch(_MIGRATIONS)
    return {row["name"].removeprefix("migrations/"): row["outcome"] for row in rows}
