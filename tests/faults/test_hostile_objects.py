"""Objects that somebody else put into public: no statement of ours calls one, and none stops a command.

Each object in `hostile/` raises when it is called, which the server's log shows even where the error was
swallowed. The role's own path has public before pg_catalog, so that what we do not resolve meets them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import OWNER
from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import Change, files_with, instead, plus
from tests.support.output import Completed
from tests.support.roles import make_role

# Each test runs up to ten commands.
pytestmark = pytest.mark.timeout(300)

_HOSTILE = {path.stem: path for path in sorted(Path(__file__).with_name("hostile").glob("*.sql"))}
# Those groups with something that is named like a routine or an operator of pg_catalog.
_NAMESAKES = ("functions", "operators", "types")
_EXTENSIONS = ("intarray", "citext", "hstore", "pg_trgm", "ltree", "pgcrypto", "vector")
_LOSS = "DROP INDEX public.idx_workouts_user_id"
_READERS = (
    ("--init-only",),
    ("verify",),
    ("verify", "--deep"),
    ("plan",),
    ("status",),
    ("wait", "true"),
)
# An enum among the arguments and the result columns of ours, and a column that is an array of it.
_OURS: Mapping[str, str] = {
    "init_production_schema.sql": """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE moods (
    id UUID NOT NULL DEFAULT gen_random_uuid() CONSTRAINT moods_pkey PRIMARY KEY,
    felt mood NOT NULL DEFAULT 'good',
    before mood []
);
""",
    "init_functions.sql": """
CREATE OR REPLACE FUNCTION how_many(p_mood mood, p_others mood [])
RETURNS TABLE (felt mood, who users, number BIGINT)
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $function$ SELECT p_mood, u, 1::BIGINT FROM users AS u $function$;
""",
    "rollback_database.sql": "DROP FUNCTION IF EXISTS how_many(mood, mood []);\n"
    "DROP TABLE IF EXISTS moods;\nDROP TYPE IF EXISTS mood;",
}
_NAME = "    team_name VARCHAR(255) NOT NULL,\n"
_QUIET = "RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '' $$"
# Where an object of each kind stands in sql/.
_FILE = {
    "column": "init_production_schema.sql",
    "index": "init_production_schema.sql",
    "view": "init_views.sql",
}
_CALLS = """
SELECT
    p.prokind::text AS kind,
    format(
        '%I(%s)', p.proname,
        (SELECT string_agg(format('NULL::%s', format_type(t, NULL)), ', ') FROM unnest(p.proargtypes) AS t)
    ) AS call
FROM pg_proc AS p
WHERE p.proowner = $1::text::regrole AND p.prokind <> 'a' AND p.provariadic = 0
"""
_COMPLETE = re.compile(r"(DROP|REVOKE) .*;$")
_ROUNDS = 20
_DROPPED = re.compile(r"DROP \w+ public\.")


async def planted(database: Database, *statements: str) -> str:
    """Run statements as a role that may only create in public, and return its name."""
    role = await make_role(database.server)
    async with observing(database) as admin:
        await admin.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"')
        await admin.execute(
            f'ALTER ROLE {OWNER} IN DATABASE "{database.name}" SET search_path = public, pg_catalog'
        )
        await admin.execute(f'SET ROLE "{role}"')
        for statement in statements:
            await admin.execute(statement)
    return role


def calls(database: Database) -> list[str]:
    """Return what the server's log says of calls of hostile objects in this database."""
    lines = database.server.log.read_text(errors="replace").splitlines()
    return [line for line in lines if "ERROR:  hostile" in line and f"@{database.name} " in line]


async def _answers(database: Database, env: Mapping[str, str]) -> dict[str, str]:
    """Run every command that reads, and return what of them failed, with what it said."""
    done = {" ".join(argv): await deploy(database, env, *argv) for argv in _READERS}
    return {name: completed.stdout for name, completed in done.items() if completed.exit_code != 0}


@pytest.fixture(params=_HOSTILE)
async def surrounded(
    request: pytest.FixtureRequest, initialised_database: Database
) -> tuple[str, str, Database]:
    """Lend the name of a group, the role that planted it, and an initialised database with its objects."""
    role = await planted(initialised_database, _HOSTILE[request.param].read_text())
    return request.param, role, initialised_database


def test_there_are_many() -> None:
    """The battery holds routines, operators, casts, domains and relations, at least sixty of them."""
    text = "".join(path.read_text() for path in _HOSTILE.values())
    for kind in ("FUNCTION", "OPERATOR", "CAST", "DOMAIN", "VIEW", "TABLE", "AGGREGATE", "PROCEDURE"):
        assert f"\nCREATE {kind} " in text
    assert 60 <= text.count("\nCREATE ")


