"""What a rollback backed up comes back by a restore, whole or not at all."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.support.database import Database, borrowed
from tests.support.database_state import (
    assert_converged,
    assert_nothing_left,
    assert_untouched,
    differences_of,
    names_in,
    observing,
    state_of,
)
from tests.support.deploys import deploy, run_command
from tests.support.files import files_with, plus
from tests.support.process import COMMAND, ROOT, Completed, minimal_environment
from tests.support.waiting import PATIENCE_SECONDS

_ROWS = "SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), 'empty') FROM {table} AS t"
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname = 'public' AND c.relkind = 'r'
ORDER BY 1
"""
# What a DBA may have put onto our tables: it falls with them, and comes back with them.
_ON_OURS = """
CREATE INDEX of_a_dba ON workouts (created_at);
ALTER TABLE teams ADD COLUMN nickname text;
GRANT SELECT ON users TO pg_monitor;
INSERT INTO app_users (passphrase_hash) VALUES (E'\\\\.\\n\\ttab, \\\\N and "quotes" \\u00e9');
"""
_TRIGGER = """
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER of_a_dba AFTER INSERT ON teams FOR EACH ROW EXECUTE FUNCTION note_change();
"""
_PRIVILEGE = "SELECT has_table_privilege('pg_monitor', 'users', 'SELECT')"


async def rows_in(database: Database) -> dict[str, str]:
    """Return a checksum of the rows of each table of public."""
    async with observing(database) as connection:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        return {table: await connection.fetchval(_ROWS.format(table=table)) for table in tables}


async def backed_up(database: Database, directory: Path, **env: str) -> Path:
    """Roll `database` back, and return the backup that was written meanwhile."""
    words = ("rollback", f"--confirm={database.name}", "--save-backup", "--backup-dir", str(directory))
    completed = await run_command(database, *words, env=env)
    assert 0 == completed.exit_code, completed.stdout
    return Path(completed.event("backup.proved")["path"])


async def restored(database: Database, file: Path, *argv: str, **env: str) -> Completed:
    """Restore `file` into `database`."""
    return await run_command(database, "restore", str(file), f"--confirm={database.name}", *argv, env=env)


async def test_a_round_trip(initialised_database: Database, tmp_path: Path) -> None:
    """Rows, objects, extras on our tables and grants come back, and the next start has nothing to do."""
    await deploy(initialised_database, None, "--init-only", "--with-test-data")
    async with observing(initialised_database) as connection:
        await connection.execute(_ON_OURS)
    rows, differences = await rows_in(initialised_database), await differences_of(initialised_database)
    file = await backed_up(initialised_database, tmp_path)
    assert [] == await names_in(initialised_database)
    completed = await restored(initialised_database, file)

    assert 0 == completed.exit_code, completed.stdout
    assert rows == await rows_in(initialised_database)
    assert differences == await differences_of(initialised_database)
    assert ["nothing"] == completed.event("restore.foreseen")["steps"]
    async with observing(initialised_database) as connection:
        assert await connection.fetchval(_PRIVILEGE)
    quiet = await deploy(initialised_database)
    assert "schema.unchanged" in quiet.event_names, quiet.stdout
    await assert_nothing_left(initialised_database)


async def test_into_another_database(initialised_database: Database, tmp_path: Path) -> None:
    """An empty database elsewhere takes the backup, whatever of others stands in it."""
    await deploy(initialised_database, None, "--init-only", "--with-test-data")
    rows = await rows_in(initialised_database)
    file = await backed_up(initialised_database, tmp_path)
    async with borrowed(initialised_database.server, "elsewhere") as elsewhere:
        async with observing(elsewhere) as connection:
            await connection.execute("CREATE TABLE invoices (body text)")
        completed = await restored(elsewhere, file)

        assert 0 == completed.exit_code, completed.stdout
        assert rows | {"public.invoices": "empty"} == await rows_in(elsewhere)
        verified = await run_command(elsewhere, "verify", "--deep")
        assert 0 == verified.exit_code, verified.stdout


