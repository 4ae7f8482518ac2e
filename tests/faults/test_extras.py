"""Objects that others added: those that change how ours behave fail, the others are told and left alone."""

from __future__ import annotations

import tomllib

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import SQL, Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.process import Completed, run_entrypoint

_OVERLOAD = "expire_old_unclaimed_workouts(days integer)"
_HARMFUL = {
    "trigger teams.log_it": "CREATE TRIGGER log_it AFTER INSERT ON teams EXECUTE FUNCTION set_invite_code()",
    "rule teams.keep": "CREATE RULE keep AS ON DELETE TO teams DO INSTEAD NOTHING",
    "row security teams": "ALTER TABLE teams ENABLE ROW LEVEL SECURITY",
    "policy teams.own": "CREATE POLICY own ON teams USING (team_name <> '')",
    "constraint teams.short": "ALTER TABLE teams ADD CONSTRAINT short CHECK (length(team_name) < 40)",
    "constraint teams.never": "ALTER TABLE teams ADD CONSTRAINT never CHECK (now() < 'infinity')",
    "index one_name": "CREATE UNIQUE INDEX one_name ON teams (team_name)",
    "index any_case": "CREATE UNIQUE INDEX any_case ON teams (lower(team_name))",
    "column teams.motto": "ALTER TABLE teams ADD COLUMN motto text NOT NULL",
    "function expire_old_unclaimed_workouts(integer)": f"CREATE FUNCTION {_OVERLOAD} RETURNS integer "
    "LANGUAGE sql AS 'SELECT 1'",
}
_HARMLESS = {
    "table notes": "CREATE TABLE notes (id integer CONSTRAINT notes_pkey PRIMARY KEY, body text)",
    "index idx_teams_name": "CREATE INDEX idx_teams_name ON teams (team_name)",
    "column teams.color": "ALTER TABLE teams ADD COLUMN color text",
    "column teams.wins": "ALTER TABLE teams ADD COLUMN wins integer NOT NULL DEFAULT 0",
    "function add_up(integer, integer)": "CREATE FUNCTION add_up(a int, b int) RETURNS int LANGUAGE sql "
    "SET search_path = public, pg_temp AS 'SELECT a + b'",
    "view team_names": "CREATE VIEW team_names AS SELECT team_name FROM teams",
}
_LOSS = "DROP INDEX idx_workouts_user_id"


@pytest.mark.parametrize("extra", _HARMFUL)
async def test_harmful_extra(initialised_database: Database, extra: str) -> None:
    """Verify fails because of it, and a start that has something to apply changes nothing."""
    await _run(initialised_database, _HARMFUL[extra], _LOSS)
    before = await state_of(initialised_database)
    verified = _entrypoint(initialised_database, "verify")
    started = _entrypoint(initialised_database, "--init-only")

    assert ExitCode.USAGE == verified.exit_code
    assert {extra: "error"} == _levels(verified)
    failed = started.event("start.failed")
    assert ExitCode.VERIFICATION == started.exit_code
    assert f"{extra} is extra: changes how our objects behave" in failed["message"]
    assert "step.applied" not in started.event_names
    await assert_untouched(initialised_database, before)


async def test_harmful_extra_with_nothing_to_apply(initialised_database: Database) -> None:
    """A restart at night does not become an outage because of it, unless the start is strict."""
    extra = "trigger teams.log_it"
    await _run(initialised_database, _HARMFUL[extra])
    before = await state_of(initialised_database)
    strict = _entrypoint(initialised_database, "--init-only", "--strict")
    assert ExitCode.VERIFICATION == strict.exit_code
    assert extra in strict.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)

    # The second start has only the ledger's word for what the first one found.
    for _ in range(2):
        started = _entrypoint(initialised_database, "--init-only")
        assert ExitCode.OK == started.exit_code
        assert extra in _levels(started)
    assert "schema.unchanged" in started.event_names
    assert ExitCode.VERIFICATION == _entrypoint(initialised_database, "--init-only", "--strict").exit_code
    assert ExitCode.USAGE == _entrypoint(initialised_database, "verify").exit_code


async def test_harmless_extras(initialised_database: Database) -> None:
    """What leaves ours alone is warned about and kept, also when a start repairs something else."""
    await _run(initialised_database, *_HARMLESS.values())
    verified = _entrypoint(initialised_database, "verify")
    strict = _entrypoint(initialised_database, "verify", "--strict")
    await _run(initialised_database, _LOSS)
    started = _entrypoint(initialised_database, "--init-only")

    expected = dict.fromkeys(_HARMLESS, "warning")
    assert (ExitCode.OK, ExitCode.USAGE) == (verified.exit_code, strict.exit_code)
    assert expected == _levels(verified)
    assert ExitCode.OK == started.exit_code
    assert sorted(expected) == sorted(_levels(started))


async def test_known_extras(initialised_database: Database) -> None:
    """What a deployed API is known to add is told with its reason, and no failure even when strict."""
    known = tomllib.loads((SQL / "known_extras.toml").read_text())["extra"]
    for extra in known:
        assert "trigger" == extra["kind"]
        table, _, name = extra["name"].partition(".")
        call = "EXECUTE FUNCTION update_updated_at_column()"
        await _run(
            initialised_database, f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW {call}"
        )
    verified = _entrypoint(initialised_database, "verify", "--strict")
    await _run(initialised_database, _LOSS)
    started = _entrypoint(initialised_database, "--init-only", "--strict")

    names = [f"{extra['kind']} {extra['name']}" for extra in known]
    assert (ExitCode.OK, ExitCode.OK) == (verified.exit_code, started.exit_code)
    assert dict.fromkeys(names, "warning") == _levels(verified)
    found = [event["note"] for event in verified.events if event["event"] == "difference.found"]
    assert sorted(extra["reason"] for extra in known) == sorted(found)
    await assert_converged(initialised_database, entries=2, extras=sorted(names))


def _levels(completed: Completed) -> dict[str, str]:
    """Return the level at which each extra object was told."""
    return {
        f"{event['kind']} {event['name']}": event["level"]
        for event in completed.events
        if event["event"] == "difference.found" and event["status"] == "extra"
    }


def _entrypoint(database: Database, *argv: str) -> Completed:
    return run_entrypoint(*argv, env={"DATABASE_URL": database.url})


async def _run(database: Database, *statements: str) -> None:
    async with observing(database) as connection:
        await connection.execute(f"SET ROLE {database.owner}")
        for statement in statements:
            await connection.execute(statement)