async def test_each_raises(surrounded: tuple[str, str, Database]) -> None:
    """A call of any planted function raises, so that a battery that is silent has proved something."""
    _, role, database = surrounded
    async with observing(database) as admin:
        await admin.execute("SET search_path = pg_catalog")
        rows = await admin.fetch(_CALLS, f'"{role}"')
        assert rows
        for row in rows:
            verb = "CALL" if row["kind"] == "p" else "SELECT"
            with pytest.raises(asyncpg.RaiseError, match=r"^hostile$"):
                await admin.execute(f"{verb} public.{row['call']}")


@pytest.mark.representative("operators")
async def test_whoever_only_reads_calls_none(surrounded: tuple[str, str, Database]) -> None:
    """A quiet start, verify, plan, status and wait go on as if the objects were not there."""
    _, _, database = surrounded
    env = {"MORSE_API_ROLE": await make_role(database.server)}
    assert {} == await _answers(database, {})
    quiet = await deploy(database)
    assert "schema.unchanged" in quiet.event_names
    # The first start with the role has grants to give; where that is refused, plan foretells it.
    assert 0 == (await deploy(database, env, "plan")).exit_code
    assert [] == calls(database)


@pytest.mark.representative("operators")
async def test_a_start_with_work_is_refused_beforehand(surrounded: tuple[str, str, Database]) -> None:
    """Our files run with public in their path, so that nothing is applied beside a namesake of a built-in."""
    group, role, database = surrounded
    async with observing(database) as admin:
        await admin.execute(_LOSS)
    before = await state_of(database)
    completed = await deploy(database)

    if group not in _NAMESAKES:
        assert 0 == completed.exit_code, completed.stdout
        assert ["index idx_workouts_user_id"] == _applied(completed)
        assert [] == calls(database)
        return
    failed = completed.event("start.failed")
    assert ExitCode.INCOMPATIBLE == completed.exit_code, completed.stdout
    assert role in failed["message"]
    assert f'REVOKE CREATE ON SCHEMA public FROM "{role}";' in failed["remedy"]
    assert _DROPPED.search(failed["remedy"])
    assert "step.applied" not in completed.event_names
    await assert_untouched(database, before)
    planned = await deploy(database, None, "plan", "--check")
    assert (ExitCode.PENDING, []) == (planned.exit_code, calls(database))
    assert "REVOKE CREATE ON SCHEMA public" in planned.stdout


@pytest.mark.representative("operators")
async def test_the_remedy_helps(surrounded: tuple[str, str, Database]) -> None:
    """The statements of the refusal are what has to be run, and the next start does its work."""
    group, _, database = surrounded
    if group not in _NAMESAKES:
        pytest.skip("nothing in this group is named like something in pg_catalog")
    async with observing(database) as admin:
        await admin.execute(_LOSS)
    for _ in range(_ROUNDS):
        completed = await deploy(database)
        if completed.exit_code == 0:
            break
        # A line of the log holds only so much of a long list.
        statements = completed.event("start.failed")["statements"]
        async with observing(database) as admin:
            for statement in filter(_COMPLETE.match, statements):
                await admin.execute(statement)

    assert 0 == completed.exit_code, completed.stdout
    assert ["index idx_workouts_user_id"] == _applied(completed)


@pytest.mark.representative("operators")
async def test_rollback_and_restore_call_none(surrounded: tuple[str, str, Database], tmp_path: Path) -> None:
    """What is dropped, backed up and brought back is ours alone, whatever lies beside it."""
    _, _, database = surrounded
    confirm = f"--confirm={database.name}"
    await deploy(database, None, "--init-only", "--with-test-data")
    removed = await deploy(
        database, None, "rollback", confirm, "--save-backup", "--backup-dir", str(tmp_path)
    )
    assert 0 == removed.exit_code, removed.stdout
    [file] = tmp_path.glob("*.gz")
    restored = await deploy(database, None, "restore", str(file), confirm)
    assert (0, []) == (restored.exit_code, calls(database)), restored.stdout
    verified = await deploy(database, None, "verify", "--deep")
    assert (0, []) == (verified.exit_code, calls(database)), verified.stdout


