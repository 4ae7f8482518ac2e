"""Where the benchmark runs: one server, the installed product, the floor, and databases to lend."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.benchmarks.peers.kit import Peer, environment
from tests.benchmarks.stopwatch import Command, Stopwatch
from tests.support.cluster import Server
from tests.support.servers import ServerPool

ROLE = "bench"
# Needs no escaping in any tool, and is part of no name that is logged.
_PASSWORD = "open-sesame"  # noqa: S105 - of a server that lives as long as the benchmark
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much is measured: runs of a row, of one that takes seconds, and rows in the large table."""

    runs: int = 20
    slow_runs: int = 10
    rows: int = 5_000_000
    window_seconds: float = 3.0
    open_seconds: float = 20.0

    @classmethod
    def quick(cls) -> Options:
        """Return options for a look whether everything still works; the figures mean little."""
        return cls(runs=2, slow_runs=2, rows=100_000, window_seconds=1.0, open_seconds=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The entrypoint as it is measured; `program` starts it, `python` runs the floor beside it."""

    program: tuple[str, ...]
    python: Path

    def command(self, url: str, *argv: str, **more: str) -> Command:
        """Return a start with `argv`, which by default becomes /bin/true."""
        words = argv or ("--", "/bin/true")
        environ = {**environment(DATABASE_URL=url), **more}
        return Command(argv=(*self.program, *words), environ=environ, directory=Path("/"))

    def floor(self, url: str) -> Command:
        """Return the floor: the same interpreter and driver, one query, the same exec."""
        script = Path(__file__).with_name("floor.py")
        argv = (str(self.python), str(script))
        return Command(argv=argv, environ=environment(DATABASE_URL=url), directory=Path("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every row needs; `skipped` says of each peer that is missing why."""

    server_pool: ServerPool
    server: Server
    product: Product
    stopwatch: Stopwatch
    scratch: Path
    options: Options
    peers: tuple[Peer, ...] = ()
    skipped: tuple[str, ...] = ()

    def url(self, database: str) -> str:
        """Return the URL by which everybody connects: TCP, a password, a plain owner."""
        return self.server.url(database, user=ROLE, password=_PASSWORD)

    @asynccontextmanager
    async def lent(self, *, initialised: bool = False) -> AsyncIterator[str]:
        """Lend the URL of a database of one's own, empty unless a start has initialised it."""
        name = f"bench{next(_numbers)}"
        await self.administer(f"CREATE DATABASE {name} OWNER {ROLE}")
        url = self.url(name)
        try:
            if initialised:
                self.stopwatch.measure(self.product.command(url))
            yield url
        finally:
            await self.administer(f"DROP DATABASE {name} WITH (FORCE)")

    async def administer(self, statement: str) -> None:
        """Run one statement as a superuser, outside a transaction."""
        admin = await self.server.admin()
        try:
            await admin.execute(statement)
        finally:
            await admin.close()

    @asynccontextmanager
    async def superuser(self, url: str) -> AsyncIterator[asyncpg.Connection]:
        """Connect to the database of `url` as a superuser for the length of the block."""
        connection = await self.server.admin(url.rsplit("/", 1)[1])
        try:
            yield connection
        finally:
            await connection.close()


async def make_role(server: Server) -> None:
    """Create the owner of every database here."""
    admin = await server.admin()
    try:
        await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{_PASSWORD}'")
    finally:
        await admin.close()
