"""expire_old_unclaimed_workouts: what expires, and what is counted."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.concurrent_calls import second_waits

EXPIRE = "SELECT expire_old_unclaimed_workouts()"


async def statuses(connection: asyncpg.Connection, table: str) -> list[Any]:
    """Return the claim status of every row, oldest first."""
    found = await connection.fetch(f"SELECT claim_status FROM {table} ORDER BY created_at")
    return [row["claim_status"] for row in found]


@pytest.mark.parametrize("status", ["unclaimed", None])
async def test_workouts_expire_after_30_days(database: Database, status: str | None) -> None:
    """Unclaimed and NULL expire once they are older than 30 days; only workouts are counted."""
    connection = await database.connect()
    user = await rows.device(connection)
    for age in ("31 days", "30 days 1 minute", "29 days 23 hours"):
        values = {"created_at": await rows.ago(connection, age), "claim_status": status}
        await rows.workout(connection, user, **values)
        await rows.session(connection, user, **values)
    assert 2 == await connection.fetchval(EXPIRE)
    for table in ("workouts", "workout_sessions"):
        assert ["expired", "expired", status] == await statuses(connection, table)
    assert 0 == await connection.fetchval(EXPIRE)


async def test_other_statuses_and_unknown_ages_stay(database: Database) -> None:
    """What is claimed, of another word, or of unknown age does not expire."""
    connection = await database.connect()
    user = await rows.device(connection)
    old = await rows.ago(connection, "40 days")
    for status in ("claimed", "archived"):
        await rows.workout(connection, user, created_at=old, claim_status=status)
        await rows.session(connection, user, created_at=old, claim_status=status)
    await rows.workout(connection, user, created_at=None)
    assert 0 == await connection.fetchval(EXPIRE)
    kept = sorted(await statuses(connection, "workouts"))
    assert ["archived", "claimed", "unclaimed"] == kept


async def test_a_claim_that_came_first_wins(database: Database) -> None:
    """Expiring waits for an unfinished claim and leaves the claimed workout alone."""
    connection = await database.connect()
    me = await rows.person(connection)
    old = await rows.ago(connection, "40 days")
    key = await rows.workout(connection, await rows.device(connection), created_at=old)
    async with second_waits(database, EXPIRE) as calls:
        await calls.first.execute("SELECT claim_workout($1, $2)", me, key)
    assert 0 == calls.outcome
    assert ["claimed"] == await statuses(connection, "workouts")


async def test_expiring_that_came_first_wins(database: Database) -> None:
    """A claim waits for unfinished expiring and then reads that the workout has expired."""
    connection = await database.connect()
    me = await rows.person(connection)
    old = await rows.ago(connection, "40 days")
    key = await rows.workout(connection, await rows.device(connection), created_at=old)
    async with second_waits(database, "SELECT claim_workout($1, $2)", me, key) as calls:
        await calls.first.execute(EXPIRE)
    assert "expired" in calls.outcome.message
