"""claim_workout and auto_assign_workout_to_user at the same time as others."""

from __future__ import annotations

import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.concurrent_calls import second_waits
from tests.support.sql.voice_match import ASSIGN, HIGH, Scene, lay_scene

CLAIM = "SELECT claim_workout($1, $2)"


@pytest.fixture
async def scene(database: Database) -> Scene:
    """Lay the scene in a fresh database."""
    return await lay_scene(database)


async def test_of_two_concurrent_claims_one_wins(database: Database) -> None:
    """The second claim waits for the first and then reads that the workout is claimed."""
    connection = await database.connect()
    me, other = await rows.person(connection), await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    async with second_waits(database, CLAIM, other, key) as calls:
        assert await calls.first.fetchval(CLAIM, me, key)
    assert ("P0001", "Workout is already claimed") == (calls.outcome.sqlstate, calls.outcome.message)
    assert [me] == [row[0] for row in await connection.fetch("SELECT user_id FROM workout_claims")]


async def test_a_claim_that_is_rolled_back_leaves_the_workout(database: Database) -> None:
    """The second claim waits for the first and takes the workout when that is rolled back."""
    connection = await database.connect()
    me, other = await rows.person(connection), await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    async with second_waits(database, CLAIM, other, key, end="rollback") as calls:
        await calls.first.execute(CLAIM, me, key)
    assert calls.outcome is True
    assert other == await connection.fetchval("SELECT user_id FROM workout_claims")


async def test_a_workout_deleted_meanwhile_is_not_found(database: Database) -> None:
    """A claim that waited for a deletion reports the missing workout, not a foreign key."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    async with second_waits(database, CLAIM, me, key) as calls:
        await calls.first.execute("DELETE FROM workouts WHERE id = $1", key)
    assert ("P0002", "Workout not found") == (calls.outcome.sqlstate, calls.outcome.message)


async def test_a_person_closed_meanwhile_is_refused(database: Database) -> None:
    """A claim that waited for the account to be closed is refused."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    async with second_waits(database, CLAIM, me, key) as calls:
        await calls.first.execute("UPDATE app_users SET is_active = FALSE")
    assert "55000" == calls.outcome.sqlstate


async def test_a_manual_claim_that_came_first_wins(scene: Scene, database: Database) -> None:
    """The voice match waits for an unfinished manual claim and then leaves the workout alone."""
    other = await rows.person(scene.connection)
    async with second_waits(database, ASSIGN, scene.audio, HIGH, scene.profile) as calls:
        await calls.first.execute(CLAIM, other, scene.workout)
    assert calls.outcome is False
    assert ([("high", False)], [other], ["claimed"]) == await scene.state()


async def test_a_voice_match_that_came_first_wins(scene: Scene, database: Database) -> None:
    """The manual claim waits for an unfinished voice match and then reads "already claimed"."""
    other = await rows.person(scene.connection)
    async with second_waits(database, CLAIM, other, scene.workout) as calls:
        assert await calls.first.fetchval(ASSIGN, scene.audio, HIGH, scene.profile)
    assert "Workout is already claimed" == calls.outcome.message
    assert ([("high", True)], [scene.person], ["claimed"]) == await scene.state()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE device_links SET is_active = FALSE",
        "UPDATE voice_profiles SET is_active = FALSE",
        "DELETE FROM audio_files",
        "DELETE FROM app_users",
    ],
)
async def test_what_ends_meanwhile_counts_as_ended(scene: Scene, database: Database, change: str) -> None:
    """A match that waited for its profile, link or recording to go away writes nothing."""
    async with second_waits(database, ASSIGN, scene.audio, HIGH, scene.profile) as calls:
        await calls.first.execute(change)
    assert calls.outcome is False
    assert [] == (await scene.state())[0]
