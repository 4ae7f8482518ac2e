"""`morse-entrypoint verify` and `wait`: they say what is, and write nothing."""

from __future__ import annotations

import json
import sys

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import Database
from tests.support.database_state import assert_nothing_left, assert_untouched, state_of
from tests.support.process import Completed, run_entrypoint, started_entrypoint


def run(database: Database, *argv: str, **env: str) -> Completed:
    """Run the entrypoint on `database`."""
    return run_entrypoint(*argv, env={"DATABASE_URL": database.url, **env})


@pytest.fixture
def initialized(empty_database: Database) -> Database:
    """Lend a database that a start has brought up."""
    assert ExitCode.OK == run(empty_database, "--init-only").exit_code
    return empty_database


@pytest.mark.parametrize(
    ("change", "kind", "name", "status", "fell"),
    [
        (
            "ALTER TABLE workouts DROP COLUMN session_id CASCADE",
            "column",
            "workouts.session_id",
            "missing",
            4,
        ),
        ("DROP INDEX idx_exercises_muscle_groups", "index", "idx_exercises_muscle_groups", "missing", 0),
        ("DROP FUNCTION set_invite_code CASCADE", "function", "set_invite_code()", "missing", 2),
        ("DROP VIEW session_summaries", "view", "session_summaries", "missing", 0),
        (
            "ALTER TABLE user_devices DROP CONSTRAINT user_devices_user_id_device_uuid_key",
            "constraint",
            "user_devices.user_devices_user_id_device_uuid_key",
            "missing",
            0,
        ),
        ("ALTER TABLE users ALTER last_seen DROP DEFAULT", "column", "users.last_seen", "changed", 0),
    ],
)
async def test_what_is_missing_or_changed_is_named_first(
    initialized: Database, change: str, kind: str, name: str, status: str, fell: int
) -> None:
    """Verify exits 1, names the object first with expected and actual, then what fell with it; no more."""
    connection = await initialized.connect()
    await connection.execute(change)
    before = await state_of(initialized)
    completed = run(initialized, "verify")
    assert 1 == completed.exit_code
    found = [event for event in completed.events if event["event"] == "difference.found"]
    first = found[0]
    assert (status, kind, name) == (first["status"], first["kind"], first["name"])
    assert first["expected"]
    assert (status == "changed") == ("actual" in first)
    assert fell == len(found) - 1
    assert f"{kind} {name} is {status}" in completed.event("start.failed")["message"]
    await connection.close()
    await assert_untouched(initialized, before)


async def test_a_whole_database_passes_also_without_a_ledger(database: Database) -> None:
    """Verify of a database that no start has recorded builds the expectation, and leaves nothing of it."""
    before = await state_of(database)
    completed = run(database, "verify", "--deep")
    assert ExitCode.OK == completed.exit_code, completed.stdout
    await assert_untouched(database, before)


async def test_deep_checks_read_the_rows(initialized: Database) -> None:
    """Rows that contradict each other pass verify and fail verify --deep, by the name of the check."""
    connection = await initialized.connect()
    await connection.execute(
        "INSERT INTO users (device_uuid) VALUES ('device'); "
        "INSERT INTO workout_sessions (user_id, session_date, total_recordings) "
        "SELECT id, current_date, 5 FROM users"
    )
    assert ExitCode.OK == run(initialized, "verify").exit_code
    completed = run(initialized, "verify", "--deep")
    assert 1 == completed.exit_code
    assert "sessions_count_their_recordings" == completed.event("check.failed")["check"]


async def test_the_report_is_one_json_document(initialized: Database) -> None:
    """With --json standard output is the report and nothing else; the log goes to standard error."""
    completed = run(initialized, "verify", "--json")
    report = json.loads(completed.stdout)
    assert (0, "verified", True) == (
        report["exit_code"],
        report["outcome"],
        report["verification"]["passed"],
    )
    assert "verification.passed" in completed.stderr


async def test_a_command_that_cannot_follow_is_refused(initialized: Database) -> None:
    """Verify takes no COMMAND and says so."""
    completed = run(initialized, "verify", "node", "src/app.js")
    assert ExitCode.USAGE == completed.exit_code
    assert "verify takes no COMMAND, but node was given" == completed.event("start.failed")["message"]


async def test_a_worker_waits_until_the_database_is_ready(empty_database: Database) -> None:
    """Wait says what it waits for, and becomes COMMAND once a start has brought the database up."""
    command = (sys.executable, "-c", "print('the worker runs')")
    env = {"DATABASE_URL": empty_database.url}
    async with started_entrypoint("wait", "--", *command, env=env) as worker:
        awaited = await worker.wait_for_event("database.awaited")
        assert "not_initialised" == awaited["reason"]
        assert ExitCode.OK == run(empty_database, "--init-only").exit_code
        completed = await worker.wait()
    assert 0 == completed.exit_code
    assert "the worker runs" == completed.stdout.splitlines()[-1]
    await assert_nothing_left(empty_database)


async def test_a_worker_gives_up_at_the_end_of_its_budget(empty_database: Database) -> None:
    """Wait never writes: where nobody brings the database up it ends with code 9, and nothing is there."""
    before = await state_of(empty_database)
    completed = run(empty_database, "wait", "true", MORSE_START_BUDGET_SECONDS="1")
    assert ExitCode.INCOMPATIBLE == completed.exit_code
    assert "is needed, applied is none" in completed.event("start.failed")["message"]
    await assert_untouched(empty_database, before)


async def test_a_worker_does_not_start_on_a_database_that_lost_its_interface(initialized: Database) -> None:
    """Wait refuses a database whose function is gone, although the ledger says that it was proved."""
    connection = await initialized.connect()
    await connection.execute("DROP FUNCTION expire_old_unclaimed_workouts")
    completed = run(initialized, "wait", "true", MORSE_START_BUDGET_SECONDS="1")
    assert ExitCode.INCOMPATIBLE == completed.exit_code
    said = completed.event("start.failed")["message"]
    assert "function expire_old_unclaimed_workouts() is missing" in said
