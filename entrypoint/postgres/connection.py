"""Connections and transactions: bounded in time, closed in every case, no default left to the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple, TypeAlias

import asyncpg

from entrypoint.postgres.obstacles import NotConnected
from entrypoint.postgres.queries import query
from entrypoint.settings.database_url import DatabaseUrl
from entrypoint.settings.settings import RetryPolicy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# READ COMMITTED by name: under a role's default of REPEATABLE READ a starter that waited for the lock
# would not see what the holder committed.
# Compiling the catalog queries takes longer than running them, and a reader must not wait for a table for
# ever; settings in BEGIN cost no round trip. Names are resolved without public, where others may have put
# a function or an operator that fits better than the built-in one (CVE-2018-1058).
SAFE_PATH = "SET LOCAL search_path = pg_catalog, pg_temp"
READ_WRITE = f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off; {SAFE_PATH}"
READ_ONLY = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL jit = off; SET LOCAL lock_timeout = '5s'; "
    f"{SAFE_PATH}"
)
# How soon the server notices, in the middle of a statement, that a killed container is gone.
CONNECTION_CHECK = "500ms"
# For what may take any time: the driver has no other way to express that.
DAY_SECONDS = 86400.0

_CLOSE_SECONDS = 0.5
_TRANSACTION_TIMEOUT_SINCE = 170000

# What stands behind the schema itself in the path under which its objects are written as text.
ALONE = ", pg_temp"

# Each of these changes the text that the server makes of a definition.
STABLE_TEXT: Mapping[str, str] = {
    "quote_all_identifiers": "off",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
}
# A transaction in which the catalog is read as text.
READ_CATALOG = "; SET LOCAL ".join(
    [READ_ONLY, *(f"{name} = '{value}'" for name, value in STABLE_TEXT.items())]
)


class CommitRefused(Exception):
    """COMMIT was answered with ROLLBACK: the transaction had failed without anybody noticing."""


class Server(NamedTuple):
    """Identity of the server; `version` is server_version_num, `pooled` means behind a pooler."""

    version: int
    version_text: str
    pooled: bool
    database: str
    role: str


@contextlib.asynccontextmanager
async def connected(
    url: DatabaseUrl, policy: RetryPolicy, application_name: str
) -> AsyncIterator[Connection]:
    """Connect once and close at the end, in half a second at most.

    Raises NotConnected from whatever the driver raised. No start-up parameter but application_name is
    sent and no statement is prepared by name, because PgBouncer refuses the one and loses the other.
    """
    try:
        connection = await asyncpg.connect(
            url.raw,
            timeout=policy.connect_timeout,
            command_timeout=policy.statement_timeout + 5,
            statement_cache_size=0,
            server_settings={"application_name": application_name},
        )
    except Exception as error:
        raise NotConnected from error
    try:
        yield connection
    finally:
        await _close(connection)


async def _close(connection: Connection) -> None:
    """End the session, but do not wait for a server that no longer listens."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), _CLOSE_SECONDS)
    connection.terminate()


async def identify(connection: Connection) -> Server:
    """Ask who answered."""
    [row] = await ask(connection, query("server"))
    return Server(
        version=row["version"],
        version_text=row["version_text"],
        pooled=row["pid"] != connection.get_server_pid(),
        database=row["database"],
        role=row["role"],
    )


async def ask(connection: Connection, statement: str, *values: object) -> list[asyncpg.Record]:
    """Run one question in a transaction of its own.

    Behind a pooler the two halves of an unnamed statement may otherwise reach two different servers.
    """
    async with transaction(connection, READ_ONLY):
        return list(await connection.fetch(statement, *values))


async def only_row(connection: Connection, statement: str, *values: object) -> asyncpg.Record:
    """Return the row of a statement that always gives one. Raises LookupError when it does not."""
    row = await connection.fetchrow(statement, *values)
    if row is None:
        raise LookupError("the server returned no row")
    return row


@contextlib.asynccontextmanager
async def transaction(
    connection: Connection, begin: str = READ_WRITE, *, dry_run: bool = False
) -> AsyncIterator[None]:
    """Run the block in a transaction; any exception, a cancellation too, rolls it back, as a `dry_run` does.

    Raises CommitRefused when the server turned COMMIT into ROLLBACK.
    """
    await connection.execute(begin)
    try:
        yield
    except BaseException:
        await _roll_back(connection)
        raise
    if dry_run:
        await _roll_back(connection)
    elif await connection.execute("COMMIT") != "COMMIT":
        raise CommitRefused("the server answered COMMIT with ROLLBACK")


