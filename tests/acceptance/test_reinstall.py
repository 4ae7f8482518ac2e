"""`--force`: rollback and start in one transaction, so that a failure leaves the old database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.deploys import run_command
from tests.support.files import files_with, plus

_FORCE = ("--init-only", "--force", "--confirm")
_STAMP = "SELECT environment FROM entrypoint.stamp"


async def _with_a_row(database: Database) -> None:
    async with observing(database) as connection:
        await connection.execute("INSERT INTO app_users (passphrase_hash) VALUES ('a')")
        await connection.execute("CREATE INDEX of_somebody ON users (created_at)")


async def _users(database: Database) -> int:
    async with observing(database) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM app_users"))


async def test_a_clean_reinstall(initialised_database: Database) -> None:
    """It drops rows, drift and history, builds everything anew, and proves it before COMMIT."""
    await _with_a_row(initialised_database)
    completed = await run_command(initialised_database, *_FORCE)

    assert 0 == completed.exit_code, completed.stdout
    assert 0 == await _users(initialised_database)
    await assert_converged(initialised_database)
    names = completed.event_names
    assert names.index("rollback.proved") < names.index("verification.passed") < names.index("start.finished")
    again = await run_command(initialised_database, "--init-only")
    assert "schema.unchanged" in again.event_names


async def test_files_that_do_not_run_leave_the_old_database(
    initialised_database: Database, tmp_path: Path
) -> None:
    """A reinstallation whose start fails changes nothing, not even by its rollback."""
    await _with_a_row(initialised_database)
    before = await state_of(initialised_database)
    broken = files_with(tmp_path, {"init_test_data.sql": plus("SELECT 1 / 0;")})
    completed = await run_command(initialised_database, *_FORCE, "--with-test-data", env=broken)

    assert 5 == completed.exit_code, completed.stdout
    assert 1 == await _users(initialised_database)
    await assert_untouched(initialised_database, before)


async def test_the_stamp_stays(initialised_database: Database) -> None:
    """A production database that is reinstalled from a desk is a production database afterwards."""
    async with observing(initialised_database) as connection:
        await connection.execute("UPDATE entrypoint.stamp SET environment = 'production'")
    completed = await run_command(
        initialised_database, "--init-only", "--force", f"--confirm={initialised_database.name}"
    )

    assert 0 == completed.exit_code, completed.stdout
    async with observing(initialised_database) as connection:
        assert "production" == await connection.fetchval(_STAMP)


async def test_no_test_data_on_production(initialised_database: Database) -> None:
    """A database that is stamped production gets no known passphrase, not even by a reinstallation."""
    async with observing(initialised_database) as connection:
        await connection.execute("UPDATE entrypoint.stamp SET environment = 'production'")
    await _with_a_row(initialised_database)
    before = await state_of(initialised_database)
    completed = await run_command(
        initialised_database,
        *("--init-only", "--force", f"--confirm={initialised_database.name}", "--with-test-data"),
    )

    assert 1 == completed.exit_code, completed.stdout
    assert "stamped production" in completed.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)


async def test_an_empty_database(empty_database: Database) -> None:
    """Where there is nothing to drop, it is an ordinary first start."""
    completed = await run_command(empty_database, *_FORCE)

    assert 0 == completed.exit_code, completed.stdout
    await assert_converged(empty_database)


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (("--init-only", "--force"), "--force needs --confirm"),
        (("--force", "--confirm", "true"), "--force needs --init-only"),
        (("--init-only", "--save-backup"), "--save-backup needs --force"),
        (("--init-only", "--force", "--confirm", "--backup-dir", "x"), "--backup-dir needs --save-backup"),
    ],
)
async def test_half_a_reinstallation_is_refused(
    initialised_database: Database, argv: tuple[str, ...], named: str
) -> None:
    """A forced start needs its confirmation, and never stands in front of a COMMAND that restarts."""
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, *argv)

    assert 1 == completed.exit_code
    assert named in completed.event("start.failed")["message"]
    await assert_untouched(initialised_database, before)
