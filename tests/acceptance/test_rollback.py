"""What a rollback drops, what it leaves alone, and whom it asks first."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import asyncpg
import pytest

from tests.support.cluster import ADMIN
from tests.support.database import Database
from tests.support.database_state import (
    assert_converged,
    assert_nothing_left,
    assert_untouched,
    names_in,
    observing,
    state_of,
)
from tests.support.deploys import deploy, run_command
from tests.support.files import files_with, plus
from tests.support.process import started_entrypoint

_PRODUCTION = {"MORSE_ENVIRONMENT": "production"}
_OF_OTHERS = """
CREATE TABLE invoices (id integer CONSTRAINT invoices_pkey PRIMARY KEY, body text);
INSERT INTO invoices VALUES (1, 'paid');
CREATE VIEW open_invoices AS SELECT id FROM invoices;
CREATE SEQUENCE invoice_numbers;
CREATE TYPE invoice_state AS ENUM ('open', 'paid');
"""


_ORPHAN = """
SET session_replication_role = replica;
INSERT INTO team_memberships (team_id, user_id) VALUES (99, gen_random_uuid());
"""
_OVERLOAD = "CREATE FUNCTION claim_workout(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1'"


async def test_everything_of_the_product_goes(initialised_database: Database) -> None:
    """A confirmed rollback leaves nothing of the product, says so after the proof, and can be repeated."""
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 0 == completed.exit_code, completed.stdout
    assert [] == await names_in(initialised_database)
    assert completed.event_names.index("rollback.proved") < completed.event_names.index("start.finished")
    again = await run_command(initialised_database, "rollback", "--confirm")
    assert 0 == again.exit_code
    assert "rollback.unneeded" in again.event_names
    await deploy(initialised_database)
    await assert_converged(initialised_database)


async def test_what_is_not_ours_stays(initialised_database: Database) -> None:
    """Tables, functions, views, sequences, types and rows of others outlive a rollback."""
    async with observing(initialised_database) as connection:
        await connection.execute(_OF_OTHERS)
        await connection.execute(_OVERLOAD)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 0 == completed.exit_code, completed.stdout
    assert ["claim_workout", "invoice_numbers", "invoices", "open_invoices"] == await names_in(
        initialised_database
    )
    async with observing(initialised_database) as connection:
        assert "paid" == await connection.fetchval("SELECT body FROM invoices")
        assert "open" == await connection.fetchval("SELECT 'open'::invoice_state::text")


async def test_extensions_stay(initialised_database: Database) -> None:
    """Extensions and the members that they put into public outlive a rollback, as do their views."""
    members = "SELECT count(*) FROM pg_depend WHERE deptype = 'e'"
    wanted = ("uuid-ossp", "pg_stat_statements", "pg_trgm", "citext", "pgcrypto", "vector")
    async with observing(initialised_database) as connection:
        available = await connection.fetch("SELECT name FROM pg_available_extensions")
        there = [name for name in wanted if name in {row["name"] for row in available}]
        assert there, "this server has none of the extensions that Render offers"
        for name in there:
            await connection.execute(f'CREATE EXTENSION "{name}" SCHEMA public')
        before = await connection.fetchval(members)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 0 == completed.exit_code, completed.stdout
    assert [] == await names_in(initialised_database)
    async with observing(initialised_database) as connection:
        assert before == await connection.fetchval(members)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE TABLE invoices (user_id uuid CONSTRAINT of_user REFERENCES users)", "of_user"),
        ("CREATE VIEW mails AS SELECT id FROM app_users", "mails"),
        ("CREATE TABLE entrypoint.notes (body text)", "notes"),
    ],
    ids=["foreign key", "view", "table beside the ledger"],
)
async def test_what_depends_on_ours_stops_it(initialised_database: Database, made: str, named: str) -> None:
    """An object of somebody else's that hangs on ours is named, and nothing is dropped, it least of all."""
    async with observing(initialised_database) as connection:
        await connection.execute(made)
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 4 == completed.exit_code, completed.stdout
    failed = completed.event("start.failed")
    assert named in failed["message"]
    assert "drop what depends on ours" in failed["remedy"]
    await assert_untouched(initialised_database, before)


@pytest.mark.parametrize(
    ("made", "statement"),
    [
        (
            "CREATE PUBLICATION replica FOR TABLE users, app_users",
            "ALTER PUBLICATION replica DROP TABLE app_users, users",
        ),
        (
            "CREATE SCHEMA dba; CREATE STATISTICS dba.pair ON id, device_uuid FROM users",
            "DROP STATISTICS dba.pair",
        ),
    ],
    ids=["publication", "statistics"],
)
async def test_what_would_fall_without_a_word(
    initialised_database: Database, made: str, statement: str
) -> None:
    """What DROP TABLE takes along without asking, and no backup holds, stops it too, with a remedy."""
    async with observing(initialised_database) as connection:
        await connection.execute(made)
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 4 == completed.exit_code, completed.stdout
    assert statement in completed.event("start.failed")["remedy"]
    await assert_untouched(initialised_database, before)
    async with observing(initialised_database) as connection:
        await connection.execute(statement)
    assert 0 == (await run_command(initialised_database, "rollback", "--confirm")).exit_code


