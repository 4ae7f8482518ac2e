"""A least-privileged role for the API: granted what it needs, compared, and never more than it needs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import ADMIN, OWNER, Server
from tests.support.database import Database
from tests.support.database_state import assert_nothing_left, assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with, plus
from tests.support.output import Completed
from tests.support.process import started_entrypoint
from tests.support.roles import make_role
from tests.support.sql import rows
from tests.support.waiting import PATIENCE_SECONDS

_API = (sys.executable, "-m", "tests.api")
_BASELINE = "init_production_schema.sql"
_TABLE = "CREATE TABLE IF NOT EXISTS notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY);"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
_FORBIDDEN = (
    "DROP TABLE users",
    "DROP FUNCTION claim_workout",
    "ALTER TABLE users ADD COLUMN nickname text",
    "CREATE INDEX ON users (last_seen)",
    "TRUNCATE users CASCADE",
    "CREATE TABLE notes (body text)",
    "CREATE SCHEMA notes",
    "CREATE TRIGGER notes BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()",
    "ALTER TABLE users DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION generate_invite_code() RETURNS varchar LANGUAGE sql AS 'SELECT ''x'''",
    "SELECT setval('teams_team_id_seq', 1)",
    "SELECT * FROM entrypoint.history",
    "UPDATE entrypoint.stamp SET environment = 'development'",
)
# Each takes one thing away from the role; what `verify` then names, and what the next start grants again.
_LOST = {
    "REVOKE SELECT ON users FROM {role}": "table users",
    "REVOKE INSERT ON teams FROM {role}": "table teams",
    "REVOKE ALL ON session_summaries FROM {role}": "view session_summaries",
    "REVOKE USAGE ON SEQUENCE teams_team_id_seq FROM {role}": "sequence teams_team_id_seq",
    "REVOKE ALL ON FUNCTION generate_invite_code() FROM PUBLIC, {role}": "function generate_invite_code()",
    "REVOKE USAGE ON SCHEMA public FROM PUBLIC": "schema public",
    "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC": "database {database}",
}
# Each gives the role or everybody more than an API needs, under the name by which it is told.
_BEYOND = {
    "GRANT TRUNCATE ON users TO {role}": "TRUNCATE on table users",
    "GRANT REFERENCES (id) ON users TO {role}": "REFERENCES (id) on table users",
    "GRANT SELECT ON users TO {role} WITH GRANT OPTION": "SELECT WITH GRANT OPTION on table users",
    "GRANT UPDATE ON SEQUENCE teams_team_id_seq TO {role}": "UPDATE on sequence teams_team_id_seq",
    "GRANT INSERT ON session_summaries TO {role}": "INSERT on view session_summaries",
    "GRANT TRIGGER ON users TO PUBLIC": "TRIGGER on table users",
    "GRANT CREATE ON SCHEMA public TO {role}": "CREATE on schema public",
    "GRANT CREATE ON DATABASE {database} TO {role}": "CREATE on database {database}",
    "GRANT CREATE ON SCHEMA entrypoint TO {role}": "CREATE on schema entrypoint",
    "GRANT INSERT ON entrypoint.history TO {role}": "INSERT on table entrypoint.history",
    f"GRANT {OWNER} TO {{role}}": f"membership in {OWNER}",
    "GRANT pg_read_all_data TO {role}": "membership in pg_read_all_data",
    "ALTER ROLE {role} BYPASSRLS": "attribute BYPASSRLS",
}
# It hides every other, since it includes them.
_SUPERUSER = {"ALTER ROLE {role} SUPERUSER": "attribute SUPERUSER"}
_HARMLESS = (
    "GRANT SELECT (id) ON users TO {role}",
    "GRANT USAGE ON SCHEMA entrypoint TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA entrypoint TO {role}",
    "CREATE TABLE others (id int); GRANT ALL ON others TO {role}",
)


@pytest.fixture
async def role(server: Server) -> str:
    """Lend a role that may log in, and nothing else."""
    return await make_role(server)


@pytest.fixture
async def granted(empty_database: Database, role: str) -> Database:
    """Lend a database that a start has made for `role`."""
    async with observing(empty_database) as admin:
        await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        await admin.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {OWNER} WITH GRANT OPTION")
    completed = await _start(empty_database, role)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    return empty_database


async def test_the_role_does_what_an_api_does(granted: Database, role: str) -> None:
    """Every row can be written and read, every view queried, and the functions do their work as that role."""
    async with _as_role(granted, role) as api:
        await rows.one_of_each(api)
        for table in [row[0] for row in await api.fetch(_TABLES)]:
            key = rows.KEYS.get(table, "id")
            assert await api.execute(f"UPDATE {table} SET {key} = {key}") in ("UPDATE 0", "UPDATE 1"), table
        device = await rows.device(api)
        workout, person = await rows.workout(api, device), await rows.person(api)
        assert await api.fetchval("SELECT claim_workout($1, $2)", person, workout)
        session = await rows.session(api, device)
        recording = await rows.recording(api, device)
        await api.execute("SELECT add_audio_to_session($1, $2, now())", session, recording)
        assert 1 <= await api.fetchval("SELECT count(*) FROM session_summaries")
        assert 1 <= await api.fetchval("SELECT count(*) FROM user_workout_summaries")
        await api.execute("DELETE FROM users; DELETE FROM app_users")


async def test_the_role_does_nothing_else(granted: Database, role: str) -> None:
    """It cannot change the schema, empty a table, or look at the ledger."""
    async with _as_role(granted, role) as api:
        for statement in _FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.execute(statement)


async def test_the_api_runs_as_the_role(granted: Database, role: str) -> None:
    """With the owner's URL for the entrypoint and the role's for the API, both do their work."""
    env = {
        "MORSE_ADMIN_DATABASE_URL": granted.url,
        "DATABASE_URL": granted.server.url(granted.name, user=role),
        "MORSE_API_ROLE": role,
        "PORT": "0",
    }
    for argv in (("--", *_API), ("wait", "--", *_API)):
        async with started_entrypoint(*argv, env=env) as running:
            await running.wait_for_text("The stand-in API answers")
            [port] = re.findall(r"localhost:(\d+)", running.stdout)
            assert "ok" == (await _health(int(port)))["status"]
            running.send_signal(signal.SIGTERM)
            assert 0 == (await running.wait()).exit_code
        assert "settings.warned" not in [event["event"] for event in running.events()]


async def test_the_second_start_is_quiet(granted: Database, role: str) -> None:
    """What was granted once is not granted again, and counted as proved."""
    again = await _start(granted, role)
    assert "schema.unchanged" in again.event_names
    assert "lock.acquired" not in again.event_names
    [counted] = [event for event in again.events if event.get("category") == "grants"]
    assert counted["expected"] == counted["matched"] > 0 == counted["extra"]
    assert [] == [event for event in again.events if event["event"] == "difference.found"]


async def test_lost_grants_are_found_and_restored(granted: Database, role: str) -> None:
    """Verify names them and ends with 1, plan foresees each GRANT, and the next start repairs just these."""
    await _take(granted, role, *_LOST)
    verified = await _start(granted, role, "verify")
    planned = await _start(granted, role, "plan", "--json")
    repaired = await _start(granted, role)

    lost = {f"grant {name.format(database=granted.name)}" for name in _LOST.values()}
    assert 1 == verified.exit_code
    assert lost == {f"{event['kind']} {event['name']}" for event in _differences(verified)}
    foreseen = [step for step in json.loads(planned.stdout)["plan"]["steps"] if step["action"] == "repair"]
    assert lost == {step["target"] for step in foreseen}
    assert all(step["statement"].startswith("GRANT ") for step in foreseen)
    assert lost == set(_targets(repaired))
    await _assert_quiet_and_proved(granted, role)


async def test_everything_lost_at_once(granted: Database, role: str) -> None:
    """A role from which everything was taken has all that it needs after the next start."""
    await _take(granted, role, "DROP OWNED BY {role}")
    assert "grant table app_users" in _targets(await _start(granted, role))
    await _assert_quiet_and_proved(granted, role)


@pytest.mark.parametrize("given", [_BEYOND, _SUPERUSER], ids=["privileges", "superuser"])
async def test_more_than_an_api_needs_is_a_warning(
    granted: Database, role: str, given: Mapping[str, str]
) -> None:
    """Such a privilege is told by every start, fails with --strict alone, and nothing takes it away."""
    await _take(granted, role, *given)
    verified = await _start(granted, role, "verify")
    strict = await _start(granted, role, "verify", "--strict")
    started = await _start(granted, role)
    quiet = await _start(granted, role)

    beyond = {name.format(database=granted.name) for name in given.values()}
    assert (0, 1, 0, 0) == tuple(run.exit_code for run in (verified, strict, started, quiet))
    for completed in (verified, started, quiet):
        told = _differences(completed)
        assert {("extra", "grant", "warning")} == {
            (event["status"], event["kind"], event["severity"]) for event in told
        }
        assert beyond == {event["name"] for event in told}
    assert [] == _targets(started)
    assert "schema.unchanged" in quiet.event_names


async def test_what_is_no_more_than_needed_is_not_told(granted: Database, role: str) -> None:
    """A part of what is granted anyway, reading the ledger, and the objects of others are no difference."""
    await _take(granted, role, *_HARMLESS)
    verified = await _start(granted, role, "verify")
    assert 0 == verified.exit_code
    assert [] == [event for event in _differences(verified) if event["kind"] == "grant"]


async def test_a_later_api_cannot_change_the_schema(granted: Database, role: str) -> None:
    """The version of the API that replaces triggers at each start is not allowed to as that role."""
    env = {**os.environ, "DATABASE_URL": granted.server.url(granted.name, user=role), "STAND_IN_DDL": "1"}
    process = await asyncio.create_subprocess_exec(*_API, env={**env, "PORT": "0"}, stderr=subprocess.PIPE)
    _, stderr = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert b"must be owner of relation users" in stderr or b"permission denied for table users" in stderr


async def test_functions_may_be_left_to_everybody(initialised_database: Database, role: str) -> None:
    """Where PUBLIC may execute the functions already, a start grants tables, views and sequences alone."""
    started = await _start(initialised_database, role)
    assert 0 == started.exit_code, started.stdout
    assert {"table", "view", "sequence"} == {target.split()[1] for target in _targets(started)}
    async with _as_role(initialised_database, role) as api:
        assert await api.fetchval("SELECT generate_invite_code()")


async def test_a_table_of_a_migration_is_granted_with_it(
    granted: Database, role: str, tmp_path: Path
) -> None:
    """What a migration adds can be used by the role as soon as it is committed."""
    files = files_with(tmp_path, {_BASELINE: plus(_TABLE), "migrations/0002_add_notes.sql": _TABLE})
    started = await deploy(granted, files, MORSE_API_ROLE=role)
    assert 0 == started.exit_code, started.stdout
    assert ["migrations/0002_add_notes.sql", "grant table notes"] == _targets(started)
    async with _as_role(granted, role) as api:
        await api.execute("INSERT INTO notes VALUES ('a')")


async def test_what_is_made_again_is_granted_again(granted: Database, role: str) -> None:
    """A dropped table, view and function come back with what the role needs of them."""
    async with observing(granted) as admin:
        await admin.execute(
            "DROP TABLE user_progress; DROP VIEW session_summaries; DROP FUNCTION generate_invite_code()"
        )
    started = await _start(granted, role)
    assert 0 == started.exit_code, started.stdout
    lost = ("table user_progress", "view session_summaries", "function generate_invite_code()")
    assert {f"grant {name}" for name in lost} <= set(_targets(started))
    async with _as_role(granted, role) as api:
        await api.execute("SELECT generate_invite_code() FROM session_summaries, user_progress")


async def test_another_role_is_granted_beside_the_first(server: Server, granted: Database, role: str) -> None:
    """Naming another role is something to do; the first one keeps what it has until somebody takes it."""
    other = await make_role(server)
    started = await _start(granted, other)
    assert "grant table users" in _targets(started)
    for name in (role, other):
        async with _as_role(granted, name) as api:
            assert 0 == await api.fetchval("SELECT count(*) FROM users")
    assert "schema.unchanged" not in (await _start(granted, role)).event_names


async def test_a_role_that_does_not_exist(empty_database: Database) -> None:
    """The start is refused with the statement that creates the role, and passes once that was run."""
    before = await state_of(empty_database)
    refused = await _start(empty_database, "morse-missing")
    failed = refused.event("start.failed")
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert ["CREATE ROLE \"morse-missing\" LOGIN PASSWORD '<a password of its own>';"] == failed["statements"]
    assert failed["statements"][0] in failed["remedy"]
    await assert_untouched(empty_database, before)
    async with observing(empty_database) as admin:
        await admin.execute(failed["statements"][0])
        try:
            assert ExitCode.OK == (await _start(empty_database, "morse-missing")).exit_code
        finally:
            await admin.execute('DROP OWNED BY "morse-missing"; DROP ROLE "morse-missing"')


@pytest.mark.parametrize(
    ("user", "why"), [(OWNER, f"the entrypoint connected as {OWNER}"), (ADMIN, "it owns database")]
)
async def test_a_role_that_is_the_owner(initialised_database: Database, user: str, why: str) -> None:
    """The owner is refused as the API's role, whoever the entrypoint connects as."""
    before = await state_of(initialised_database)
    url = initialised_database.server.url(initialised_database.name, user=user)
    refused = await deploy(initialised_database, None, DATABASE_URL=url, MORSE_API_ROLE=OWNER)
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert why in refused.event("start.failed")["message"]
    assert "MORSE_ADMIN_DATABASE_URL" in refused.event("start.failed")["remedy"]
    await assert_untouched(initialised_database, before)


