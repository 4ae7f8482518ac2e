"""auto_assign_workout_to_user: what a voice match does and leaves behind."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.refusals import BAD_VALUE, NULL_GIVEN, refused
from tests.support.sql.voice_match import ASSIGN, HIGH, MEDIUM, Scene, lay_scene


@pytest.fixture
async def scene(database: Database) -> Scene:
    """Lay the scene in a fresh database."""
    return await lay_scene(database)


@pytest.mark.parametrize(
    ("score", "level"),
    [("1.00001", "high"), ("0.85", "high"), ("0.84999", "medium"), ("0.70", "medium")],
)
@pytest.mark.parametrize("status", ["unclaimed", None])
async def test_a_good_match_claims_the_workout(
    scene: Scene, score: str, level: str, status: str | None
) -> None:
    """From 0.70 on the workout goes to the person of the profile, from 0.85 on with level high."""
    await scene.connection.execute("UPDATE workouts SET claim_status = $1", status)
    assert await scene.assign(Decimal(score))
    assert ([(level, True)], [scene.person], ["claimed"]) == await scene.state()
    claim = await scene.connection.fetchrow("SELECT * FROM workout_claims")
    assert ("voice_match", round(Decimal(score), 4)) == (
        claim["claim_method"],
        claim["voice_match_confidence"],
    )


@pytest.mark.parametrize("score", ["0.69999", "0", "-1"])
async def test_a_poor_match_is_only_logged(scene: Scene, score: str) -> None:
    """Below 0.70 the verification is kept and the workout stays unclaimed."""
    assert not await scene.assign(Decimal(score))
    assert ([("low", False)], [], ["unclaimed"]) == await scene.state()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE voice_profiles SET is_active = FALSE",
        "UPDATE voice_profiles SET is_active = NULL",
        "DELETE FROM voice_profiles",
        "UPDATE app_users SET is_active = FALSE",
        "UPDATE device_links SET is_active = FALSE",
        "UPDATE device_links SET is_active = NULL",
        "UPDATE device_links SET device_uuid = 'phone-2'",
        "DELETE FROM audio_files",
    ],
)
async def test_nothing_is_written_without_profile_link_and_recording(scene: Scene, change: str) -> None:
    """A profile, link or recording that is missing or inactive: false, and no row anywhere."""
    await scene.connection.execute(change)
    assert not await scene.assign()
    verifications, claims, _ = await scene.state()
    assert ([], []) == (verifications, claims)


@pytest.mark.parametrize("null", [0, 2])
async def test_null_ids_are_unknown_ids(scene: Scene, null: int) -> None:
    """A NULL recording or profile is a missing one."""
    given = [scene.audio, HIGH, scene.profile]
    given[null] = None
    assert await scene.connection.fetchval(ASSIGN, *given) is False


async def test_a_null_score_is_refused(scene: Scene) -> None:
    """Without a score there is no match to log, whatever else is missing."""
    with refused(NULL_GIVEN, "score"):
        await scene.connection.execute(ASSIGN, uuid4(), None, uuid4())


@pytest.mark.parametrize("score", ["1.0001", "-1.0001", "NaN", "10"])
async def test_a_score_that_is_no_similarity_is_refused(scene: Scene, score: str) -> None:
    """A score outside -1 to 1 matches nobody; NaN would compare as the best of all."""
    with refused(BAD_VALUE, "between -1 and 1"):
        await scene.assign(Decimal(score))


@pytest.mark.parametrize("status", ["claimed", "unclaimed"])
async def test_a_workout_of_somebody_else_is_left_alone(scene: Scene, status: str) -> None:
    """Claimed by another, whatever the status says: false, logged, nothing else touched."""
    other = await rows.person(scene.connection)
    await rows.claim(scene.connection, other, scene.workout)
    await scene.connection.execute("UPDATE workouts SET claim_status = $1", status)
    assert not await scene.assign()
    assert ([("high", False)], [other], [status]) == await scene.state()


@pytest.mark.parametrize("status", ["expired", "claimed", "archived"])
async def test_what_is_not_unclaimed_is_left_alone(scene: Scene, status: str) -> None:
    """An expired workout, or one of unknown status, without a claim: false, logged."""
    await scene.connection.execute("UPDATE workouts SET claim_status = $1", status)
    assert not await scene.assign(MEDIUM)
    assert ([("medium", False)], [], [status]) == await scene.state()


async def test_a_repeated_call_says_true_again(scene: Scene) -> None:
    """The worker may call twice: both are logged as linked, and there is one claim."""
    assert await scene.assign()
    assert await scene.assign()
    assert ([("high", True)] * 2, [scene.person], ["claimed"]) == await scene.state()


async def test_a_claim_of_the_same_person_repairs_the_status(scene: Scene) -> None:
    """A claim row under an unclaimed status becomes a claimed workout of that person."""
    await rows.claim(scene.connection, scene.person, scene.workout)
    assert await scene.assign()
    assert ([("high", True)], [scene.person], ["claimed"]) == await scene.state()


async def test_an_expired_workout_is_left_alone_even_by_its_claimant(scene: Scene) -> None:
    """Expired is the last word, also over a claim of the same person."""
    await rows.claim(scene.connection, scene.person, scene.workout)
    await scene.connection.execute("UPDATE workouts SET claim_status = 'expired'")
    assert not await scene.assign()
    assert ([("high", False)], [scene.person], ["expired"]) == await scene.state()


async def test_a_recording_without_a_workout_is_logged(scene: Scene) -> None:
    """There is nothing to claim yet: false, and the verification is kept."""
    await scene.connection.execute("DELETE FROM workouts")
    assert not await scene.assign()
    assert ([("high", False)], [], []) == await scene.state()