async def test_a_table_that_inherits(initialised_database: Database, tmp_path: Path) -> None:
    """Rows of a table that inherits from ours are none of ours: the table is named, not counted."""
    async with observing(initialised_database) as connection:
        await connection.execute("CREATE TABLE of_a_dba () INHERITS (users)")
        await connection.execute("INSERT INTO of_a_dba (device_uuid) VALUES (gen_random_uuid())")
    completed = await run_command(
        initialised_database, "rollback", "--confirm", "--save-backup", "--backup-dir", str(tmp_path)
    )

    assert 4 == completed.exit_code, completed.stdout
    assert "table of_a_dba depends on table users" in completed.event("start.failed")["message"]


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        ("ALTER TABLE team_memberships DISABLE TRIGGER ALL", "team_memberships_team_id_fkey"),
        (_ORPHAN, "table_name=team_memberships"),
    ],
    ids=["switched off", "a row got past it"],
)
async def test_a_foreign_key_that_the_rows_may_contradict(
    initialised_database: Database, tmp_path: Path, harm: str, named: str
) -> None:
    """What a restore could not create over its rows is named, so that there is no backup, and no drop."""
    async with observing(initialised_database) as connection:
        await connection.execute(harm)
    before = await state_of(initialised_database)
    completed = await run_command(
        initialised_database, "rollback", "--confirm", "--save-backup", "--backup-dir", str(tmp_path)
    )

    assert 3 == completed.exit_code, completed.stdout
    assert named in completed.event("start.failed")["message"]
    assert [] == list(tmp_path.iterdir())
    await assert_untouched(initialised_database, before)


async def test_readers_of_views(initialised_database: Database, tmp_path: Path) -> None:
    """An API that reads the views all the time deadlocks with nothing, and delays neither drop nor backup."""

    async def read(view: str) -> None:
        async with observing(initialised_database) as reader:
            with contextlib.suppress(asyncpg.UndefinedTableError):
                while True:
                    await reader.fetch(f"SELECT * FROM {view}")

    views = ("session_summaries", "user_workout_summaries") * 2
    readers = [asyncio.create_task(read(view)) for view in views]
    argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(tmp_path))
    env = {"MORSE_START_BUDGET_SECONDS": "10"}
    completed = await run_command(initialised_database, *argv, env=env)
    if completed.exit_code:
        for reader in readers:
            reader.cancel()
    await asyncio.gather(*readers)

    assert 0 == completed.exit_code, completed.stdout
    assert 1 == completed.event_names.count("backup.proved")


async def test_without_confirm_it_only_tells(initialised_database: Database) -> None:
    """Without --confirm the tables are listed with their rows, the exit code is 1, and nothing happens."""
    await deploy(initialised_database, None, "--init-only", "--with-test-data")
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "rollback")

    assert 1 == completed.exit_code
    lines = [line.split() for line in completed.stdout.splitlines()]
    assert ["users", "5", "rows"] == next(line for line in lines if line[:1] == ["users"])[:3]
    assert "morse-entrypoint rollback --confirm --save-backup" in completed.stdout
    await assert_untouched(initialised_database, before)


@pytest.mark.representative("environment---confirm-rollback", "stamp---confirm=another-force")
@pytest.mark.parametrize(
    "argv", [("rollback",), ("init", "--init-only", "--force")], ids=["rollback", "force"]
)
@pytest.mark.parametrize("confirm", ["--confirm", "--confirm=another"])
@pytest.mark.parametrize("by", ["environment", "stamp"])
async def test_production_is_named(
    initialised_database: Database, argv: tuple[str, ...], confirm: str, by: str
) -> None:
    """On production, by environment or by stamp, only the database's own name confirms."""
    if by == "stamp":
        async with observing(initialised_database) as connection:
            await connection.execute("UPDATE entrypoint.stamp SET environment = 'production'")
    env = _PRODUCTION if by == "environment" else {}
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, *argv, confirm, env=env)

    assert 1 == completed.exit_code, completed.stdout
    assert f"--confirm={initialised_database.name}" in completed.event("start.failed")["remedy"]
    await assert_untouched(initialised_database, before)
    named = await run_command(initialised_database, *argv, f"--confirm={initialised_database.name}", env=env)
    assert 0 == named.exit_code, named.stdout