@pytest.mark.representative("init")
@pytest.mark.parametrize("command", ["init", "verify", "wait"])
async def test_the_entrypoint_connects_as_the_role(granted: Database, role: str, command: str) -> None:
    """Whoever forgets the owner's URL is told which variable holds it."""
    url = granted.server.url(granted.name, user=role)
    argv = (command,) if command == "verify" else (command, "true")
    refused = await deploy(granted, None, *argv, DATABASE_URL=url, MORSE_API_ROLE=role)
    assert (1 if command == "verify" else 9) == refused.exit_code
    assert "set MORSE_ADMIN_DATABASE_URL" in refused.event("start.failed")["remedy"]


async def test_a_worker_waits_without_the_owners_url(granted: Database, role: str) -> None:
    """A role that may read the ledger can wait as itself, when the worker has no MORSE_API_ROLE."""
    await _take(granted, role, _HARMLESS[1])
    url = granted.server.url(granted.name, user=role)
    assert 0 == (await deploy(granted, None, "wait", "true", DATABASE_URL=url)).exit_code


async def test_a_worker_waits_for_its_grants(granted: Database, role: str) -> None:
    """A worker does not begin before its role has what it needs."""
    await _take(granted, role, "REVOKE DELETE ON workouts FROM {role}")
    env = {"MORSE_API_ROLE": role, "MORSE_START_BUDGET_SECONDS": "2"}
    refused = await deploy(granted, None, "wait", "true", **env)
    assert 0 != refused.exit_code
    assert "grant table workouts is changed" in refused.stdout


