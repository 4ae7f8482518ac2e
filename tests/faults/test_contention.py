"""Starts that compete with a start that stands still, with each other for connections, and with DDL."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import asyncpg

from entrypoint.errors import ExitCode
from tests.support.database import Database, borrowed
from tests.support.database_state import assert_converged, observing
from tests.support.deploys import deploy
from tests.support.paused_start import paused_start
from tests.support.process import Completed, started_entrypoint
from tests.support.servers import ServerFactory
from tests.support.waiting import PATIENCE_SECONDS, eventually

_STARTERS = 25
_CONNECTIONS, _RESERVED = 12, 3
_LOSS = "DROP INDEX idx_workouts_user_id"
# A table and an index of its own, an index of one of our tables, and a function: none of them harmful.
_CHURN = (
    "CREATE TABLE churned (id integer PRIMARY KEY, body text)",
    "CREATE INDEX churned_body ON churned (body)",
    "CREATE INDEX churned_teams ON teams (team_name)",
    "CREATE FUNCTION churn() RETURNS int LANGUAGE sql SET search_path = public, pg_temp AS 'SELECT 1'",
    "DROP FUNCTION churn()",
    "DROP INDEX churned_teams",
    "DROP INDEX churned_body",
    "DROP TABLE churned",
)


async def test_holder_is_stopped(empty_database: Database, tmp_path: Path) -> None:
    """A start that stands still keeps the others out, they name it, and it ends well when it goes on."""
    async with paused_start(empty_database, tmp_path, "apply") as first:
        files = {"MORSE_SQL_DIRECTORY": str(tmp_path / "sql")}
        first.running.send_signal(signal.SIGSTOP)
        second = await deploy(empty_database, files, MORSE_START_BUDGET_SECONDS="2")
        first.running.send_signal(signal.SIGCONT)
        await first.release()
        completed = await first.running.wait()

    assert ExitCode.BUSY == second.exit_code, second.stdout
    assert f"pid {first.pid} " in second.event("start.failed")["message"]
    assert ExitCode.OK == completed.exit_code, completed.stdout
    assert "ledger.recorded" in completed.event_names
    third = await deploy(empty_database, files)
    assert ExitCode.OK == third.exit_code, third.stdout
    assert "schema.unchanged" in third.event_names
    await assert_converged(empty_database)


async def test_more_starters_than_connections(private_server: ServerFactory) -> None:
    """Starters that find no free connection wait for one, and one of them does the work."""
    limits = {"max_connections": _CONNECTIONS, "superuser_reserved_connections": _RESERVED}
    server = await private_server(**{name: str(limit) for name, limit in limits.items()})
    async with borrowed(server, "exhausted") as database, contextlib.AsyncExitStack() as stack:
        taken = await _take_every_connection(database)
        env = {"DATABASE_URL": database.url, "MORSE_START_BUDGET_SECONDS": str(PATIENCE_SECONDS)}
        starters = [
            await stack.enter_async_context(started_entrypoint("--init-only", env=env))
            for _ in range(_STARTERS)
        ]
        awaited = await starters[0].wait_for_event("database.awaited")
        for connection in taken:
            await connection.close()
        ended = [await starter.wait(2 * PATIENCE_SECONDS) for starter in starters]

        assert "connections_exhausted" == awaited["reason"]
        assert [ExitCode.OK] * _STARTERS == [completed.exit_code for completed in ended]
        assert 1 == sum("ledger.recorded" in completed.event_names for completed in ended)
        await assert_converged(database)


async def test_others_change_the_schema_meanwhile(initialised_database: Database) -> None:
    """Objects that come and go while the catalog is read fail neither a start nor a verification."""
    rounds = 3
    async with _churning(initialised_database) as churner:
        for _ in range(rounds):
            await _run(initialised_database, _LOSS)
            repaired = await _beside(churner, deploy(initialised_database))
            assert ExitCode.OK == repaired.exit_code, repaired.stdout
            assert "step.applied" in repaired.event_names
            verified = await _beside(churner, deploy(initialised_database, None, "verify"))
            assert ExitCode.OK == verified.exit_code, verified.stdout

    await assert_converged(initialised_database, entries=1 + rounds)


class _Churner:
    """Changes of the schema, counted."""

    def __init__(self) -> None:
        self.stopping = False
        self.statements = 0

    async def run(self, database: Database) -> None:
        """Create and drop objects until `stopping`; none is left."""
        connection = await database.connect()
        while not self.stopping:
            for statement in _CHURN:
                await connection.execute(statement)
                self.statements += 1


@contextlib.asynccontextmanager
async def _churning(database: Database) -> AsyncIterator[_Churner]:
    churner = _Churner()
    async with asyncio.TaskGroup() as group:
        group.create_task(churner.run(database))
        try:
            yield churner
        finally:
            churner.stopping = True


async def _beside(churner: _Churner, run: Awaitable[Completed]) -> Completed:
    """Wait for a run; fail unless the schema was changed meanwhile."""
    before = churner.statements
    completed = await run
    assert churner.statements > before + len(_CHURN)
    return completed


async def _take_every_connection(database: Database) -> list[asyncpg.Connection]:
    """Connect as the owner as often as the server allows, once earlier sessions have left it."""
    taken: list[asyncpg.Connection] = []

    async def every_one() -> bool:
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            taken.append(await database.connect())
        return len(taken) == _CONNECTIONS - _RESERVED

    await eventually(every_one, what="every connection taken")
    return taken


async def _run(database: Database, statement: str) -> None:
    async with observing(database) as connection:
        await connection.execute(statement)
