"""The pg_dump that is chosen reads the server, and is as near to it as can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.backup import pg_dump
from entrypoint.backup.scope import Owned, Scope
from entrypoint.errors import BackupFailed


def put(folder: Path, says: str) -> None:
    """Write a program called pg_dump that says what it is."""
    folder.mkdir()
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Lend a PATH with programs of several versions, newer than any real one, and with rubbish."""
    for version in ("91.4", "93.2", "93.10", "95beta1"):
        put(tmp_path / version, f"echo 'pg_dump (PostgreSQL) {version} (Debian {version}-1)'")
    put(tmp_path / "silent", "exit 0")
    put(tmp_path / "broken", "exit 127")
    (tmp_path / "directory" / "pg_dump").mkdir(parents=True)
    (tmp_path / "nothing").mkdir()
    folders = ("nothing", "directory", "silent", "broken", "95beta1", "93.2", "91.4", "93.10", "missing")
    return ":".join(str(tmp_path / name) for name in folders)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (930_001, "pg_dump 93.10"),
        (910_004, "pg_dump 91.4"),
        (920_000, "pg_dump 93.10"),
        (940_000, "pg_dump 95.0"),
    ],
)
async def test_choice(path: str, server: int, expected: str) -> None:
    """The server's own major is taken, else the oldest newer one, and of several the newest minor."""
    assert expected == str(await pg_dump.choose(server, {"PATH": path}))


async def test_none(path: str) -> None:
    """Without one that reads the server, what was found is listed and what to install is said."""
    with pytest.raises(BackupFailed, match="reads a server of version 96") as caught:
        await pg_dump.choose(960_000, {"PATH": path})
    assert "postgresql-client-96" in caught.value.remedy
    assert all(
        f"pg_dump {version} in " in str(caught.value.facts["found"]) for version in ("91.4", "93.2", "95.0")
    )


async def test_wrapper(tmp_path: Path) -> None:
    """A command that chooses a version by itself is no candidate."""
    put(tmp_path / "debian", "echo 'pg_dump (PostgreSQL) 97.1'")
    (tmp_path / "debian" / "pg_dump").rename(tmp_path / "pg_wrapper")
    (tmp_path / "debian" / "pg_dump").symlink_to(tmp_path / "pg_wrapper")
    with pytest.raises(BackupFailed, match="reads a server of version 97"):
        await pg_dump.choose(970_000, {"PATH": str(tmp_path / "debian")})


def test_options() -> None:
    """Names are patterns that match themselves alone; no option is a secret."""
    scope = Scope(
        owned=Owned(relations=frozenset(), functions=frozenset(), extensions=frozenset({"uuid-ossp"})),
        routines=frozenset(),
        signatures=frozenset(),
        statistics=frozenset(),
        strangers=('a "b" *', "users.x"),
    )
    options = pg_dump.options(scope, "0003-1", 0.25)
    assert '--exclude-table=public."a ""b"" *"' in options
    assert '--exclude-table=public."users.x"' in options
    assert '--extension="uuid-ossp"' in options
    assert ("--snapshot=0003-1", "--lock-wait-timeout=250") == options[-2:]
