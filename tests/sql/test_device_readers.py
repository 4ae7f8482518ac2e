"""search_devices_by_last4, get_unclaimed_workouts_for_device and get_user_linked_devices."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows

DEVICE = "0a1b2c3d-0000-4000-8000-00000000AbCd"


async def search(connection: asyncpg.Connection, last4: str | None) -> list[dict[str, Any]]:
    """Return the rows that the function finds."""
    found = await connection.fetch("SELECT * FROM search_devices_by_last4($1)", last4)
    return [dict(row) for row in found]


async def unclaimed(connection: asyncpg.Connection, device_uuid: str) -> list[Any]:
    """Return the ids of the workouts that the function lists."""
    found = await connection.fetch("SELECT * FROM get_unclaimed_workouts_for_device($1)", device_uuid)
    return [row["workout_id"] for row in found]


@pytest.mark.parametrize("last4", ["AbCd", "abcd", "ABCD"])
async def test_search_ignores_case(database: Database, last4: str) -> None:
    """A device is found whatever the case of its suffix, and is named by the suffix it has."""
    connection = await database.connect()
    await rows.device(connection, DEVICE)
    found = await search(connection, last4)
    assert [(DEVICE, "Device AbCd")] == [(row["device_uuid"], row["device_name"]) for row in found]


@pytest.mark.parametrize("last4", ["", "bCd", "0AbCd", "%%%%", None])
async def test_search_needs_exactly_four_characters(database: Database, last4: str | None) -> None:
    """Anything but four characters finds nothing, and a pattern is no wildcard."""
    connection = await database.connect()
    await rows.device(connection, DEVICE)
    await rows.device(connection, "bCd")
    assert [] == await search(connection, last4)


async def test_search_counts_what_can_be_claimed(database: Database) -> None:
    """A NULL claim status counts as unclaimed, every other word but unclaimed does not."""
    connection = await database.connect()
    user = await rows.device(connection, DEVICE)
    for status in ("unclaimed", None, "claimed", "expired", "archived"):
        await rows.workout(connection, user, claim_status=status)
        await rows.session(connection, user, claim_status=status)
    [found] = await search(connection, "abcd")
    assert (2, 2) == (found["unclaimed_workouts_count"], found["unclaimed_sessions_count"])


async def test_search_shows_the_latest_device_first(database: Database) -> None:
    """Devices come by their last activity, one that was never seen before all others."""
    connection = await database.connect()
    await rows.device(connection, "old-AbCd", last_seen=await rows.ago(connection, "2 days"))
    await rows.device(connection, "never-AbCd", last_seen=None)
    await rows.device(connection, "new-AbCd", last_seen=await rows.ago(connection, "1 day"))
    found = [row["device_uuid"] for row in await search(connection, "AbCd")]
    assert ["never-AbCd", "new-AbCd", "old-AbCd"] == found


async def test_a_temporary_table_cannot_stand_in(database: Database) -> None:
    """A function reads the tables in public, whatever the caller's search_path finds first."""
    connection = await database.connect()
    await rows.device(connection, DEVICE)
    await connection.execute("CREATE TEMPORARY TABLE users (LIKE public.users)")
    assert 1 == len(await search(connection, "abcd"))


async def test_unclaimed_workouts_are_listed_newest_first(database: Database) -> None:
    """Unclaimed and NULL workouts younger than 30 days are listed, claimed and older ones not."""
    connection = await database.connect()
    user = await rows.device(connection, DEVICE)
    ages = {"29 days 23 hours": "unclaimed", "30 days": "unclaimed", "1 hour": "claimed"}
    older, *_ = [
        await rows.workout(connection, user, created_at=await rows.ago(connection, age), claim_status=status)
        for age, status in ages.items()
    ]
    newer = await rows.workout(connection, user, claim_status=None)
    assert [newer, older] == await unclaimed(connection, DEVICE)


async def test_a_listed_workout_carries_its_facts(database: Database) -> None:
    """The columns hold the workout's own values and the name of its recording."""
    connection = await database.connect()
    user = await rows.device(connection, DEVICE)
    audio = await rows.recording(connection, user, original_filename="legs.wav")
    facts = {"total_exercises": 3, "workout_duration_minutes": 42}
    key = await rows.workout(connection, user, audio_file_id=audio, **facts)
    row = await connection.fetchrow("SELECT * FROM get_unclaimed_workouts_for_device($1)", DEVICE)
    values = await connection.fetchrow("SELECT * FROM workouts WHERE id = $1", key)
    expected = (key, values["workout_date"], 3, 42, "legs.wav", values["created_at"])
    assert expected == tuple(row)


async def test_unclaimed_workouts_need_the_device_and_a_recording(database: Database) -> None:
    """A workout of a whole session, or of another device, is not listed."""
    connection = await database.connect()
    user = await rows.device(connection, DEVICE)
    await rows.workout(connection, user, session_id=await rows.session(connection, user))
    await rows.workout(connection, await rows.device(connection))
    assert [] == await unclaimed(connection, DEVICE)


async def linked(connection: asyncpg.Connection, user_id: object) -> list[tuple[Any, ...]]:
    """Return (device, recent, pending) of every link that the function lists."""
    found = await connection.fetch("SELECT * FROM get_user_linked_devices($1)", user_id)
    return [
        (row["device_uuid"], row["recent_workouts_count"], row["pending_workouts_count"]) for row in found
    ]


async def test_linked_devices_are_counted_apart(database: Database) -> None:
    """Recent counts this person's claims of 30 days, pending the unclaimed workouts of 7 days."""
    connection = await database.connect()
    me, other = await rows.person(connection), await rows.person(connection)
    user = await rows.device(connection, DEVICE)
    await rows.insert(connection, "device_links", user_id=me, device_uuid=DEVICE)
    for person, age in ((me, "29 days"), (me, "30 days"), (other, "1 day")):
        key = await rows.workout(connection, user, claim_status="claimed")
        await rows.claim(connection, person, key, claimed_at=await rows.ago(connection, age))
    for age, status in (("6 days", None), ("7 days", "unclaimed"), ("1 day", "unclaimed")):
        created = await rows.ago(connection, age)
        await rows.workout(connection, user, created_at=created, claim_status=status)
    assert [(DEVICE, 1, 2)] == await linked(connection, me)


async def test_only_active_links_are_listed_latest_first(database: Database) -> None:
    """Links that are inactive, or whose state is unknown, are left out."""
    connection = await database.connect()
    me = await rows.person(connection)
    for name, age, active in (
        ("old", "2 days", True),
        ("new", "1 day", True),
        ("unlinked", "1 hour", False),
        ("unknown", "1 hour", None),
    ):
        await rows.insert(
            connection,
            "device_links",
            user_id=me,
            device_uuid=name,
            last_activity=await rows.ago(connection, age),
            is_active=active,
        )
    assert [("new", 0, 0), ("old", 0, 0)] == await linked(connection, me)
