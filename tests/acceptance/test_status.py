"""What a database is, told without changing it or waiting for anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import Database, borrowed
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with
from tests.support.output import Completed
from tests.support.process import started_entrypoint
from tests.support.servers import ServerFactory

_INDEX = "idx_workouts_user_id"
_PRELOADED = "shared_preload_libraries"
_INSTALL = "CREATE EXTENSION pg_stat_statements"
_AVAILABLE = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'"


async def test_initialised_database(initialised_database: Database) -> None:
    """The status names release, author and time of the newest start, and that nothing differs."""
    before = await state_of(initialised_database)
    completed = await deploy(initialised_database, None, "status")
    status = _document(await deploy(initialised_database, None, "status", "--json"))

    assert 0 == completed.exit_code, completed.stderr
    lines = {" ".join(line.split()) for line in completed.stdout.splitlines()}
    assert {
        "environment development",
        "stamp development",
        f"release here {status['release']}",
        f"release applied {status['release']}",
        "pending no migration",
        "differences none (proved by the ledger)",
    } <= lines
    assert ("morse-api", "") == (status["applied"]["service"], status["applied"]["commit"])
    assert "extension pg_stat_statements is not installed" in completed.stdout
    assert status["slow_queries"] is None
    assert status["database_bytes"] > 1_000_000
    await assert_untouched(initialised_database, before)


async def test_without_ledger(database: Database) -> None:
    """Without a ledger, no release is applied, and the files say what differs and what is pending."""
    async with observing(database) as admin:
        await admin.execute(f"DROP INDEX {_INDEX}")
    before = await state_of(database)
    status = _document(await deploy(database, None, "status", "--json"))

    assert (None, None, False) == (status["applied"], status["stamp"], status["proved"])
    assert [("missing", _INDEX)] == [(item["status"], item["name"]) for item in status["differences"]]
    assert ["migrations/0001_adopt_legacy.sql"] == status["pending"]
    await assert_untouched(database, before)


async def test_empty_database(empty_database: Database) -> None:
    """In an empty database everything is missing, and no migration is pending."""
    completed = await deploy(empty_database, None, "status")

    assert 0 == completed.exit_code, completed.stderr
    assert "missing table workouts" in completed.stdout
    assert "no migration" in completed.stdout


async def test_sizes_and_usage(initialised_database: Database) -> None:
    """Rows and sizes are those of the last ANALYZE, unknown before it; scans are counted by index."""
    before = _by_name(_document(await deploy(initialised_database, None, "status", "--json"))["tables"])
    async with observing(initialised_database) as admin:
        await admin.execute(
            "INSERT INTO users (id, device_uuid)"
            " SELECT gen_random_uuid(), 'D' || n FROM generate_series(1, 9) AS n"
        )
        await admin.execute("SET enable_seqscan = off")
        for _ in range(3):
            await admin.execute("SELECT FROM users WHERE device_uuid = 'D1'")
        await admin.execute("ANALYZE users")
        await admin.execute("SELECT pg_stat_force_next_flush()")
    status = _document(await deploy(initialised_database, None, "status", "--json"))

    users, indexes = _by_name(status["tables"])["users"], _by_name(status["indexes"])
    assert (None, 9) == (before["users"]["rows"], users["rows"])
    assert users["table_bytes"] > 0 < users["index_bytes"]
    assert 3 <= sum(index["scans"] for index in indexes.values() if index["table"] == "users")
    assert (True, False) == (indexes["users_pkey"]["enforces"], indexes[_INDEX]["enforces"])


async def test_locked_table(initialised_database: Database) -> None:
    """A table that somebody alters is waited for no longer than the lock timeout; the rest is told."""
    async with observing(initialised_database) as admin, admin.transaction():
        await admin.execute("LOCK TABLE teams IN ACCESS EXCLUSIVE MODE")
        proved = _document(await deploy(initialised_database, None, "status", "--json"))
        await admin.execute(f"DROP INDEX {_INDEX}")
    async with observing(initialised_database) as admin, admin.transaction():
        await admin.execute("LOCK TABLE workouts IN ACCESS EXCLUSIVE MODE")
        status = _document(
            await deploy(initialised_database, None, "status", "--json", MORSE_LOCK_TIMEOUT_SECONDS="0.1")
        )

    assert ([], True) == (proved["differences"], proved["proved"])
    assert status["differences"] is None
    assert "differences are unknown: canceling statement due to lock timeout" in status["notes"]
    assert "workouts" in _by_name(status["tables"])


async def test_edited_history(initialised_database: Database, tmp_path: Path) -> None:
    """A history that does not fit the files does not stop the status; it says what is wrong."""
    files = files_with(tmp_path, {"migrations/0001_adopt_legacy.sql": "SELECT 1;\n"})
    status = _document(await deploy(initialised_database, files, "status", "--json"))

    assert status["pending"] is None
    assert "0001_adopt_legacy.sql was edited" in status["notes"][0]


async def test_older_image(initialised_database: Database, tmp_path: Path) -> None:
    """An image older than the database tells both releases, and that nothing is pending."""
    newer = files_with(tmp_path, {"migrations/0002_add_nothing.sql": "SELECT 1;\n"})
    await deploy(initialised_database, newer)
    status = _document(await deploy(initialised_database, None, "status", "--json"))

    assert (1, []) == (status["applied"]["release"] - status["release"], status["pending"])


async def test_unreachable() -> None:
    """Where no server answers, there is no status: exit code 2, and nothing but the document is printed."""
    database = {"DATABASE_URL": "postgresql://u@127.0.0.1:1/d", "MORSE_START_BUDGET_SECONDS": "0.5"}
    completed = await _status(database)

    assert 2 == completed.exit_code
    assert 2 == json.loads(completed.stdout)["exit_code"]


@pytest.mark.parametrize("preloaded", [True, False])
async def test_slow_queries(private_server: ServerFactory, preloaded: bool) -> None:
    """The slowest statements are shown without anybody's data; a library that is not loaded is noted."""
    server = await private_server()
    admin = await server.admin()
    available = await admin.fetchval(_AVAILABLE)
    await admin.close()
    if not available:
        pytest.skip("this server comes without pg_stat_statements")
    if preloaded:
        server.stop()
        server.configure(**{_PRELOADED: "pg_stat_statements"})
        server.start()
    async with borrowed(server, "slow") as database:
        async with observing(database) as superuser:
            await superuser.execute(_INSTALL)
            await superuser.execute("GRANT pg_read_all_stats TO CURRENT_USER, morse")
            await superuser.execute("SELECT pg_sleep(0.2), 'somebody@example.org'")
            await superuser.execute("CREATE TABLE copied AS SELECT pg_sleep(0.1)::text, 'hunter2' AS word")
        status = _document(await _status({"DATABASE_URL": database.url}))

    if not preloaded:
        assert "shared_preload_libraries" in " ".join(status["notes"])
        return
    texts = [item["text"] for item in status["slow_queries"]]
    # Older servers keep the literals of such a statement, so that only its first words are told.
    assert ["SELECT pg_sleep($1), $2", "CREATE TABLE …"] == texts[:2]
    assert "hunter2" not in json.dumps(status)
    assert status["slow_queries"][0]["mean_seconds"] >= 0.2


async def _status(env: Mapping[str, str]) -> Completed:
    async with started_entrypoint("status", "--json", env=env) as running:
        return await running.wait()


def _document(completed: Completed) -> Any:
    """Return the status out of the one document on standard output."""
    assert 0 == completed.exit_code, completed.stderr
    return json.loads(completed.stdout)["status"]


def _by_name(items: list[Any]) -> dict[str, Any]:
    return {item["name"]: item for item in items}
