"""The stand-alone image does what `docker run IMAGE ...` is typed for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import free_port
from tests.support.container.image_store import Image
from tests.support.container.run_image import Launcher
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.process import run_entrypoint

_BACKUPS = "/var/lib/morse/backups"


async def test_an_empty_database(alone: Image, launched: Launcher, empty_database: Database) -> None:
    """--init-only makes an empty database what sql/ says, and says that it did."""
    env = {"DATABASE_URL": empty_database.url}
    ended = run_entrypoint("--init-only", env=env, command=launched(alone))

    assert 0 == ended.exit_code, ended.stdout
    assert {"step.applied", "verification.passed", "ledger.recorded"} < set(ended.event_names)
    await assert_converged(empty_database)


async def test_an_initialised_database(
    alone: Image, launched: Launcher, initialised_database: Database
) -> None:
    """--init-only leaves a database alone that this checkout has made: the image holds the same files."""
    before = await state_of(initialised_database)
    env = {"DATABASE_URL": initialised_database.url}
    ended = run_entrypoint("--init-only", env=env, command=launched(alone))

    assert (0, "schema.unchanged") == (ended.exit_code, ended.event("schema.unchanged")["event"])
    await assert_untouched(initialised_database, before)


async def test_a_drifted_database(alone: Image, launched: Launcher, initialised_database: Database) -> None:
    """What `verify` finds missing, --init-only restores, and `verify` passes."""
    owner = await initialised_database.connect()
    await owner.execute("DROP INDEX idx_workouts_user_id")
    env = {"DATABASE_URL": initialised_database.url}
    found = run_entrypoint("verify", env=env, command=launched(alone))
    repaired = run_entrypoint("--init-only", env=env, command=launched(alone))
    proved = run_entrypoint("verify", env=env, command=launched(alone))

    assert (1, 0, 0) == (found.exit_code, repaired.exit_code, proved.exit_code), repaired.stdout
    assert "idx_workouts_user_id" in found.event("difference.found")["name"]
    assert "idx_workouts_user_id" in str(repaired.event("step.applied"))
    await assert_converged(initialised_database, entries=2)


async def test_a_database_that_needs_a_decision(
    alone: Image, launched: Launcher, initialised_database: Database
) -> None:
    """A changed type is refused with code 9, and nothing is touched."""
    owner = await initialised_database.connect()
    await owner.execute("ALTER TABLE app_users ALTER COLUMN created_at TYPE text")
    before = await state_of(initialised_database)
    env = {"DATABASE_URL": initialised_database.url}
    ended = run_entrypoint("--init-only", env=env, command=launched(alone))

    assert ExitCode.INCOMPATIBLE == ended.exit_code
    assert "created_at" in str(ended.events)
    await assert_untouched(initialised_database, before)


def test_no_arguments(alone: Image, launched: Launcher) -> None:
    """Nothing is run unasked: the image has no command of its own, and says what it needs."""
    ended = run_entrypoint(env={"DATABASE_URL": "postgresql://localhost/morse"}, command=launched(alone))

    assert ExitCode.USAGE == ended.exit_code
    assert "--init-only" in str(ended.event("start.failed"))


def test_an_unreachable_database(alone: Image, launched: Launcher) -> None:
    """The exit code of the entrypoint is the container's."""
    env = {
        "DATABASE_URL": f"postgresql://morse@127.0.0.1:{free_port()}/morse",
        "MORSE_START_BUDGET_SECONDS": "1",
    }
    ended = run_entrypoint("--init-only", env=env, command=launched(alone))

    assert ExitCode.UNREACHABLE == ended.exit_code


def test_the_output(alone: Image, launched: Launcher, initialised_database: Database) -> None:
    """What a log collector gets are lines of JSON on standard output, and not a word of another kind."""
    env = {"DATABASE_URL": initialised_database.url}
    ended = run_entrypoint("--init-only", env=env, command=launched(alone))

    assert ("", len(ended.events)) == (ended.stderr, len(ended.stdout.splitlines()))


@pytest.mark.parametrize("user", ["10001:10001", "12345:12345"], ids=["the image's", "somebody"])
async def test_a_backup_on_the_host(
    alone: Image, launched: Launcher, initialised_database: Database, reachable_path: Path, user: str
) -> None:
    """`backups/` of the working directory can be a folder of the host's, which its owner writes and reads."""
    folder = reachable_path / "backups"
    folder.mkdir(mode=0o700)
    uid, _, gid = user.partition(":")
    os.chown(folder, int(uid), int(gid))
    command = launched(alone, "--volume", f"{folder}:{_BACKUPS}", "--user", user)
    again = launched(alone, "--volume", f"{folder}:{_BACKUPS}", "--user", user)
    env = {"DATABASE_URL": initialised_database.url}
    dropped = run_entrypoint("rollback", "--confirm", "--save-backup", env=env, command=command)
    backup = next(folder.glob("morse_backup_*.sql.gz"))
    restored = run_entrypoint("restore", f"backups/{backup.name}", "--confirm", env=env, command=again)

    assert (0, 0) == (dropped.exit_code, restored.exit_code), dropped.stdout + restored.stdout
    assert int(uid) == backup.stat().st_uid
    await assert_converged(initialised_database, entries=2)
