"""A database whose disk is full: quiet starts go on, all others change nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.cluster import OWNER, Server
from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with
from tests.support.servers import ServerPool

_SIZE = "40m"
_CHUNK = bytes(1 << 16)
_MANY_ROWS = "CREATE TABLE notes AS SELECT n, repeat('x', 1000) AS body FROM generate_series(1, 10000) AS n;"


@pytest.fixture
def small_disk(server_pool: ServerPool, reachable_path: Path) -> Iterator[Path]:
    """Mount a small file system that a server can use."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    disk = reachable_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(  # noqa: S603 - our own path
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts no tmpfs: {mounted.stderr.decode().strip()}")
    reachable_path.chmod(0o755)
    server_pool.make_directory(disk / "tablespace")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)  # noqa: S603 - our own path


@pytest.fixture
async def database_on_it(
    server: Server, initialised_template: str, small_disk: Path
) -> AsyncIterator[Database]:
    """Lend an initialised database whose relations lie on the small disk; the log of changes does not."""
    admin = await server.admin()
    try:
        await admin.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}/tablespace'")
        await admin.execute(
            f"CREATE DATABASE on_small_disk OWNER {OWNER} TEMPLATE {initialised_template} TABLESPACE small"
        )
        database = Database(server, "on_small_disk")
        # The first connection of all leaves a file behind without which the server takes no other.
        await state_of(database)
        yield database
    finally:
        (small_disk / "filler").unlink(missing_ok=True)
        await admin.execute("DROP DATABASE IF EXISTS on_small_disk WITH (FORCE)")
        await admin.execute("DROP TABLESPACE IF EXISTS small")
        await admin.close()


async def test_quiet(database_on_it: Database, small_disk: Path) -> None:
    """A start with nothing to do needs no space."""
    _fill(small_disk)
    completed = await deploy(database_on_it)

    assert 0 == completed.exit_code, completed.stdout
    assert "schema.unchanged" in completed.event_names


async def test_something_to_apply(database_on_it: Database, small_disk: Path, tmp_path: Path) -> None:
    """A deploy that finds no space ends with exit code 3 and leaves database and server as they were."""
    before = await state_of(database_on_it)
    files = files_with(tmp_path, {"migrations/0002_add_notes.sql": _MANY_ROWS})
    _fill(small_disk)
    completed = await deploy(database_on_it, files)

    failed = completed.event("start.failed")
    assert (3, "53100") == (completed.exit_code, failed["sqlstate"])
    assert "free disk space" in failed["remedy"]
    await assert_untouched(database_on_it, before)
    async with observing(database_on_it) as connection:
        assert 0 == await connection.fetchval("SELECT count(*) FROM workouts")


def _fill(disk: Path) -> None:
    """Write until nothing more fits, in small pieces so that no gap is left."""

    def write() -> None:
        with (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(_CHUNK)

    with pytest.raises(OSError, match="No space left"):
        write()
