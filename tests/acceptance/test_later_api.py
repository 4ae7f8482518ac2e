"""The API of a later version, which changes the schema by itself at each of its starts."""

from __future__ import annotations

import signal
import sys
import tomllib

from tests.support.database import SQL, Database
from tests.support.database_state import assert_converged
from tests.support.deploys import deploy
from tests.support.process import Completed, started_entrypoint
from tests.support.sql.rows import KEYS, one_of_each

_API = ("--", sys.executable, "-m", "tests.api")
_TABLES = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


async def test_start_after_a_later_api(initialised_database: Database) -> None:
    """Rows can still be updated, and the next start tells what the API added and leaves it alone."""
    await _run_api(initialised_database)
    updated = await _updated_tables(initialised_database)
    assert {"users", "audio_files", "workouts", "exercises"} <= updated
    started = await deploy(initialised_database)

    assert 0 == started.exit_code, started.stdout
    reasons = _known_extras()
    assert 4 == len(reasons)
    assert reasons == _extras_told(started)
    extras = sorted(f"trigger {name}" for name in reasons)
    await assert_converged(initialised_database, entries=2, extras=extras)

    # The API drops and creates what was there: the same by name, other objects to the server.
    again = await _run_api(initialised_database)
    started = await deploy(initialised_database)
    assert 0 == started.exit_code, started.stdout
    for completed in (again, started):
        assert "schema.unchanged" in completed.event_names
        assert reasons == _extras_told(completed)
    await assert_converged(initialised_database, entries=2, extras=extras)


async def _run_api(database: Database) -> Completed:
    """Start the stand-in API through the entrypoint, and end it once it listens."""
    env = {"DATABASE_URL": database.url, "PORT": "0", "STAND_IN_DDL": "1"}
    async with started_entrypoint(*_API, env=env) as running:
        await running.wait_for_text("The stand-in API answers")
        running.send_signal(signal.SIGTERM)
        completed = await running.wait()
    assert 0 == completed.exit_code, completed.stderr
    assert "process.handed_over" in completed.event_names
    return completed


async def _updated_tables(database: Database) -> set[str]:
    """Update a row of every table that can have one, and return the tables' names."""
    connection = await database.connect()
    await one_of_each(connection)
    updated = set()
    for record in await connection.fetch(_TABLES):
        table = record["relname"]
        key = KEYS.get(table, "id")
        if await connection.fetchval(f"SELECT count(*) FROM {table}"):
            await connection.execute(f"UPDATE {table} SET {key} = {key}")
            updated.add(table)
    return updated


def _known_extras() -> dict[str, str]:
    """Return the reason why each trigger of the API's is expected, by its name."""
    known = tomllib.loads((SQL / "known_extras.toml").read_text())["extra"]
    return {extra["name"]: extra["reason"] for extra in known if extra["kind"] == "trigger"}


def _extras_told(completed: Completed) -> dict[str, str]:
    """Return the note with which each extra object was told, by its name; each must be a warning."""
    told = [event for event in completed.events if event["event"] == "difference.found"]
    assert {("extra", "trigger", "warning")} == {(e["status"], e["kind"], e["level"]) for e in told}
    return {event["name"]: event["note"] for event in told}
