"""Commands that stand still at one message of their talk with the server, and what is left of them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from entrypoint.backup import file as archive
from entrypoint.catalog import objects as catalog
from entrypoint.catalog.objects import Catalog
from entrypoint.errors import ExitCode
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from tests.support.backups import checksums
from tests.support.cluster import Server
from tests.support.database import Database
from tests.support.database_state import State, assert_nothing_left, names_in, observing, state_of
from tests.support.deploys import deploy, make_initialised
from tests.support.fair_clock import FairClock
from tests.support.process import Completed, Running, started_entrypoint
from tests.support.proxy import Cut, Message, Proxy, proxied
from tests.support.waiting import eventually

KILLED = -signal.SIGKILL
TERMINATED = 128 + signal.SIGTERM
_SIGNAL_SECONDS = 3
_LEFT_SECONDS = 5
_MANY_ROWS = """
INSERT INTO app_users (passphrase_hash) SELECT 'hash ' || n FROM generate_series(1, 300) AS n;
INSERT INTO users (device_uuid) SELECT gen_random_uuid() FROM generate_series(1, 300);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The first message of `side` that holds `text`, once the client has sent one that holds `after`."""

    text: bytes
    after: bytes = b""
    side: str = "client"


LOCKING = Point(text=b'LOCK TABLE public."users" IN SHARE ROW EXCLUSIVE')
EXPORTED = Point(text=b"SET TRANSACTION SNAPSHOT")
PG_DUMP_CONNECTS = Point(text=b"morse-entrypoint pg_dump")
PG_DUMP_LOCKS = Point(text=b"IN ACCESS SHARE MODE")
PG_DUMP_BEGINS_ROWS = Point(text=b"COPY entrypoint.history")
PG_DUMP_IN_ROWS = Point(text=b"hash 150\t", side="server")
PG_DUMP_ENDS_ROWS = Point(text=b"COPY public.workouts")
PROVED = Point(text=b"SAVEPOINT exclude_readers")
DROPPING = Point(text=b"DROP TABLE public.")
DROPPED = Point(text=b"to_regnamespace('entrypoint') IS NOT NULL", after=b"DROP SCHEMA entrypoint")
_TRANSACTION_ASKED = b"pg_current_xact_id_if_assigned"
COMMIT = Point(text=b"COMMIT\0", after=_TRANSACTION_ASKED)
COMMIT_ANSWERED = Point(text=b"COMMIT\0", after=_TRANSACTION_ASKED, side="server")


class PausedCommand:
    """A command whose message at `point` is held back; everything else that it sends passes."""

    def __init__(self, proxy: Proxy, point: Point) -> None:
        self.reached = asyncio.Event()
        self._proxy = proxy
        self._point = point
        self._passed = point.after == b""
        self._going_on = asyncio.Event()
        self._held: Message | None = None
        self.running: Running
        proxy.inspect = self._inspect

    def go_on(self) -> None:
        """Let the message pass."""
        self._going_on.set()

    def cut(self) -> None:
        """Break the connection of the message instead of letting it pass."""
        self._proxy.cut = lambda message: Cut.BEFORE if message is self._held else None
        self.go_on()

    def freeze(self) -> None:
        """Swallow everything that anybody sends from now on."""
        self._proxy.freeze()

    async def _inspect(self, message: Message) -> None:
        if self.reached.is_set():
            return
        if self._passed and message.side == self._point.side and self._point.text in message.body:
            self._held = message
            self.reached.set()
            await self._going_on.wait()
        self._passed = self._passed or (message.side == "client" and self._point.after in message.body)


@asynccontextmanager
async def paused_at(
    database: Database, point: Point, *argv: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[PausedCommand]:
    """Run a command until it stands still at `point`."""
    server = database.server
    async with proxied(server.host, server.port) as proxy:
        paused = PausedCommand(proxy, point)
        environ = {"DATABASE_URL": proxy.url(database.url), **(env or {})}
        async with started_entrypoint(*argv, env=environ) as paused.running:
            process = paused.running.process
            await eventually(
                lambda: paused.reached.is_set() or process.returncode is not None,
                what=f"a command at {point}",
            )
            assert paused.reached.is_set(), f"it never came to {point}:\n{paused.running.stdout}"
            yield paused


async def kill(paused: PausedCommand) -> Completed:
    """Kill the command; what it had sent still arrives."""
    paused.running.send_signal(signal.SIGKILL)
    completed = await paused.running.wait()
    paused.go_on()
    assert KILLED == completed.exit_code
    return completed


async def terminate(paused: PausedCommand) -> Completed:
    """Ask the command to end, and fail unless it does so in time, as somebody who was asked to."""
    completed = await paused.running.end(signal.SIGTERM, within=_SIGNAL_SECONDS)
    paused.go_on()
    assert TERMINATED == completed.exit_code, completed.stdout
    return completed


async def lose_connection(paused: PausedCommand) -> Completed:
    """Break the connection and wait for the end of the command."""
    paused.cut()
    return await paused.running.wait()


async def crash(paused: PausedCommand, server: Server) -> Completed:
    """Stop the server as a crash does, start it again, and wait for the end of the command."""
    await asyncio.to_thread(server.restart, "immediate")
    paused.go_on()
    return await paused.running.wait()


async def make_filled(server: Server) -> str:
    """Create a database with rows in it, unless this server has it already, and return its name."""
    name = "morse_filled"
    admin = await server.admin()
    try:
        if await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            return name
    finally:
        await admin.close()
    database = Database(server, await make_initialised(server, name))
    await deploy(database, None, "--init-only", "--with-test-data")
    async with observing(database) as connection:
        await connection.execute(_MANY_ROWS)
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a database holds: its objects, and a checksum of the rows of each table, the ledger's too."""

    state: State
    objects: Catalog
    rows: Mapping[str, str]

    def as_restored(self) -> tuple[Catalog, Mapping[str, str]]:
        """Return what a restore brings back: objects get other ids, and the ledger another line."""
        rows = {name: digest for name, digest in self.rows.items() if not name.startswith("entrypoint.")}
        return {key: item._replace(position=0) for key, item in self.objects.items()}, rows