def _through_psql(database: Database, file: Path) -> None:
    subprocess.run(  # noqa: S603 - the server's own program
        [database.server.bin / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", database.url],
        input=gzip.decompress(file.read_bytes()),
        stdout=subprocess.DEVNULL,
        timeout=PATIENCE_SECONDS,
        check=True,
    )


async def test_psql_restores_it_too(initialised_database: Database, tmp_path: Path) -> None:
    """Without this program, gunzip and psql bring the same rows back."""
    await deploy(initialised_database, None, "--init-only", "--with-test-data")
    rows = await rows_in(initialised_database)
    file = await backed_up(initialised_database, tmp_path)
    _through_psql(initialised_database, file)

    assert rows == await rows_in(initialised_database)
    started = await deploy(initialised_database)
    assert 0 == started.exit_code, started.stdout


def _streamed(database: Database) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, "rollback", "--confirm", "--save-backup", "--backup-dir", "-"],
        cwd=ROOT,
        env=minimal_environment({"DATABASE_URL": database.url}),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


async def test_the_stream(initialised_database: Database, tmp_path: Path) -> None:
    """With --backup-dir - the backup is all that standard output holds, and the log says its checksum."""
    rows = await rows_in(initialised_database)
    finished = _streamed(initialised_database)
    assert 0 == finished.returncode, finished.stderr.decode()
    file = tmp_path / "kept.sql.gz"
    file.write_bytes(finished.stdout)
    digest = hashlib.sha256(finished.stdout).hexdigest()
    assert digest in finished.stderr.decode()
    (tmp_path / "kept.sql.gz.sha256").write_text(f"{digest}  kept.sql.gz\n")

    assert 0 == (await restored(initialised_database, file)).exit_code
    assert rows == await rows_in(initialised_database)


async def test_something_is_in_the_way(initialised_database: Database, tmp_path: Path) -> None:
    """A database that holds anything of ours is not restored into, and what is in the way is named."""
    file = await backed_up(initialised_database, tmp_path)
    async with observing(initialised_database) as connection:
        await connection.execute("CREATE TABLE teams (name text)")
    before = await state_of(initialised_database)
    completed = await restored(initialised_database, file)

    assert 4 == completed.exit_code, completed.stdout
    assert "table teams" in completed.event("start.failed")["message"]
    assert "rollback" in completed.event("start.failed")["remedy"]
    await assert_untouched(initialised_database, before)


async def test_a_foreign_object_of_a_name_in_the_backup(
    initialised_database: Database, tmp_path: Path
) -> None:
    """A name that only the backup knows stops it in the middle, and nothing of it is left."""
    async with observing(initialised_database) as connection:
        await connection.execute("CREATE INDEX of_a_dba ON workouts (created_at)")
    file = await backed_up(initialised_database, tmp_path)
    async with observing(initialised_database) as connection:
        await connection.execute("CREATE TABLE of_a_dba (body text)")
    before = await state_of(initialised_database)
    completed = await restored(initialised_database, file)

    assert 4 == completed.exit_code, completed.stdout
    assert "of_a_dba" in completed.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)


@pytest.mark.representative("tampered", "no file")
@pytest.mark.parametrize("harm", ["tampered", "truncated", "no checksum", "no file"])
async def test_a_backup_in_doubt(initialised_database: Database, tmp_path: Path, harm: str) -> None:
    """A backup that is not what was proved is refused with code 3 before anything connects."""
    file = await backed_up(initialised_database, tmp_path)
    data = file.read_bytes()
    match harm:
        case "tampered":
            file.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
        case "truncated":
            file.write_bytes(data[:-20])
        case "no checksum":
            Path(f"{file}.sha256").unlink()
        case "no file":
            file.unlink()
    before = await state_of(initialised_database)
    completed = await restored(initialised_database, file)

    assert 3 == completed.exit_code, completed.stdout
    assert completed.event("start.failed")["remedy"]
    assert "database.connected" not in completed.event_names
    await assert_untouched(initialised_database, before)