@pytest.mark.representative("intarray", "vector")
@pytest.mark.parametrize("extension", _EXTENSIONS)
async def test_extensions(initialised_database: Database, extension: str, tmp_path: Path) -> None:
    """A popular extension in public is nobody's attack: every command goes on, a start with work too."""
    async with observing(initialised_database) as admin:
        known = await admin.fetchval("SELECT true FROM pg_available_extensions WHERE name = $1", extension)
        if not known:
            pytest.skip(f"this server does not have the extension {extension}")
        await admin.execute(f"CREATE EXTENSION {extension} SCHEMA public")
    await planted(initialised_database, "SELECT")
    assert {} == await _answers(initialised_database, {})
    async with observing(initialised_database) as admin:
        await admin.execute(_LOSS)
    completed = await deploy(initialised_database)
    assert 0 == completed.exit_code, completed.stdout
    confirm = f"--confirm={initialised_database.name}"
    words = ("rollback", confirm, "--save-backup", "--backup-dir", str(tmp_path))
    assert 0 == (await deploy(initialised_database, None, *words)).exit_code
    [file] = tmp_path.glob("*.gz")
    restored = await deploy(initialised_database, None, "restore", str(file), confirm)
    assert 0 == restored.exit_code, restored.stdout


async def test_namesakes_of_our_owner_are_no_attack(initialised_database: Database) -> None:
    """What the owner or a superuser put into public stops nothing, not even a start that has work."""
    function = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hostile'; END $$"
    async with observing(initialised_database) as admin:
        await admin.execute(f"CREATE FUNCTION public.format(text, text) RETURNS text {function}")
        await admin.execute(
            f"SET ROLE {OWNER}; CREATE FUNCTION public.format(text, name) RETURNS text {function}"
        )
    assert {} == await _answers(initialised_database, {})
    async with observing(initialised_database) as admin:
        await admin.execute(_LOSS)
    completed = await deploy(initialised_database)
    assert (0, []) == (completed.exit_code, calls(initialised_database)), completed.stdout


@pytest.mark.representative("nowhere")
@pytest.mark.parametrize("path", ["''", "pg_temp, public", "nowhere", 'public, pg_catalog, "$user"'])
async def test_an_odd_path_of_the_role(empty_database: Database, path: str) -> None:
    """Whatever path the role has, a first start and those after it do as they do without."""
    async with observing(empty_database) as admin:
        await admin.execute(
            f'ALTER ROLE {OWNER} IN DATABASE "{empty_database.name}" SET search_path = {path}'
        )
    assert {} == await _answers(empty_database, {})
    assert "schema.unchanged" in (await deploy(empty_database)).event_names


async def test_types_of_ours(empty_database: Database, tmp_path: Path) -> None:
    """A user's type as argument, array, result column and column of ours reads the same on both sides."""
    (tmp_path / "files").mkdir()
    changes: dict[str, Change] = {name: plus(text) for name, text in _OURS.items()}
    changes["rollback_database.sql"] = lambda text: f"{_OURS['rollback_database.sql']}\n{text}"
    files = files_with(tmp_path / "files", changes)
    env = {**files, "MORSE_API_ROLE": await make_role(empty_database.server)}
    first = await deploy(empty_database, env)
    assert 0 == first.exit_code, first.stdout
    assert {} == await _answers(empty_database, env)
    assert "schema.unchanged" in (await deploy(empty_database, env)).event_names
    confirm = f"--confirm={empty_database.name}"
    words = ("rollback", confirm, "--save-backup", "--backup-dir", str(tmp_path))
    removed = await deploy(empty_database, files, *words)
    assert 0 == removed.exit_code, removed.stdout


async def test_an_object_bound_to_a_namesake(initialised_database: Database, tmp_path: Path) -> None:
    """What depends on somebody else's function has the right text, fails by name, and is made anew."""
    checked = "CONSTRAINT teams_named_check CHECK (concat_ws(team_name, invite_code) <> '-')"
    altered = f"ALTER TABLE public.teams ADD {checked}"
    files = files_with(tmp_path, {"init_production_schema.sql": instead(_NAME, f"{_NAME}    {checked},\n")})
    assert 0 == (await deploy(initialised_database, files)).exit_code
    role = await planted(
        initialised_database,
        f"CREATE FUNCTION public.concat_ws(varchar, varchar) {_QUIET}",
    )
    async with observing(initialised_database) as admin:
        await admin.execute("ALTER TABLE public.teams DROP CONSTRAINT teams_named_check")
        await admin.execute(f"SET search_path = public; {altered}")
    verified = await deploy(initialised_database, files, "verify")
    found = verified.event("difference.found")
    assert (ExitCode.USAGE, "changed") == (verified.exit_code, found["status"])
    assert ("constraint", "teams.teams_named_check") == (found["kind"], found["name"])
    assert "function public.concat_ws(character varying,character varying)" in found["note"]
    assert f'which belongs to "{role}"' in found["note"]

    refused = (await deploy(initialised_database, files)).event("start.failed")
    assert ExitCode.INCOMPATIBLE == refused["exit_code"]
    async with observing(initialised_database) as admin:
        for statement in refused["statements"]:
            await admin.execute(statement)
    repaired = await deploy(initialised_database, files)
    assert 0 == repaired.exit_code, repaired.stdout
    assert ["constraint teams.teams_named_check"] == _applied(repaired)
    assert 0 == (await deploy(initialised_database, files, "verify")).exit_code