async def contents_of(database: Database) -> Contents:
    """Read everything that a database holds; two of the same are equal when nothing was changed."""
    async with observing(database) as connection, connection.transaction():
        await set_local(connection, STABLE_TEXT)
        objects = await catalog.read(connection, "public")
    contents = Contents(state=await state_of(database), objects=objects, rows=await checksums(database))
    await database.close()
    return contents


async def assert_gone(database: Database, directory: Path, *, killed: bool = False) -> None:
    """Fail unless the command's sessions, locks, processes and unfinished files go within five seconds.

    Who is `killed` cannot remove the file that it wrote; it must not have the name of a backup.
    """
    await assert_nothing_left(database)
    await eventually(
        lambda: not processes_of(database),
        timeout=_LEFT_SECONDS,
        what="no pg_dump of ours is left",
        clock=FairClock(*processes_of(database)),
    )
    unfinished = [path for path in directory.iterdir() if path.name.startswith(".")]
    assert killed or not unfinished, unfinished
    for path in unfinished:
        path.unlink()
    for path in backups_in(directory):
        archive.check(path)


async def assert_whole(database: Database, before: Contents) -> None:
    """Fail unless the database holds exactly what it held `before`."""
    assert before == await contents_of(database)


async def assert_empty(database: Database) -> None:
    """Fail unless nothing of the product is in the database."""
    assert [] == await names_in(database)


async def assert_restorable(database: Database, before: Contents, path: Path) -> None:
    """Fail unless `path` brings everything back into `database`, which is empty."""
    completed = await run(database, "restore", str(path), "--confirm")
    assert ExitCode.OK == completed.exit_code, completed.stdout
    assert before.as_restored() == (await contents_of(database)).as_restored()


async def run(database: Database, *argv: str, **env: str) -> Completed:
    """Run a command to its end, with nobody between it and the server."""
    async with started_entrypoint(*argv, env={"DATABASE_URL": database.url, **env}) as running:
        return await running.wait()


def backups_in(directory: Path) -> list[Path]:
    """Return the backups that have their name, the oldest first."""
    return sorted(directory.glob("morse_backup_*.sql.gz"))


def processes_of(database: Database) -> list[int]:
    """Return the processes of pg_dump that work on `database`."""
    mark = f"dbname='{database.name}'".encode()
    return [
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if mark in _command_line(path)
    ]


def kill_pg_dump(database: Database) -> None:
    """Kill the one pg_dump that works on `database`."""
    [process] = processes_of(database)
    os.kill(process, signal.SIGKILL)


def _command_line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
