"""The stamp says to which environment a database belongs, and only one command changes it."""

from __future__ import annotations

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import run_command

_STAMP = "SELECT environment FROM entrypoint.stamp"


async def _stamp(database: Database) -> str:
    async with observing(database) as connection:
        return str(await connection.fetchval(_STAMP))


async def test_a_moved_database_is_stamped_anew(initialised_database: Database) -> None:
    """What belongs to another environment is refused until it is stamped, and then starts write again."""
    name = initialised_database.name
    completed = await run_command(initialised_database, "stamp", "production", f"--confirm={name}")

    assert 0 == completed.exit_code, completed.stdout
    assert "production" == await _stamp(initialised_database)
    assert "development" == completed.event("stamp.changed")["before"]
    withheld = await run_command(
        initialised_database, "--init-only", env={"MORSE_ENVIRONMENT": "development"}
    )
    assert "environment.mismatched" in withheld.event_names
    back = await run_command(initialised_database, "stamp", "development", f"--confirm={name}")
    assert 0 == back.exit_code
    assert "development" == await _stamp(initialised_database)


@pytest.mark.parametrize("argv", [("production", "--confirm"), ("production",), ("staging", "--confirm"), ()])
async def test_production_is_entered_by_name_only(
    initialised_database: Database, argv: tuple[str, ...]
) -> None:
    """Without the database's name, a confirmation or a known environment nothing is stamped."""
    before = await state_of(initialised_database)
    completed = await run_command(initialised_database, "stamp", *argv)

    assert 1 == completed.exit_code, completed.stdout
    assert "development" == await _stamp(initialised_database)
    await assert_untouched(initialised_database, before)


async def test_an_empty_database_has_no_stamp(empty_database: Database) -> None:
    """There is nothing to stamp before the first start, which the remedy says."""
    completed = await run_command(empty_database, "stamp", "development", "--confirm")

    assert 9 == completed.exit_code
    assert "--init-only" in completed.event("start.failed")["remedy"]


async def test_production_stamps_by_name_only(initialised_database: Database) -> None:
    """Where the environment is production a database is named, whatever the old and the new stamp are."""
    before = await state_of(initialised_database)
    env = {"MORSE_ENVIRONMENT": "production"}
    completed = await run_command(initialised_database, "stamp", "preview", "--confirm", env=env)

    assert 1 == completed.exit_code, completed.stdout
    await assert_untouched(initialised_database, before)