@contextlib.asynccontextmanager
async def resolving(connection: Connection, schema: str = "public") -> AsyncIterator[None]:
    """Let the names in the block's statements be found in `schema`, for our files and repairs alone.

    What is raised leaves the path as it is: the caller returns to a savepoint, or rolls back.
    """
    await connection.execute(path_through(schema))
    yield
    await connection.execute(SAFE_PATH)


def path_through(schema: str) -> str:
    """Return the statement that lets names be found in `schema` for the rest of the transaction."""
    return f"SET LOCAL search_path = {schema}, pg_temp"


@contextlib.asynccontextmanager
async def rolled_back(connection: Connection, savepoint: str) -> AsyncIterator[None]:
    """Run the block behind a savepoint to which the transaction always returns."""
    await connection.execute(f"SAVEPOINT {savepoint}")
    try:
        yield
    finally:
        await _undo(connection, savepoint)


@contextlib.asynccontextmanager
async def savepoint(connection: Connection, name: str) -> AsyncIterator[None]:
    """Run the block so that an error gives back its locks and its changes, and nothing before them."""
    await connection.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        await _undo(connection, name)
        raise
    await connection.execute(f"RELEASE SAVEPOINT {name}")


async def _undo(connection: Connection, savepoint: str) -> None:
    """Return to a savepoint and give it up; a lost connection has given up everything."""
    if not connection.is_closed():
        await connection.execute(f"ROLLBACK TO SAVEPOINT {savepoint}; RELEASE SAVEPOINT {savepoint}")


async def _roll_back(connection: Connection) -> None:
    """Roll back if the server still listens; if not, closing the socket does it."""
    try:
        await asyncio.wait_for(connection.execute("ROLLBACK"), _CLOSE_SECONDS)
    except Exception:  # noqa: BLE001 - whatever it is, closing the socket rolls back as well
        connection.terminate()


async def set_local(connection: Connection, settings: Mapping[str, str]) -> None:
    """Set parameters for the current transaction only."""
    await connection.execute(query("set_local"), list(settings), list(settings.values()))


async def release_snapshot(connection: Connection) -> None:
    """Give up the snapshot that an open transaction holds although none of its statements runs.

    The unnamed portal of a statement with parameters stays open until the next statement, and CREATE
    INDEX CONCURRENTLY waits for every session with a snapshot; a statement without parameters leaves none.
    """
    await connection.execute("SELECT")


async def set_session(connection: Connection, settings: Mapping[str, str]) -> None:
    """Set parameters for the rest of the session, which must not be a pooled one."""
    # In a transaction, because only there no name is looked for in public; what is set outlives its COMMIT.
    await ask(connection, query("set_session"), list(settings), list(settings.values()))


def writing_settings(policy: RetryPolicy, server: Server, remaining: float) -> dict[str, str]:
    """Return the settings of the apply transaction; `remaining` is the rest of the budget in seconds."""
    statement = milliseconds(min(policy.statement_timeout, max(remaining, 0.001)))
    settings = {
        **STABLE_TEXT,
        "lock_timeout": milliseconds(policy.table_lock_timeout(remaining)),
        "statement_timeout": statement,
        "idle_in_transaction_session_timeout": "30s",
        "client_connection_check_interval": CONNECTION_CHECK,
        "check_function_bodies": "on",
    }
    if server.version >= _TRANSACTION_TIMEOUT_SINCE:
        settings["transaction_timeout"] = milliseconds(max(remaining, 0.001))
    return settings


def unlimited(server: Server) -> dict[str, str]:
    """Return the settings under which a transaction may take, and idle, as long as it needs."""
    names = ["statement_timeout", "idle_in_transaction_session_timeout"]
    if server.version >= _TRANSACTION_TIMEOUT_SINCE:
        names.append("transaction_timeout")
    return dict.fromkeys(names, "0")


def milliseconds(seconds: float) -> str:
    """Write seconds as the server reads a time; never 0, which would switch the limit off."""
    return f"{max(1, round(seconds * 1000))}ms"