async def test_a_backup_of_an_older_release(initialised_database: Database, tmp_path: Path) -> None:
    """It is proved by its own record; the next start is foretold, and done at once with --migrate."""
    index = plus("CREATE INDEX IF NOT EXISTS idx_users_created_twice ON users (created_at);")
    files = files_with(tmp_path / "newer", {"init_production_schema.sql": index})
    file = await backed_up(initialised_database, tmp_path)
    completed = await restored(initialised_database, file, **files)

    assert 0 == completed.exit_code, completed.stdout
    assert "verification.passed" in completed.event_names
    assert "repair index idx_users_created_twice" in completed.event("restore.foreseen")["steps"]
    again = await run_command(initialised_database, "rollback", "--confirm", env=files)
    assert 0 == again.exit_code, again.stdout
    migrated = await restored(initialised_database, file, "--migrate", **files)
    assert 0 == migrated.exit_code, migrated.stdout
    quiet = await deploy(initialised_database, files)
    assert "schema.unchanged" in quiet.event_names


async def test_a_trigger_of_somebody_else(initialised_database: Database, tmp_path: Path) -> None:
    """A trigger on our table falls and comes back with it, its function stays, and code 6 tells of it."""
    async with observing(initialised_database) as connection:
        await connection.execute(_TRIGGER)
    file = await backed_up(initialised_database, tmp_path)
    assert ["note_change"] == await names_in(initialised_database)
    completed = await restored(initialised_database, file)

    assert 6 == completed.exit_code, completed.stdout
    assert "trigger teams.of_a_dba is extra" in completed.event("start.failed")["message"]


async def test_drift_is_no_reason_to_keep_the_rows(initialised_database: Database, tmp_path: Path) -> None:
    """What was wrong when it was backed up is restored as it was, told with code 6, and then repaired."""
    async with observing(initialised_database) as connection:
        await connection.execute("DROP INDEX idx_workouts_user_id")
        await connection.execute("INSERT INTO app_users (passphrase_hash) VALUES ('a')")
    rows = await rows_in(initialised_database)
    file = await backed_up(initialised_database, tmp_path)
    completed = await restored(initialised_database, file)

    assert 6 == completed.exit_code, completed.stdout
    assert "was restored as it is" in completed.event("start.failed")["message"]
    assert rows == await rows_in(initialised_database)
    assert 0 == (await deploy(initialised_database)).exit_code
    await assert_converged(initialised_database, entries=2)


async def test_a_start_on_top_that_fails(initialised_database: Database, tmp_path: Path) -> None:
    """A restore stays when the start that --migrate asks for does not come to its end."""
    file = await backed_up(initialised_database, tmp_path)
    broken = {"migrations/0002_break_everything.sql": "SELECT 1 / 0;\n"}
    files = files_with(tmp_path / "newer", broken)
    completed = await restored(initialised_database, file, "--migrate", **files)

    assert 6 == completed.exit_code, completed.stdout
    assert "0002_break_everything.sql" in completed.event("start.failed")["message"]
    assert 0 == (await deploy(initialised_database)).exit_code


@pytest.mark.representative("confirm0")
@pytest.mark.parametrize("confirm", [(), ("--confirm",), ("--confirm=another",)])
async def test_production_is_restored_by_name(
    initialised_database: Database, tmp_path: Path, confirm: tuple[str, ...]
) -> None:
    """Where the environment is production, only the database's own name confirms a restore."""
    file = await backed_up(initialised_database, tmp_path)
    before = await state_of(initialised_database)
    env = {"MORSE_ENVIRONMENT": "production"}
    completed = await run_command(initialised_database, "restore", str(file), *confirm, env=env)

    assert 1 == completed.exit_code, completed.stdout
    await assert_untouched(initialised_database, before)


async def test_a_copy_of_production(initialised_database: Database, tmp_path: Path) -> None:
    """A backup carries its stamp; the log names the command that makes a copy what it is now."""
    async with observing(initialised_database) as connection:
        await connection.execute("UPDATE entrypoint.stamp SET environment = 'production'")
    file = await backed_up(initialised_database, tmp_path)
    completed = await restored(initialised_database, file)

    assert 0 == completed.exit_code, completed.stdout
    command = f"morse-entrypoint stamp development --confirm={initialised_database.name}"
    assert command in completed.event("environment.mismatched")["remedy"]
    stamped = await run_command(initialised_database, *command.split()[1:])
    assert 0 == stamped.exit_code, stamped.stdout
    assert "schema.unchanged" in (await deploy(initialised_database)).event_names


