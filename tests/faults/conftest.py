"""Databases that a start has proved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.cluster import OWNER, Server
from tests.support.database import Database, borrowed
from tests.support.process import run_entrypoint


@pytest.fixture(scope="session")
def proved_template(server: Server) -> str:
    """Name a database that a start made and proved; nobody may be connected to it."""
    name = "morse_proved"
    asyncio.run(_create(server, name))
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": server.url(name)})
    assert 0 == completed.exit_code, completed.stdout
    return name


@pytest.fixture
async def proved_database(
    server: Server, proved_template: str, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """Lend a database with a ledger, whose next start has nothing to do."""
    async with borrowed(server, request.node.name, template=proved_template) as database:
        yield database


async def _create(server: Server, name: str) -> None:
    admin = await server.admin()
    try:
        await admin.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    finally:
        await admin.close()