async def test_a_role_that_owns_one_table(granted: Database, role: str) -> None:
    """A role that owns but one of our tables is refused, and the table is named."""
    async with observing(granted) as admin:
        await admin.execute(f'ALTER TABLE users OWNER TO "{role}"')
    refused = await _start(granted, role)
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert ["users"] == refused.event("start.failed")["owned"]


async def test_a_schema_that_may_not_be_granted(empty_database: Database, role: str) -> None:
    """Where somebody else owns schema public, the GRANT that is needed is told, and nothing is changed."""
    async with observing(empty_database) as admin:
        await admin.execute(
            f"ALTER SCHEMA public OWNER TO {ADMIN}; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            f"GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}"
        )
        before = await state_of(empty_database)
        refused = await _start(empty_database, role)
        planned = await _start(empty_database, role, "plan", "--json")
        grants = [f'GRANT USAGE ON SCHEMA public TO "{role}";']
        assert ExitCode.INCOMPATIBLE == refused.exit_code
        assert grants == refused.event("start.failed")["grants"]
        assert grants == json.loads(planned.stdout)["plan"]["refusal"]["details"]
        await assert_untouched(empty_database, before)
        await admin.execute(grants[0])
    assert ExitCode.OK == (await _start(empty_database, role)).exit_code


@pytest.mark.representative('GRANT SELECT (id) ON users TO "{role}"')
@pytest.mark.parametrize(
    "grants",
    [
        'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"',
        'GRANT EXECUTE ON FUNCTION generate_invite_code() TO "{role}"',
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
        'GRANT UPDATE ON SEQUENCE teams_team_id_seq TO "{role}"',
        'GRANT SELECT (id) ON users TO "{role}"',
        'GRANT CREATE ON SCHEMA public TO "{role}"',
    ],
)
async def test_grants_are_nobodys_business_without_a_role(
    initialised_database: Database, role: str, grants: str
) -> None:
    """Without MORSE_API_ROLE a DBA's grants neither wake a start nor stand in its answer."""
    async with observing(initialised_database) as admin:
        await admin.execute(grants.format(role=role))
    for argv in ((), ("verify",)):
        completed = await deploy(initialised_database, None, *argv)
        assert 0 == completed.exit_code
        assert "grants" not in [event.get("category") for event in completed.events]
        assert [] == _differences(completed)
        assert argv or "schema.unchanged" in completed.event_names


