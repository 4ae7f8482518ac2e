"""Whatever is wrong with a backup is said, and nothing of it is left where somebody could trust it."""

from __future__ import annotations

import asyncio
import os
import random
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoint.backup import file as archive
from entrypoint.backup import pg_dump, take
from entrypoint.backup.file import begin
from entrypoint.errors import BackupFailed
from tests.support.backups import moment
from tests.support.cluster import CANARY_MARK
from tests.support.database import Database
from tests.support.fair_clock import FairClock
from tests.support.waiting import eventually

_ROWS = """
    INSERT INTO exercise_library (name, instructions)
    SELECT 'exercise ' || n, concat(md5(random()::text), md5(random()::text), md5(random()::text))
    FROM generate_series(1, 5000) AS n
"""
_QUEUED = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')"


@pytest.fixture
async def filled(initialised_database: Database) -> Database:
    """Lend a database whose backup is larger than what a pipe holds."""
    connection = await initialised_database.connect()
    await connection.execute(_ROWS)
    return initialised_database


@pytest.fixture
def tampered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Lend a directory in which a test puts its own pg_dump, and which is looked through alone."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(pg_dump, "_candidates", lambda _: [folder / "pg_dump"])
    return folder


def put(folder: Path, database: Database, script: str) -> None:
    """Write a pg_dump that says the server's version, and then does as `script` says with the real one."""
    program = folder / "pg_dump"
    real = database.server.bin / "pg_dump"
    version = f"pg_dump (PostgreSQL) {database.server.version}.99"
    asked = f'[ "$1" = --version ] && echo "{version}" && exit'
    program.write_text(f"#!/bin/bash\nreal={real}\n{asked}\n{script}\n")
    program.chmod(0o755)


async def refusal(database: Database, directory: Path | None, **changed: object) -> BackupFailed:
    """Return how a backup is refused; no file of it is left in `directory`."""
    async with moment(database) as now:
        with pytest.raises(BackupFailed) as caught:
            await now.take(directory, **changed)
    assert 3 == caught.value.exit_code
    assert caught.value.remedy
    assert CANARY_MARK not in f"{caught.value} {caught.value.remedy} {caught.value.facts}"
    assert directory is None or not directory.is_dir() or [] == list(directory.iterdir())
    return caught.value


async def test_only_older(filled: Database, tmp_path: Path) -> None:
    """A server newer than every pg_dump at hand is refused, with what was found and what to install."""
    error = await refusal(filled, tmp_path, server_version=990_000)
    assert "no pg_dump at hand reads a server of version 99" == error.message
    assert "postgresql-client-99" in error.remedy
    assert f"pg_dump {filled.server.version}." in str(error.facts["found"])


async def test_not_a_directory(filled: Database, tmp_path: Path) -> None:
    """A file in the place of the directory, or above it, is refused."""
    file = tmp_path / "file"
    file.touch()
    assert str(file) in (await refusal(filled, file)).message
    assert str(file / "below") in (await refusal(filled, file / "below")).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_not_writable(filled: Database, tmp_path: Path) -> None:
    """A directory that may not be written to is refused."""
    tmp_path.chmod(0o500)
    assert "Permission denied" in (await refusal(filled, tmp_path)).message


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system that is smaller than the backup."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:  # noqa: S603 - our own path
        pytest.skip("this machine mounts no tmpfs for us")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S603 - our own path


async def test_full_disk(filled: Database, small_disk: Path) -> None:
    """A disk that is too small for the backup is refused, and free again afterwards."""
    error = await refusal(filled, small_disk)
    assert "No space left on device" in error.message
    assert "--backup-dir" in error.remedy


@pytest.mark.representative("killed", "cut", "password")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('"$real" "$@" | head -c 100000; kill -KILL $$', "was ended by SIGKILL"),
        ('"$real" "$@" | head -c 100000; exit 0', "ends before its closing marker"),
        ('"$real" "$@" | tac | sed 3,30d | tac; exit 0', "ends before its closing marker"),
        (
            '"$real" "$@" | sed \'0,/^[0-9a-f-]*\\texercise 7\\t/{/\\texercise 7\\t/d}\'; exit 0',
            "rows, the backup",
        ),
        (
            '"$real" "$@" | sed \'s/FUNCTION public.expire/FUNCTION public.exp/;s/Name: expire/Name: exp/\'',
            "missing",
        ),
        ('"$real" "$@" | sed \'/^COPY public.users /,/^..$/d\'', "the backup none"),
        (
            '"$real" "$@"; echo "pg_dump: error: $PGPASSWORD" >&2; exit 1',
            "failed with exit code 1: pg_dump: error",
        ),
        ('"$real" "$@"; echo "DROP TABLE users;"', "follows its closing marker"),
        ('echo "\\! echo gotcha"; "$real" "$@"', "backslash that psql would obey"),
    ],
    ids=["killed", "cut", "no end", "row", "function", "table", "password", "more", "command"],
)
async def test_pg_dump(filled: Database, tmp_path: Path, tampered: Path, script: str, message: str) -> None:
    """Whatever pg_dump leaves out, adds or dies of, there is no backup."""
    put(tampered, filled, script)
    assert message in str(await refusal(filled, tmp_path / "backups"))


