"""Databases that tests borrow: cloned from a template, dropped afterwards, kept on failure."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.support.cluster import ADMIN, OWNER, Server
from tests.support.waiting import PATIENCE_SECONDS

SQL = Path(__file__).parents[2] / "sql"
INIT_FILES = (
    "init_production_schema.sql",
    "init_functions.sql",
    "init_triggers.sql",
    "init_views.sql",
)

_CLOSE_SECONDS = 5
_numbers = itertools.count(1)


class Database:
    """A database of one test; `owner` is a role without superuser, as on Render."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.owner = OWNER
        self.url = server.url(name)
        self.keep = False
        self._connections: list[asyncpg.Connection] = []

    @property
    def masked_url(self) -> str:
        """The URL as it may be printed."""
        return re.sub(r":[^:@]*@", ":***@", self.url)

    async def connect(self, **options: Any) -> asyncpg.Connection:
        """Return a connection of the owner's; the fixture closes it."""
        return await self._connect(self.url, **options)

    async def connect_admin(self, **options: Any) -> asyncpg.Connection:
        """Return a superuser's connection; the fixture closes it."""
        return await self._connect(self.server.url(self.name, user=ADMIN), **options)

    async def close(self) -> None:
        """Close every connection that was handed out, dead ones included."""
        for connection in self._connections:
            try:
                await connection.close(timeout=_CLOSE_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()
        self._connections.clear()

    async def _connect(self, url: str, **options: Any) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            url, **{"timeout": PATIENCE_SECONDS, **options}
        )
        self._connections.append(connection)
        return connection


@asynccontextmanager
async def borrowed(server: Server, purpose: str, *, template: str = "template1") -> AsyncIterator[Database]:
    """Create a database for `purpose`, and drop it afterwards unless its `keep` was set."""
    database = Database(server, f"t{next(_numbers)}_{re.sub(r'[^a-z0-9]+', '_', purpose)[:40]}")
    await _administer(server, f'CREATE DATABASE "{database.name}" OWNER {OWNER} TEMPLATE {template}')
    try:
        yield database
    finally:
        await database.close()
        if not database.keep:
            await _administer(server, f'DROP DATABASE "{database.name}" WITH (FORCE)')


async def make_template(server: Server, name: str) -> str:
    """Create a database that holds what `sql/` says, as its owner would make it."""
    await _administer(server, f"CREATE DATABASE {name} OWNER {OWNER}")
    connection = await asyncpg.connect(server.url(name))
    try:
        async with connection.transaction():
            for file in INIT_FILES:
                await connection.execute((SQL / file).read_text())
    finally:
        await connection.close()
    return name


async def _administer(server: Server, statement: str) -> None:
    """Run one statement outside a transaction, as CREATE DATABASE demands."""
    admin = await server.admin()
    try:
        await admin.execute(statement)
    finally:
        await admin.close()
