"""claim_workout: who may claim what, and who wins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.refusals import BAD_VALUE, MATCHED_BY_WORDS, NULL_GIVEN, UNKNOWN_ID, refused

CLAIM = "SELECT claim_workout($1, $2)"
CLAIM_BY_VOICE = "SELECT claim_workout($1, $2, 'voice_match', $3)"


async def statuses(connection: asyncpg.Connection) -> list[Any]:
    """Return the claim status of every workout, oldest first."""
    found = await connection.fetch("SELECT claim_status FROM workouts ORDER BY created_at, id")
    return [row["claim_status"] for row in found]


@pytest.mark.parametrize("status", ["unclaimed", None])
async def test_a_claim_is_recorded_once(database: Database, status: str | None) -> None:
    """Claiming makes the claim, the status and the person's device agree."""
    connection = await database.connect()
    me = await rows.person(connection)
    user = await rows.device(connection, "phone-1")
    key = await rows.workout(connection, user, claim_status=status)
    assert await connection.fetchval(CLAIM_BY_VOICE, me, key, Decimal("0.91"))
    claim = await connection.fetchrow("SELECT * FROM workout_claims")
    assert (me, key, "voice_match", Decimal("0.9100")) == (
        claim["user_id"],
        claim["workout_id"],
        claim["claim_method"],
        claim["voice_match_confidence"],
    )
    owned = await connection.fetchrow("SELECT * FROM user_devices")
    assert (me, "phone-1", "Claimed Device", True) == (
        owned["user_id"],
        owned["device_uuid"],
        owned["device_name"],
        owned["is_active"],
    )
    assert ["claimed"] == await statuses(connection)


async def test_a_known_device_is_seen_again_and_keeps_its_name(database: Database) -> None:
    """A second claim from a device renews last_seen and is_active and touches nothing else."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection, "phone-1"))
    before = await rows.ago(connection, "9 days")
    await rows.insert(
        connection,
        "user_devices",
        user_id=me,
        device_uuid="phone-1",
        device_name="My phone",
        first_claimed_at=before,
        last_seen=before,
        is_active=False,
    )
    await connection.execute(CLAIM, me, key)
    owned = await connection.fetchrow("SELECT * FROM user_devices")
    assert ("My phone", True, before) == (
        owned["device_name"],
        owned["is_active"],
        owned["first_claimed_at"],
    )
    assert before < owned["last_seen"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("claimed", "already claimed"),
        ("archived", "already claimed"),
        ("expired", "expired"),
    ],
)
async def test_what_is_not_unclaimed_is_refused(database: Database, status: str, words: str) -> None:
    """A claimed workout says so, an expired one says that, and nothing is written."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection), claim_status=status)
    with refused(MATCHED_BY_WORDS, words):
        await connection.execute(CLAIM, me, key)
    assert 0 == await connection.fetchval("SELECT count(*) FROM user_devices")
    assert [status] == await statuses(connection)


async def test_a_claim_row_counts_under_an_unclaimed_status(database: Database) -> None:
    """A claim that the status does not show still wins over a new one."""
    connection = await database.connect()
    me, other = await rows.person(connection), await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    await rows.claim(connection, other, key)
    with refused(MATCHED_BY_WORDS, "already claimed"):
        await connection.execute(CLAIM, me, key)
    assert other == await connection.fetchval("SELECT user_id FROM workout_claims")


async def test_unknown_ids_are_named(database: Database) -> None:
    """An unknown workout and an unknown person are told apart."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    with refused(UNKNOWN_ID, "Workout not found"):
        await connection.execute(CLAIM, me, uuid4())
    with refused(UNKNOWN_ID, "User not found"):
        await connection.execute(CLAIM, uuid4(), key)


@pytest.mark.parametrize("active", [False, None])
async def test_only_a_closed_account_is_refused(database: Database, active: bool | None) -> None:
    """is_active must be false to refuse; NULL is what old rows have."""
    connection = await database.connect()
    me = await rows.person(connection, is_active=active)
    key = await rows.workout(connection, await rows.device(connection))
    if active is None:
        assert await connection.fetchval(CLAIM, me, key)
        return
    with refused("55000", "not active"):
        await connection.execute(CLAIM, me, key)


@pytest.mark.parametrize("missing", ["user", "workout", "method"])
async def test_null_is_refused(database: Database, missing: str) -> None:
    """No argument but the confidence may be NULL."""
    connection = await database.connect()
    given = {"user": uuid4(), "workout": uuid4(), "method": "manual", missing: None}
    with refused(NULL_GIVEN, "needs a user, a workout and a claim method"):
        await connection.execute("SELECT claim_workout($1, $2, $3)", *given.values())


@pytest.mark.parametrize(
    ("method", "confidence", "words"),
    [
        ("guess", None, "claim method"),
        ("MANUAL", None, "claim method"),
        ("voice_match", "1.0001", "between 0 and 1"),
        ("voice_match", "-0.1", "between 0 and 1"),
        ("voice_match", "NaN", "between 0 and 1"),
    ],
)
async def test_bad_values_are_refused(
    database: Database, method: str, confidence: str | None, words: str
) -> None:
    """Unknown methods, and confidences outside 0 to 1, never reach the table."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    value = None if confidence is None else Decimal(confidence)
    with refused(BAD_VALUE, words):
        await connection.execute("SELECT claim_workout($1, $2, $3, $4)", me, key, method, value)


@pytest.mark.parametrize("confidence", ["0", "1"])
async def test_the_ends_of_the_confidence_belong_to_it(database: Database, confidence: str) -> None:
    """0 and 1 are confidences."""
    connection = await database.connect()
    me = await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    assert await connection.fetchval(CLAIM_BY_VOICE, me, key, Decimal(confidence))