async def test_another_name_is_refused_anywhere(initialised_database: Database) -> None:
    """A name that is not this database's stops a rollback in development too."""
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "rollback", "--confirm=another")

    assert 1 == completed.exit_code
    await assert_untouched(initialised_database, before)


async def test_a_stranger_is_left_alone(database: Database) -> None:
    """Tables with our names, but without a ledger that calls them ours, are not dropped."""
    before = await state_of(database)
    for argv in (("rollback",), ("rollback", "--confirm")):
        completed = await run_command(database, *argv)
        assert 4 == completed.exit_code, completed.stdout
        assert "no ledger says that" in completed.event("start.failed")["message"]
    told = await run_command(database, "rollback", "--json")
    assert 4 == told.exit_code == json.loads(told.stdout)["exit_code"]
    await assert_untouched(database, before)


async def test_tables_of_another_role(initialised_database: Database) -> None:
    """A table that belongs to somebody else stops it before anything is locked, with the exact GRANT."""
    async with observing(initialised_database) as connection:
        await connection.execute(f"ALTER TABLE teams OWNER TO {ADMIN}")
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 4 == completed.exit_code, completed.stdout
    assert f"GRANT {ADMIN} TO" in completed.event("start.failed")["remedy"]
    await assert_untouched(initialised_database, before)


_NEWER = {
    "init_production_schema.sql": plus(
        """
        CREATE TABLE IF NOT EXISTS notes (id INTEGER CONSTRAINT notes_pkey PRIMARY KEY, body TEXT);
        """
    ),
    "init_functions.sql": plus(
        """
        CREATE OR REPLACE FUNCTION length_of_note(note notes) RETURNS INTEGER
        LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$ SELECT length(note.body) $$;
        """
    ),
    "init_views.sql": plus(
        """
        CREATE OR REPLACE VIEW long_notes AS
        SELECT n.id, length_of_note(n) AS length FROM notes AS n;
        CREATE OR REPLACE VIEW longest_note AS
        SELECT max(length) AS length FROM long_notes;
        """
    ),
}


async def test_the_ledger_says_what_is_dropped(initialised_database: Database, tmp_path: Path) -> None:
    """What the newest entry names goes without a line in any file, whichever release the image has.

    The table is needed by a function that takes its rows, which a view needs, which another view needs.
    """
    await deploy(initialised_database, files_with(tmp_path, _NEWER))
    async with observing(initialised_database) as connection:
        assert 0 == await connection.fetchval("SELECT count(*) FROM longest_note WHERE length > 0")
        await connection.execute(_OF_OTHERS)
        await connection.execute(_OVERLOAD)
    completed = await run_command(initialised_database, "rollback", "--confirm")

    assert 0 == completed.exit_code, completed.stdout
    assert ["claim_workout", "invoice_numbers", "invoices", "open_invoices"] == await names_in(
        initialised_database
    )


async def test_a_file_that_drops_too_much(initialised_database: Database, tmp_path: Path) -> None:
    """A file that names somebody else's table drops nothing."""
    async with observing(initialised_database) as connection:
        await connection.execute("CREATE TABLE invoices (body text)")
    before = await state_of(initialised_database)
    files = files_with(tmp_path, {"rollback_database.sql": plus("DROP TABLE IF EXISTS invoices;")})
    completed = await run_command(initialised_database, "rollback", "--confirm", env=files)

    assert 4 == completed.exit_code, completed.stdout
    failed = completed.event("start.failed")
    assert "proved to be ours: table invoices" in failed["message"]
    assert "rename what somebody needs" in failed["remedy"]
    await assert_untouched(initialised_database, before)


async def test_a_reader_is_not_waited_for_long(initialised_database: Database) -> None:
    """An API that keeps a table open ends the rollback with code 7 within its budget, and nothing is lost."""
    before = await state_of(initialised_database)
    async with observing(initialised_database) as reader:
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch("SELECT FROM users")
        env = {"MORSE_START_BUDGET_SECONDS": "2", "MORSE_LOCK_TIMEOUT_SECONDS": "0.3"}
        completed = await run_command(initialised_database, "rollback", "--confirm", env=env)
        await transaction.rollback()

    assert 7 == completed.exit_code, completed.stdout
    assert "users" == completed.event("table.busy")["table"]
    await assert_untouched(initialised_database, before)


async def test_nobody_answers() -> None:
    """A rollback of a server that is not there ends with code 2."""
    env = {"DATABASE_URL": "postgresql://morse@127.0.0.1:9/morse", "MORSE_START_BUDGET_SECONDS": "1"}
    async with started_entrypoint("rollback", "--confirm", env=env) as running:
        assert 2 == (await running.wait()).exit_code


async def test_nothing_is_left_of_the_session(initialised_database: Database) -> None:
    """No lock and no session of a rollback outlives it."""
    await run_command(initialised_database, "rollback", "--confirm")
    await assert_nothing_left(initialised_database)