async def test_the_role_may_be_left_out_again(granted: Database, role: str) -> None:
    """What was recorded with a role says nothing without one; the record of the files serves both."""
    assert "lock.acquired" in (await deploy(granted)).event_names
    assert "schema.unchanged" in (await deploy(granted)).event_names
    assert "lock.acquired" in (await _start(granted, role)).event_names
    await assert_nothing_left(granted)


async def test_an_older_image_needs_its_grants(granted: Database, role: str, tmp_path: Path) -> None:
    """An image that must not write does not start an API that lost what it needs."""
    newer = files_with(tmp_path, {_BASELINE: plus(_TABLE)})
    assert 0 == (await deploy(granted, newer, MORSE_API_ROLE=role)).exit_code
    accepted = await _start(granted, role)
    assert (0, True) == (accepted.exit_code, "schema.ahead" in accepted.event_names)
    async with observing(granted) as admin:
        await admin.execute(f'REVOKE SELECT ON workouts FROM "{role}"')
    refused = await _start(granted, role)
    assert ExitCode.VERIFICATION == refused.exit_code
    assert "grant table workouts is changed" in refused.event("start.failed")["message"]


async def test_status_tells_what_the_role_lost(granted: Database, role: str) -> None:
    """Status lists a lost grant among the differences."""
    async with observing(granted) as admin:
        await admin.execute(f'REVOKE SELECT ON workouts FROM "{role}"')
    status = json.loads((await _start(granted, role, "status", "--json")).stdout)["status"]
    assert [("changed", "grant", "table workouts")] == [
        (item["status"], item["kind"], item["name"]) for item in status["differences"]
    ]


@asynccontextmanager
async def _as_role(database: Database, role: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(
        database.server.url(database.name, user=role), timeout=PATIENCE_SECONDS
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=PATIENCE_SECONDS)


async def _start(database: Database, role: str, *argv: str) -> Completed:
    return await deploy(database, None, *argv, MORSE_API_ROLE=role)


async def _take(database: Database, role: str, *statements: str) -> None:
    """Run statements that take something from the role or give it something, as the superuser."""
    async with observing(database) as admin:
        for statement in statements:
            await admin.execute(statement.format(role=f'"{role}"', database=f'"{database.name}"'))


async def _assert_quiet_and_proved(database: Database, role: str) -> None:
    assert "schema.unchanged" in (await _start(database, role)).event_names
    assert 0 == (await _start(database, role, "verify")).exit_code


def _differences(completed: Completed) -> list[dict[str, object]]:
    return [event for event in completed.events if event["event"] == "difference.found"]


def _targets(completed: Completed) -> list[str]:
    return [event["target"] for event in completed.events if event["event"] == "step.applied"]


async def _health(port: int) -> dict[str, object]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    writer.close()
    found: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found