@pytest.mark.parametrize("change", [{"public.users": 7}, {"public.more": 0}, {"public.users": None}])
async def test_counts(filled: Database, tmp_path: Path, change: dict[str, int | None]) -> None:
    """A table with another number of rows, one too few and one too many are refused by name."""
    async with moment(filled) as now:
        wanted = {**now.options["counts"], **change}
    counts = {table: rows for table, rows in wanted.items() if rows is not None}
    assert next(iter(change)) in (await refusal(filled, tmp_path, counts=counts)).message


async def test_wrong_password(filled: Database, tmp_path: Path) -> None:
    """A login that the server refuses is told without the password."""
    url = filled.server.url(filled.name, password=f"wrong{CANARY_MARK}")
    assert "password" in (await refusal(filled, tmp_path, url=url)).message


async def test_table_lock(filled: Database, tmp_path: Path) -> None:
    """pg_dump waits for a table no longer than it may, behind somebody who waits for it alone, say."""
    other = await filled.connect()
    async with moment(filled) as now:
        queued = asyncio.create_task(other.execute("BEGIN; LOCK TABLE users; ROLLBACK"))
        await eventually(lambda: now.connection.fetchval(_QUEUED))
        with pytest.raises(BackupFailed, match="failed with exit code 1") as caught:
            await now.take(tmp_path, lock_timeout=0.1)
    await queued
    assert "a table was not free in time" in caught.value.remedy
    assert [] == list(tmp_path.iterdir())


async def test_cancelled(filled: Database, tmp_path: Path, tampered: Path) -> None:
    """A backup that is given up kills its pg_dump, waits for it, and leaves nothing."""
    pid, backups = tmp_path / "pid", tmp_path / "backups"
    put(tampered, filled, f'"$real" "$@" | head -c 100000; echo $$ > {pid}; exec sleep 60')
    async with moment(filled) as now:
        task = asyncio.create_task(now.take(backups))
        await eventually(lambda: pid.exists() and pid.read_text().strip())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert [] == list(backups.iterdir())


async def test_closed_output(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops reading standard output gets no backup, and we say so."""
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setattr(take, "_STANDARD_OUTPUT", writer)
    try:
        assert "Broken pipe" in (await refusal(filled, None)).message
    finally:
        os.close(writer)


async def test_cancelled_output(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that does not read keeps nobody from giving up at once."""
    reader, writer = os.pipe()
    monkeypatch.setattr(take, "_STANDARD_OUTPUT", writer)
    try:
        async with moment(filled) as now:
            task = asyncio.create_task(now.take(None))
            await eventually(lambda: not select.select([], [writer], [], 0)[1])
            clock = FairClock()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert clock.seconds < 2
    finally:
        os.close(reader)
        os.close(writer)


async def test_no_name_twice(tmp_path: Path) -> None:
    """A backup never takes the name of another, finished or not."""
    names = set()
    for number in range(3):
        partial = begin(tmp_path)
        names.add(partial.final)
        if number:
            partial.complete()
            partial.publish("0" * 64)
    assert 3 == len(names)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "not the file that was proved"),
        (lambda path: path.with_name(path.name + ".sha256").unlink(), "cannot be read: No such file"),
        (lambda path: path.with_name(path.name + ".sha256").write_text("x"), "holds no SHA-256"),
        (lambda path: path.with_name(path.name + ".sha256").write_bytes(b"\xff"), "holds no SHA-256"),
        (lambda path: path.unlink(), "cannot be read: No such file"),
    ],
    ids=["cut off", "no digest", "no digest in it", "not text", "no file"],
)
async def test_check(filled: Database, tmp_path: Path, damage: object, message: str) -> None:
    """A file that is not the one which was proved is refused before it is used."""
    async with moment(filled) as now:
        taken = await now.take(tmp_path)
    assert taken.sha256 == archive.check(taken.path)
    assert callable(damage)
    damage(taken.path)
    with pytest.raises(BackupFailed, match=message) as caught:
        archive.check(taken.path)
    assert caught.value.remedy


async def test_read(filled: Database, tmp_path: Path) -> None:
    """Reading a damaged file ends with an error, wherever the damage is."""
    async with moment(filled) as now:
        taken = await now.take(tmp_path)
    whole = taken.path.read_bytes()
    chance = random.Random(1)  # noqa: S311 - no secret
    # The last eight bytes are gzip's checksum and length.
    for place in [len(whole) - 1, len(whole) - 8, *(chance.randrange(10, len(whole)) for _ in range(10))]:
        flipped = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        for damaged in (whole[:place], flipped, whole + whole[:place]):
            taken.path.write_bytes(damaged)
            with pytest.raises(BackupFailed, match="damaged"):
                _ = [item async for item in archive.read(taken.path)]
