"""A deploy locks only the tables that it changes, and says which, how strongly and for how long."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.database import Database
from tests.support.database_state import assert_converged, observing
from tests.support.deploys import deploy
from tests.support.files import Change, files_with, instead, plus
from tests.support.output import Completed
from tests.support.paused_start import paused_start

_TABLES = """
SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> $1
"""
_SAMPLE = re.compile(r'morse_entrypoint_table_lock_hold_seconds\{mode="(\w+)",table="(\w+)"\} (\S+)')


@asynccontextmanager
async def _tables_locked(database: Database, *, but: str = "") -> AsyncIterator[None]:
    """Hold a lock on each table but one that lets others read, and do nothing else."""
    async with observing(database) as session, session.transaction():
        await session.execute(f"LOCK TABLE {await session.fetchval(_TABLES, but)} IN EXCLUSIVE MODE")
        yield


async def test_function_body(initialised_database: Database, tmp_path: Path) -> None:
    """A deploy that changes the body of one function replaces it and locks no table."""
    change = instead("-- The first eight digits of", "-- Eight digits of")
    async with _tables_locked(initialised_database):
        completed = await deploy(initialised_database, files_with(tmp_path, {"init_functions.sql": change}))

    assert 0 == completed.exit_code, completed.stdout
    assert ["function generate_invite_code()"] == _targets(completed)
    assert "transaction.retried" not in completed.event_names
    assert {} == _locked(completed)


async def test_nothing_but_a_comment(initialised_database: Database, tmp_path: Path) -> None:
    """A deploy of files that say the same in other words locks nothing, and is recorded."""
    async with _tables_locked(initialised_database):
        files = files_with(tmp_path, {"init_production_schema.sql": plus("-- Another word.")})
        completed = await deploy(initialised_database, files)

    assert (0, [], {}) == (completed.exit_code, _targets(completed), _locked(completed))
    await assert_converged(initialised_database, entries=2)


async def test_dropped_index(initialised_database: Database, tmp_path: Path) -> None:
    """The repair of an index stops the writers of its table and nobody else; log and metrics say so."""
    textfile = tmp_path / "morse.prom"
    owner = await initialised_database.connect()
    await owner.execute("DROP INDEX idx_workouts_user_id")
    async with _tables_locked(initialised_database, but="workouts"):
        completed = await deploy(initialised_database, MORSE_METRICS_TEXTFILE=str(textfile))

    assert ["index idx_workouts_user_id"] == _targets(completed)
    assert {"workouts": "ShareLock"} == _locked(completed)
    [(mode, table, seconds)] = _SAMPLE.findall(textfile.read_text())
    assert ("ShareLock", "workouts") == (mode, table)
    assert 0 < float(seconds) < completed.event("start.finished")["seconds"]
    await assert_converged(initialised_database, entries=2)


async def test_created_table(initialised_database: Database, tmp_path: Path) -> None:
    """A table that a migration or a repair makes is in nobody's way; the one that it references is."""
    table = (
        "CREATE TABLE {0} (id UUID CONSTRAINT {0}_pkey PRIMARY KEY,"
        " CONSTRAINT {0}_id_fkey FOREIGN KEY (id) REFERENCES teams_of (id));"
    )
    referenced = "CREATE TABLE teams_of (id UUID, CONSTRAINT teams_of_pkey PRIMARY KEY (id));"
    first = files_with(tmp_path / "first", {"init_production_schema.sql": plus(referenced)})
    assert {} == _locked(await deploy(initialised_database, first))
    changes: Mapping[str, Change] = {
        "init_production_schema.sql": plus(table.format("notes") + table.format("more_notes")),
        "migrations/0002_add_notes.sql": table.format("notes"),
    }
    async with _tables_locked(initialised_database, but="teams_of"):
        second = await deploy(initialised_database, files_with(tmp_path / "second", changes, base=first))

    assert ["migrations/0002_add_notes.sql", "table more_notes"] == _targets(second)[:2]
    assert {"teams_of": "ShareRowExclusiveLock"} == _locked(second)


async def test_time_until_commit(initialised_database: Database, tmp_path: Path) -> None:
    """The time for which a table was locked lasts until COMMIT, the verification included."""
    owner = await initialised_database.connect()
    await owner.execute("DROP INDEX idx_workouts_user_id")
    async with paused_start(initialised_database, tmp_path, "verify") as start:
        began = time.monotonic()
        await asyncio.sleep(0.5)
        stood = time.monotonic() - began
        await start.release()
        completed = await start.running.wait()

    assert stood < completed.event("table.locked")["seconds"]


def _targets(completed: Completed) -> list[str]:
    return [event["target"] for event in completed.events if event["event"] == "step.applied"]


def _locked(completed: Completed) -> dict[str, str]:
    events = [event for event in completed.events if event["event"] == "table.locked"]
    return {event["table"]: event["mode"] for event in events}