async def test_a_backup_of_a_newer_release(initialised_database: Database, tmp_path: Path) -> None:
    """What the next start would do is foretold, and is not taken for what the restore did."""
    async with observing(initialised_database) as connection:
        await connection.execute("UPDATE entrypoint.history SET release = release + 1, digest = 'newer'")
    file = await backed_up(initialised_database, tmp_path)
    completed = await restored(initialised_database, file)

    assert 0 == completed.exit_code, completed.stdout
    assert "schema.ahead" == completed.event("restore.foreseen")["withheld"]
    assert completed.event("start.finished")["summary"].startswith("The backup was restored")


async def test_a_role_that_is_not_there(initialised_database: Database, tmp_path: Path) -> None:
    """A backup that grants something to an unknown role names it and what to do; then it comes back whole."""
    role = f"reader_of_{initialised_database.name}"
    async with observing(initialised_database) as connection:
        await connection.execute(f"CREATE ROLE {role}; GRANT SELECT ON users TO {role}")
    file = await backed_up(initialised_database, tmp_path)
    async with observing(initialised_database) as connection:
        await connection.execute(f"DROP ROLE {role}")
    completed = await restored(initialised_database, file)

    assert 4 == completed.exit_code, completed.stdout
    failed = completed.event("start.failed")
    assert f'role "{role}" does not exist' in failed["message"]
    assert "CREATE ROLE" in failed["remedy"]
    assert [] == await names_in(initialised_database)
    async with observing(initialised_database) as connection:
        await connection.execute(f"CREATE ROLE {role}")
    try:
        assert 0 == (await restored(initialised_database, file)).exit_code
    finally:
        async with observing(initialised_database) as connection:
            await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_rows_that_contradict_a_constraint(initialised_database: Database, tmp_path: Path) -> None:
    """A row without the one that it refers to stops a restore, which names the way to get at the rows."""
    file = await backed_up(initialised_database, tmp_path)
    text = gzip.decompress(file.read_bytes()).decode()
    orphan = f"1\t99\t{uuid.uuid4()}\t\\N\tmember\t2026-01-01 00:00:00"
    spoilt = re.sub(r"(COPY public\.team_memberships .*;\n)", lambda found: f"{found[1]}{orphan}\n", text)
    assert text != spoilt
    file.write_bytes(gzip.compress(spoilt.encode()))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_name(f"{file.name}.sha256").write_text(f"{digest}  {file.name}\n")
    completed = await restored(initialised_database, file)

    assert 4 == completed.exit_code, completed.stdout
    assert "without -1 and ON_ERROR_STOP" in completed.event("start.failed")["remedy"]
    assert [] == await names_in(initialised_database)


async def test_files_of_another_release_find_orphans_too(
    initialised_database: Database, tmp_path: Path
) -> None:
    """What came in past the triggers is found by what the ledger recorded, and nothing is dropped."""
    async with observing(initialised_database) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "INSERT INTO team_memberships (team_id, user_id) VALUES (99, gen_random_uuid())"
        )
    index = plus("CREATE INDEX IF NOT EXISTS idx_users_created_twice ON users (created_at);")
    newer = files_with(tmp_path / "newer", {"init_production_schema.sql": index})
    before = await state_of(initialised_database)
    completed = await deploy(
        initialised_database, newer, "rollback", "--confirm", "--save-backup", f"--backup-dir={tmp_path}"
    )

    assert 3 == completed.exit_code, completed.stdout
    assert "a row refers to one that is not there" in completed.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)


async def test_the_checksum_of_a_stream(initialised_database: Database, tmp_path: Path) -> None:
    """A backup without a checksum beside it is refused with the command that makes one, which suffices."""
    file = await backed_up(initialised_database, tmp_path)
    file.with_name(f"{file.name}.sha256").unlink()
    completed = await restored(initialised_database, file)

    assert 3 == completed.exit_code, completed.stdout
    command = completed.event("start.failed")["remedy"].rpartition("run: ")[2]
    assert 0 == await (await asyncio.create_subprocess_shell(command)).wait()
    assert 0 == (await restored(initialised_database, file)).exit_code
