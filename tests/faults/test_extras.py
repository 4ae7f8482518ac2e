"""Objects that others added: those that change how ours behave fail, the others are told and left alone."""

from __future__ import annotations

import json
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
_MANY = """
DO $$ BEGIN
    FOR number IN 1..10000 LOOP
        EXECUTE format(
            'CREATE FUNCTION theirs_%s(a integer) RETURNS integer LANGUAGE sql '
            'SET search_path = public, pg_temp AS %L', number, 'SELECT 1 -- kanari9'
        );
    END LOOP;
END $$
"""
_LOSS = "DROP INDEX idx_workouts_user_id"


@pytest.mark.representative("trigger teams.log_it", "index one_name", "column teams.motto")
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


async def test_a_class_that_no_file_may_make(initialised_database: Database) -> None:
    """Verify, plan, status and a start that applies something name it; a quiet one does not."""
    await _run_as_admin(
        initialised_database,
        "CREATE OPERATOR FAMILY theirs USING btree",
        "CREATE PUBLICATION everything FOR ALL TABLES",
    )
    names = ["operator family theirs USING btree", "publication everything"]
    quiet = _entrypoint(initialised_database, "--init-only")
    verified = _entrypoint(initialised_database, "verify")
    planned = json.loads(_entrypoint(initialised_database, "plan", "--json").stdout)["plan"]
    status = json.loads(_entrypoint(initialised_database, "status", "--json").stdout)["status"]
    await _run(initialised_database, _LOSS)
    started = _entrypoint(initialised_database, "--init-only")

    assert "schema.unchanged" in quiet.event_names
    assert {} == _levels(quiet)
    assert dict.fromkeys(names, "warning") == _levels(verified)
    for answer in (planned, status):
        assert names == [f"{item['kind']} {item['name']}" for item in answer["differences"]]
    assert ExitCode.OK == started.exit_code
    assert set(names) <= set(_levels(started))


async def test_a_harmful_object_of_such_a_class(initialised_database: Database) -> None:
    """An implicit cast between types that ours use fails verify, and a start changes nothing beside it."""
    await _run_as_admin(initialised_database, "CREATE CAST (uuid AS text) WITH INOUT AS IMPLICIT")
    quiet = _entrypoint(initialised_database, "--init-only")
    verified = _entrypoint(initialised_database, "verify")
    await _run(initialised_database, _LOSS)
    before = await state_of(initialised_database)
    started = _entrypoint(initialised_database, "--init-only")

    assert ExitCode.OK == quiet.exit_code
    assert {"cast (pg_catalog.uuid AS pg_catalog.text)": "error"} == _levels(verified)
    assert (ExitCode.USAGE, ExitCode.VERIFICATION) == (verified.exit_code, started.exit_code)
    assert "(pg_catalog.uuid AS pg_catalog.text)" in started.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)


@pytest.mark.timeout(300)
async def test_many_objects_of_others(initialised_database: Database) -> None:
    """Ten thousand functions cost the ledger a number and the log twenty-one lines, and wake one start."""
    before = await _newest_entry(initialised_database)
    await _run(initialised_database, _MANY)
    started, quiet = [_entrypoint(initialised_database, "--init-only") for _ in range(2)]
    verified = _entrypoint(initialised_database, "verify")
    await _run(initialised_database, "ALTER FUNCTION theirs_7(integer) RENAME TO theirs_at_last")
    altered = _entrypoint(initialised_database, "--init-only")
    strict = _entrypoint(initialised_database, "--init-only", "--strict")

    assert ("ledger.recorded" in started.event_names, 20) == (True, len(_levels(started)))
    assert 20 == len(_levels(verified))
    for completed in (started, verified, quiet):
        assert ExitCode.OK == completed.exit_code
        assert {"functions": 10_000} == completed.event("extras.counted")["extras"]
        assert 10_000 == completed.event("verification.passed")["warnings"]
        assert "kanari9" not in completed.stdout
    for completed in (quiet, altered):
        assert "schema.unchanged" in completed.event_names
        assert {} == _levels(completed)
    assert ExitCode.VERIFICATION == strict.exit_code
    assert await _newest_entry(initialised_database) < before + 200


async def _newest_entry(database: Database) -> int:
    """Return how many characters the newest entry of the ledger holds."""
    async with observing(database) as connection:
        newest = "SELECT length(h::text) FROM entrypoint.history AS h ORDER BY id DESC LIMIT 1"
        return int(await connection.fetchval(newest))


async def _run_as_admin(database: Database, *statements: str) -> None:
    async with observing(database) as connection:
        for statement in statements:
            await connection.execute(statement)


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
