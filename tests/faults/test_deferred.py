"""Indexes that are built after COMMIT, while the table is in use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_nothing_left, observing, state_of
from tests.support.deploys import deploy, migrations_of
from tests.support.files import Change, files_with, plus
from tests.support.pgbouncer import pooled
from tests.support.process import started_entrypoint
from tests.support.waiting import PATIENCE_SECONDS, eventually

_API = ("echo", "the API runs")
_MIGRATION = "0002_index_users.sql"
_INDEX = "INDEX {} IF NOT EXISTS idx_users_created_at ON users (created_at);"
_BUILT: Mapping[str, Change] = {
    "init_production_schema.sql": plus(f"CREATE {_INDEX.format('')}"),
    f"migrations/{_MIGRATION}": "-- entrypoint: no-transaction, builds idx_users_created_at\n"
    f"CREATE {_INDEX.format('CONCURRENTLY')}\n",
    "migrations/0003_add_notes.sql": "CREATE TABLE notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY);",
}
_UNIQUE: Mapping[str, Change] = {
    name: change.replace("CREATE INDEX", "CREATE UNIQUE INDEX") if isinstance(change, str) else change
    for name, change in {
        **_BUILT,
        "init_production_schema.sql": plus(f"CREATE UNIQUE {_INDEX.format('')}"),
    }.items()
}
_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('idx_users_created_at')"
_SAME_MOMENT = "INSERT INTO users (device_uuid, created_at) VALUES ('a', '2024-01-01'), ('b', '2024-01-01')"
_WRITE = "UPDATE users SET total_workouts = total_workouts"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Return files of the next release, with an index to be built after COMMIT."""
    return files_with(tmp_path, _BUILT)


async def test_built_while_the_table_is_written(
    initialised_database: Database, files: Mapping[str, str]
) -> None:
    """The build waits for a writer, lets others write meanwhile, and COMMAND waits for the valid index."""
    env = {"DATABASE_URL": initialised_database.url, **files}
    writer, other = [await initialised_database.connect() for _ in range(2)]
    await writer.execute(f"BEGIN; {_WRITE}")
    async with started_entrypoint(*_API, env=env) as running:
        await running.wait_for_event("ledger.recorded")
        await eventually(lambda: _is_invalid(initialised_database), what="a build that has begun")
        assert {_MIGRATION: "deferred", "0003_add_notes.sql": "applied"}.items() <= (
            await migrations_of(initialised_database)
        ).items()
        await other.execute(_WRITE, timeout=PATIENCE_SECONDS)
        assert running.process.returncode is None
        await writer.execute("COMMIT")
        completed = await running.wait()

    assert 0 == completed.exit_code, completed.stdout
    assert completed.stdout.endswith("the API runs\n")
    assert completed.event_names.index("step.applied") < completed.event_names.index("process.handed_over")
    assert "applied" == (await migrations_of(initialised_database))[_MIGRATION]
    assert await other.fetchval(_VALID)
    assert 3 == (await state_of(initialised_database)).entries
    assert "schema.unchanged" in (await deploy(initialised_database, files)).event_names


async def test_fresh_database(empty_database: Database, files: Mapping[str, str]) -> None:
    """In a fresh database, which nobody uses, the baseline builds the index in the transaction."""
    completed = await deploy(empty_database, files)

    assert 0 == completed.exit_code, completed.stdout
    assert "contained" == (await migrations_of(empty_database))[_MIGRATION]
    assert 1 == (await state_of(empty_database)).entries


async def test_pooler(initialised_database: Database, reachable_path: Path, files: Mapping[str, str]) -> None:
    """Behind a pooler it is refused before anything is changed, and done over the direct connection."""
    before = await state_of(initialised_database)
    async with pooled(initialised_database, reachable_path) as url:
        refused = await deploy(initialised_database, files, DATABASE_URL=url)
        assert before == await state_of(initialised_database)
        direct = {"MORSE_ADMIN_DATABASE_URL": initialised_database.url}
        applied = await deploy(initialised_database, files, DATABASE_URL=url, **direct)

    assert "pooler.detected" in refused.event_names
    failed = refused.event("start.failed")
    assert (9, True) == (refused.exit_code, _MIGRATION in failed["message"])
    assert "MORSE_ADMIN_DATABASE_URL" in failed["remedy"]
    assert 0 == applied.exit_code


async def test_duplicates(initialised_database: Database, tmp_path: Path) -> None:
    """A unique index over duplicates is exit code 3; the rest stays, and the next start tries again."""
    files = files_with(tmp_path, _UNIQUE)
    owner = await initialised_database.connect()
    await owner.execute(_SAME_MOMENT)
    failing = [await deploy(initialised_database, files, *_API) for _ in range(2)]
    deferred, pending = await migrations_of(initialised_database), await state_of(initialised_database)
    await owner.execute("DELETE FROM users WHERE device_uuid = 'b'")
    mended = await deploy(initialised_database, files, *_API)

    for completed in failing:
        failed = completed.event("start.failed")
        assert (3, "23505") == (completed.exit_code, failed["sqlstate"])
        assert f"migrations/{_MIGRATION}" == failed["file"]
        assert "committed" in failed["remedy"]
        assert "2024" not in completed.stdout.partition("start.failed")[2]
        assert "the API runs" not in completed.stdout
    assert {_MIGRATION: "deferred", "0003_add_notes.sql": "applied"}.items() <= deferred.items()
    assert "index.dropped" in failing[1].event_names
    assert 2 == pending.entries, "the state in which the build is pending is recorded once"
    assert (0, True) == (mended.exit_code, await owner.fetchval(_VALID))
    assert "applied" == (await migrations_of(initialised_database))[_MIGRATION]


async def test_writer_never_ends(initialised_database: Database, files: Mapping[str, str]) -> None:
    """A build that a writer never lets end gives up with exit code 7, names it, and leaves nothing behind."""
    writer = await initialised_database.connect(server_settings={"application_name": "night shift"})
    await writer.execute(f"BEGIN; {_WRITE}")
    completed = await deploy(initialised_database, files, *_API, MORSE_START_BUDGET_SECONDS="3")

    assert 7 == completed.exit_code, completed.stdout
    assert "table_busy" == completed.event("start.failed")["reason"]
    busy = completed.event("table.busy")
    assert "users" == busy["table"]
    assert f"pid {writer.get_server_pid()} (night shift), idle in transaction" in busy["holder"]
    assert "the API runs" not in completed.stdout
    await assert_nothing_left(initialised_database)
    assert "deferred" == (await migrations_of(initialised_database))[_MIGRATION]


async def _is_invalid(database: Database) -> bool:
    async with observing(database) as connection:
        return await connection.fetchval(_VALID) is False