@pytest.mark.parametrize(
    ("statement", "kind", "name"),
    [
        ("ALTER TABLE teams ALTER team_name SET DEFAULT concat_ws('', '')", "column", "teams.team_name"),
        ("CREATE INDEX idx_teams_same ON teams (num_nulls(team_name))", "index", "idx_teams_same"),
        ("CREATE VIEW team_names AS SELECT concat_ws('', team_name) AS n FROM teams", "view", "team_names"),
    ],
)
async def test_every_kind_that_can_be_bound(
    initialised_database: Database, statement: str, kind: str, name: str, tmp_path: Path
) -> None:
    """A default, an index and a view are marked like a constraint when the same words mean something else."""
    files = files_with(tmp_path, {_FILE[kind]: _with(kind, statement)})
    assert 0 == (await deploy(initialised_database, files)).exit_code
    await planted(
        initialised_database,
        f"CREATE FUNCTION public.concat_ws(text, text) {_QUIET}",
        f"CREATE FUNCTION public.concat_ws(text, varchar) {_QUIET}",
        "CREATE FUNCTION public.num_nulls(varchar) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0'",
    )
    async with observing(initialised_database) as admin:
        await admin.execute("SET search_path = public")
        if kind != "column":
            await admin.execute(f"DROP {kind} {name}")
        await admin.execute(statement)
    found = (await deploy(initialised_database, files, "verify")).event("difference.found")
    assert (kind, name, "changed") == (found["kind"], found["name"], found["status"])
    assert re.match(
        r"depends on function public\.(concat_ws\(text,|num_nulls\(character varying\))", found["note"]
    )


async def test_a_role_that_may_create_is_warned_of(initialised_database: Database) -> None:
    """Every start, the quiet ones too, names who may create in public, and the statement that ends it."""
    assert "schema.exposed" not in (await deploy(initialised_database)).event_names
    role = await planted(initialised_database, "SELECT")
    quiet = await deploy(initialised_database)
    assert "schema.unchanged" in quiet.event_names
    warned = quiet.event("schema.exposed")
    assert (
        f'as the owner of schema public run: REVOKE CREATE ON SCHEMA public FROM "{role}";'
        == warned["remedy"]
    )
    async with observing(initialised_database) as admin:
        await admin.execute(warned["remedy"].partition(": ")[2])
        await admin.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert ["PUBLIC"] == (await deploy(initialised_database)).event("schema.exposed")["roles"]


async def test_a_second_set_of_tables_is_warned_of(empty_database: Database) -> None:
    """Tables named like ours in another schema of the role's path are named, from the first start on."""
    async with observing(empty_database) as admin:
        await admin.execute(
            f"CREATE SCHEMA old; CREATE TABLE old.users (id int); CREATE TABLE old.notes (id int);"
            f"CREATE SCHEMA aside; CREATE TABLE aside.users (id int); CREATE TABLE public.notes (id int);"
            f'ALTER ROLE {OWNER} IN DATABASE "{empty_database.name}" SET search_path = old, public;'
            f"GRANT USAGE ON SCHEMA old, aside TO {OWNER}"
        )
    first, quiet = await deploy(empty_database), await deploy(empty_database)
    assert "schema.unchanged" in quiet.event_names
    for completed in (first, quiet):
        assert ["old.users"] == completed.event("schema.shadowed")["tables"]


async def test_a_first_start_beside_namesakes(empty_database: Database) -> None:
    """An empty database in which somebody waits for the first deploy gets nothing, and nothing is called."""
    role = await planted(empty_database, *(_HOSTILE[group].read_text() for group in _NAMESAKES[:2]))
    completed = await deploy(empty_database)
    assert ExitCode.INCOMPATIBLE == completed.exit_code, completed.stdout
    assert role in completed.event("start.failed")["message"]
    assert [] == calls(empty_database)


def _with(kind: str, statement: str) -> Change:
    """Return the change of a file that says the same as `statement` does."""
    if kind == "column":
        return instead(_NAME, _NAME.replace(",", f" DEFAULT {statement.partition('DEFAULT ')[2]},", 1))
    return plus(f"{statement.replace('CREATE VIEW', 'CREATE OR REPLACE VIEW')};")


def _applied(completed: Completed) -> list[str]:
    return [event["target"] for event in completed.events if event["event"] == "step.applied"]
