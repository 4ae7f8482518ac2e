"""Objects of ours that somebody changed: verify names them, and the next start restores them."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
import pytest

from entrypoint.errors import ExitCode
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.process import Completed, run_entrypoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Statements, run one by one, and the object that is not as expected afterwards."""

    made_by: tuple[str, ...]
    kind: str
    name: str
    status: str = "changed"


_FUNCTION = "expire_old_unclaimed_workouts()"
_CHECK = "exercises_effort_level_check"
_READER = "get_unclaimed_workouts_for_device"
_SETTINGS = "LANGUAGE sql SET search_path = public, pg_temp"
_REPAIRED = {
    "function body": Drift(
        made_by=(f"CREATE OR REPLACE FUNCTION {_FUNCTION} RETURNS integer {_SETTINGS} AS 'SELECT 1'",),
        kind="function",
        name=_FUNCTION,
    ),
    "function result": Drift(
        made_by=(
            f"DROP FUNCTION {_FUNCTION}",
            f"CREATE FUNCTION {_FUNCTION} RETURNS text {_SETTINGS} AS 'SELECT NULL::text'",
        ),
        kind="function",
        name=_FUNCTION,
    ),
    "function parameter": Drift(
        made_by=(
            f"DROP FUNCTION {_READER}(varchar)",
            f"CREATE FUNCTION {_READER}(uuid varchar) RETURNS TABLE (id integer) {_SETTINGS} AS 'SELECT 1'",
        ),
        kind="function",
        name=f"{_READER}(character varying)",
    ),
    "view query": Drift(
        made_by=(
            "CREATE VIEW old AS SELECT * FROM session_summaries",
            "DROP VIEW old, session_summaries",
            "CREATE VIEW session_summaries AS SELECT id FROM workout_sessions",
        ),
        kind="view",
        name="session_summaries",
    ),
    "invalid index": Drift(
        made_by=(
            "DROP INDEX idx_users_migration_status",
            "INSERT INTO users (device_uuid) VALUES ('one'), ('two')",
            "CREATE UNIQUE INDEX CONCURRENTLY idx_users_migration_status ON users (migration_status)",
        ),
        kind="index",
        name="idx_users_migration_status",
    ),
    "index on another table": Drift(
        made_by=(
            "DROP INDEX idx_workouts_user_id",
            "CREATE INDEX idx_workouts_user_id ON app_users (last_login)",
        ),
        kind="index",
        name="idx_workouts_user_id",
    ),
    "disabled trigger": Drift(
        made_by=("ALTER TABLE teams DISABLE TRIGGER teams_updated_at_trigger",),
        kind="trigger",
        name="teams.teams_updated_at_trigger",
    ),
    "constraint that was never validated": Drift(
        made_by=(
            f"ALTER TABLE exercises DROP CONSTRAINT {_CHECK}",
            f"ALTER TABLE exercises ADD CONSTRAINT {_CHECK} CHECK (effort_level BETWEEN 1 AND 10) NOT VALID",
        ),
        kind="constraint",
        name=f"exercises.{_CHECK}",
    ),
    "foreign key that is switched off": Drift(
        made_by=("ALTER TABLE exercises DISABLE TRIGGER ALL",),
        kind="constraint",
        name="exercises.exercises_workout_id_fkey",
    ),
    "missing foreign key": Drift(
        made_by=("ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey",),
        kind="constraint",
        name="exercises.exercises_workout_id_fkey",
        status="missing",
    ),
    "dropped table": Drift(
        made_by=("DROP TABLE team_memberships",), kind="table", name="team_memberships", status="missing"
    ),
}


@pytest.mark.representative("function body", "invalid index", "missing foreign key", "dropped table")
@pytest.mark.parametrize("name", _REPAIRED)
async def test_drift_is_repaired(initialised_database: Database, name: str) -> None:
    """What drifted is named by verify, repaired by the next start, and then as it was."""
    drift = _REPAIRED[name]
    await _run(initialised_database, drift.made_by)
    verified = _entrypoint(initialised_database, "verify")

    found = [event for event in verified.events if event["event"] == "difference.found"]
    assert ExitCode.USAGE == verified.exit_code
    assert (drift.status, drift.kind, drift.name) in [_what(event) for event in found]
    started = _entrypoint(initialised_database, "--init-only")
    applied = [event["target"] for event in started.events if event["event"] == "step.applied"]
    assert ExitCode.OK == started.exit_code, started.stdout
    assert f"{drift.kind} {drift.name}" in applied
    await assert_converged(initialised_database, entries=2)


async def test_loss_after_a_proof_is_seen(initialised_database: Database) -> None:
    """The ledger's word does not stand against the live catalog: a table that went is made again."""
    assert "schema.unchanged" in _entrypoint(initialised_database, "--init-only").event_names
    await _run(initialised_database, ("DROP TABLE team_memberships",))
    started = _entrypoint(initialised_database, "--init-only")

    assert "schema.unchanged" not in started.event_names
    assert "table team_memberships" in [event.get("target") for event in started.events]
    await assert_converged(initialised_database, entries=2)


_UNDECIDED = {
    "column type": Drift(
        made_by=("ALTER TABLE teams ALTER team_name TYPE text", "ALTER TABLE users DROP COLUMN last_seen"),
        kind="column",
        name="teams.team_name: expected character varying(255) NOT NULL, found text NOT NULL",
    ),
    "function in use": Drift(
        made_by=(
            *_REPAIRED["function result"].made_by,
            f"CREATE VIEW report AS SELECT {_FUNCTION} AS expired",
        ),
        kind="function",
        name=_FUNCTION,
    ),
    "view in use": Drift(
        made_by=(
            *_REPAIRED["view query"].made_by,
            "CREATE VIEW report AS SELECT id FROM session_summaries",
        ),
        kind="view",
        name="session_summaries",
    ),
}


@pytest.mark.parametrize("name", _UNDECIDED)
async def test_drift_that_needs_a_decision(initialised_database: Database, name: str) -> None:
    """What no statement restores without a loss is listed with exit code 9, and left as it is."""
    drift = _UNDECIDED[name]
    await _run(initialised_database, drift.made_by)
    before = await state_of(initialised_database)
    started = _entrypoint(initialised_database, "--init-only")

    failed = started.event("start.failed")
    assert ExitCode.INCOMPATIBLE == started.exit_code
    told = [failed["message"], failed.get("file", ""), *failed.get("differences", ())]
    assert any(f"{drift.kind} {drift.name}" in words for words in told), told
    await assert_untouched(initialised_database, before)


def _what(event: dict[str, object]) -> tuple[object, ...]:
    return event["status"], event["kind"], event["name"]


def _entrypoint(database: Database, *argv: str) -> Completed:
    return run_entrypoint(*argv, env={"DATABASE_URL": database.url})


async def _run(database: Database, statements: tuple[str, ...]) -> None:
    """Run statements one by one as an administrator; what is made belongs to the owner nevertheless."""
    async with observing(database) as admin:
        for statement in statements:
            superuser = "DISABLE TRIGGER ALL" in statement
            await admin.execute("RESET ROLE" if superuser else f"SET ROLE {database.owner}")
            try:
                await admin.execute(statement)
            except asyncpg.UniqueViolationError:
                assert "CONCURRENTLY" in statement
