"""Many containers that start at once against one database."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.cluster import OWNER
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_nothing_left, observing, state_of
from tests.support.deploys import migrations_of
from tests.support.files import Change, files_with, plus
from tests.support.process import Completed, started_entrypoint

_ERRORS = ("error", "critical")


@pytest.fixture(params=["repeatable read", "serializable"])
async def isolated_database(request: pytest.FixtureRequest, empty_database: Database) -> Database:
    """Lend an empty database in which the role's default isolation level is the parameter."""
    admin = await empty_database.connect_admin()
    setting = "default_transaction_isolation"
    await admin.execute(
        f"ALTER ROLE {OWNER} IN DATABASE \"{empty_database.name}\" SET {setting} = '{request.param}'"
    )
    return empty_database


async def test_isolation(isolated_database: Database) -> None:
    """One starter does the work and the others wait for it, whatever the role's isolation level is."""
    ended = await _start_at_once(20, isolated_database)

    _assert_one_applied(ended)
    await assert_converged(isolated_database)


async def test_fifty_on_an_empty_database(empty_database: Database) -> None:
    """Of fifty starters one does the work, the others wait for it, and every one becomes the API."""
    ended = await _start_at_once(50, empty_database)

    _assert_one_applied(ended)
    await assert_converged(empty_database)


async def test_fifty_on_an_initialised_database(initialised_database: Database) -> None:
    """Fifty starters with nothing to do neither write nor wait for each other."""
    before = await state_of(initialised_database)
    ended = await _start_at_once(50, initialised_database)

    assert 50 == sum("schema.unchanged" in completed.event_names for completed in ended)
    assert 0 == sum("lock.acquired" in completed.event_names for completed in ended)
    await assert_nothing_left(initialised_database)
    assert before == await state_of(initialised_database)


async def test_fifty_with_a_migration(initialised_database: Database, tmp_path: Path) -> None:
    """Of fifty starters of the next release one runs its migration, once."""
    table = "CREATE TABLE IF NOT EXISTS notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY);"
    migration = f"{table}\nINSERT INTO notes VALUES ('migrated');"
    changes: Mapping[str, Change] = {
        "init_production_schema.sql": plus(table),
        "migrations/0002_add_notes.sql": migration,
    }
    ended = await _start_at_once(50, initialised_database, files_with(tmp_path, changes))

    _assert_one_applied(ended)
    assert "applied" == (await migrations_of(initialised_database))["0002_add_notes.sql"]
    async with observing(initialised_database) as connection:
        assert 1 == await connection.fetchval("SELECT count(*) FROM notes")
    await assert_converged(initialised_database, entries=2, extras=("table notes",))


async def _start_at_once(
    number: int, database: Database, files: Mapping[str, str] | None = None
) -> list[Completed]:
    """Start that many API containers; fail unless each becomes the API, in time and without an error."""
    env = {"DATABASE_URL": database.url, **(files or {})}
    async with AsyncExitStack() as stack:
        starters = [
            await stack.enter_async_context(started_entrypoint("echo", "the API runs", env=env))
            for _ in range(number)
        ]
        ended = [await starter.wait() for starter in starters]
    assert [0] * number == [completed.exit_code for completed in ended]
    assert number == sum(completed.stdout.endswith("the API runs\n") for completed in ended)
    assert [] == [event for completed in ended for event in completed.events if event["level"] in _ERRORS]
    return ended


def _assert_one_applied(ended: list[Completed]) -> None:
    assert 1 == sum("ledger.recorded" in completed.event_names for completed in ended)
    assert 1 == sum("step.applied" in completed.event_names for completed in ended)
