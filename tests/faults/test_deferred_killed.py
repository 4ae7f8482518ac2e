"""Starts that are killed around a build after COMMIT: the next one finishes, whatever was left."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.database_state import assert_nothing_left, observing
from tests.support.deploys import deploy, migrations_of
from tests.support.files import Change, files_with, plus
from tests.support.output import Completed
from tests.support.process import started_entrypoint
from tests.support.proxy import Message, proxied
from tests.support.waiting import eventually

_MIGRATION = "0002_index_users.sql"
_INDEX = "INDEX {} IF NOT EXISTS idx_users_created_at ON users (created_at);"
_STATE = "SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = to_regclass('idx_users_created_at')"
_ENTRY = b"INSERT INTO entrypoint.history"

Stop = Literal["first commit", "second entry"]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Return files of the next release, with an index to be built after COMMIT."""
    changes: Mapping[str, Change] = {
        "init_production_schema.sql": plus(f"CREATE {_INDEX.format('')}"),
        f"migrations/{_MIGRATION}": "-- entrypoint: no-transaction, builds idx_users_created_at\n"
        f"CREATE {_INDEX.format('CONCURRENTLY')}\n",
    }
    return files_with(tmp_path, changes)


async def test_before_the_build(initialised_database: Database, files: Mapping[str, str]) -> None:
    """A start that was killed right after its COMMIT leaves a ledger that says what is left to do."""
    await _kill_at(initialised_database, files, "first commit")

    assert "deferred" == (await migrations_of(initialised_database))[_MIGRATION]
    assert await _index(initialised_database) is None
    completed = await _finish(initialised_database, files)
    assert "index.dropped" not in completed.event_names


async def test_during_the_build(initialised_database: Database, files: Mapping[str, str]) -> None:
    """The server ends the build of a killed start; its invalid index is dropped and built again."""
    writer = await initialised_database.connect()
    await writer.execute("BEGIN; UPDATE users SET total_workouts = 0")
    env = {"DATABASE_URL": initialised_database.url, **files}
    async with started_entrypoint("--init-only", env=env) as running:
        await eventually(lambda: _index(initialised_database), what="a build that has begun")
        running.send_signal(signal.SIGKILL)
        await running.wait()
    await assert_nothing_left(initialised_database)

    left = await _index(initialised_database)
    assert not left["indisvalid"]
    assert "deferred" == (await migrations_of(initialised_database))[_MIGRATION]
    await writer.execute("ROLLBACK")
    completed = await _finish(initialised_database, files)
    assert ("warning", "idx_users_created_at") == (
        completed.event("index.dropped")["level"],
        completed.event("index.dropped")["index"],
    )
    assert left["indexrelid"] != (await _index(initialised_database))["indexrelid"]


async def test_before_the_record(initialised_database: Database, files: Mapping[str, str]) -> None:
    """An index that a killed start built and did not record is kept as it is."""
    await _kill_at(initialised_database, files, "second entry")

    built = await _index(initialised_database)
    assert built["indisvalid"]
    assert "deferred" == (await migrations_of(initialised_database))[_MIGRATION]
    completed = await _finish(initialised_database, files)
    assert "index.dropped" not in completed.event_names
    assert built["indexrelid"] == (await _index(initialised_database))["indexrelid"]


async def test_two_starters(initialised_database: Database, files: Mapping[str, str]) -> None:
    """A second starter waits until the first has built the index, and then finds nothing to do."""
    writer = await initialised_database.connect()
    await writer.execute("BEGIN; UPDATE users SET total_workouts = 0")
    env = {"DATABASE_URL": initialised_database.url, **files}
    async with started_entrypoint("--init-only", env=env) as first:
        await eventually(lambda: _index(initialised_database), what="a build that has begun")
        async with started_entrypoint("--init-only", env=env) as second:
            await second.wait_for_event("lock.awaited")
            await writer.execute("ROLLBACK")
            built, waited = await first.wait(), await second.wait()

    assert [0, 0] == [built.exit_code, waited.exit_code]
    assert "schema.unchanged" in waited.event_names
    assert "step.applied" not in waited.event_names
    assert (await _index(initialised_database))["indisvalid"]


async def _kill_at(database: Database, files: Mapping[str, str], stop: Stop) -> None:
    """Kill a start that waits behind a message which never arrives."""
    server, reached = database.server, asyncio.Event()
    recorded = committed = False

    async def inspect(message: Message) -> None:
        nonlocal recorded, committed
        writes = message.side == "client" and _ENTRY in message.body
        ends = recorded and (message.kind, message.body) == ("C", b"COMMIT\0")
        if ends if stop == "first commit" else writes and committed:
            reached.set()
            await asyncio.Event().wait()
        recorded, committed = recorded or writes, committed or ends

    async with proxied(server.host, server.port) as proxy:
        proxy.inspect = inspect
        env = {"DATABASE_URL": proxy.url(database.url), **files}
        async with started_entrypoint("--init-only", env=env) as running:
            await asyncio.wait_for(reached.wait(), 20)
            running.send_signal(signal.SIGKILL)
            await running.wait()
    await assert_nothing_left(database)


async def _finish(database: Database, files: Mapping[str, str]) -> Completed:
    """Start again and fail unless the index is valid and everything is recorded."""
    completed = await deploy(database, files)
    assert 0 == completed.exit_code, completed.stdout
    assert (await _index(database))["indisvalid"]
    assert "applied" == (await migrations_of(database))[_MIGRATION]
    assert "schema.unchanged" in (await deploy(database, files)).event_names
    return completed


async def _index(database: Database) -> asyncpg.Record | None:
    async with observing(database) as connection:
        return await connection.fetchrow(_STATE)
