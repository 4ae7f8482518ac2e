"""The triggers: invite codes, times of change, last activity, and what a deleted claim leaves."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.support.database import Database
from tests.support.sql import rows


async def team(connection: asyncpg.Connection, creator: UUID, **values: Any) -> asyncpg.Record:
    """Insert a team and return its row."""
    values = {"team_name": "Lifters", "creator_user_id": creator, **values}
    key = await rows.insert(connection, "teams", **values)
    return await connection.fetchrow("SELECT * FROM teams WHERE team_id = $1", key)


@pytest.mark.parametrize("given", [{}, {"invite_code": None}, {"invite_code": ""}])
async def test_a_team_gets_an_invite_code(database: Database, given: dict[str, Any]) -> None:
    """A team without a code gets eight upper-case hexadecimal digits."""
    connection = await database.connect()
    code = (await team(connection, await rows.person(connection), **given))["invite_code"]
    assert re.fullmatch(r"[0-9A-F]{8}", code)


async def test_a_given_invite_code_is_stored_in_upper_case(database: Database) -> None:
    """A code somebody chose stays, in upper case."""
    connection = await database.connect()
    made = await team(connection, await rows.person(connection), invite_code="Lift-2024")
    assert "LIFT-2024" == made["invite_code"]


async def test_generated_codes_use_every_digit_in_every_place(database: Database) -> None:
    """No place is fixed, as version and variant of a UUID would be, and codes do not repeat."""
    connection = await database.connect()
    found = await connection.fetch("SELECT generate_invite_code() AS code FROM generate_series(1, 1000)")
    codes = [row["code"] for row in found]
    assert [16] * 8 == [len({code[place] for code in codes}) for place in range(8)]
    assert 1000 == len(set(codes))


@pytest.mark.parametrize("taken", ["0A1B2C3D", "0a1b2c3d"])
async def test_a_code_that_exists_is_drawn_again(database: Database, taken: str) -> None:
    """A taken code, also one that differs in case only, is never handed out."""
    connection = await database.connect()
    made = await team(connection, await rows.person(connection))
    await connection.execute("UPDATE teams SET invite_code = $1", taken)
    # The source of randomness is replaced by a sequence that draws the taken code first.
    await connection.execute(
        """
        CREATE SEQUENCE draws;
        CREATE FUNCTION gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
            SELECT CASE nextval('draws')
                WHEN 1 THEN '0a1b2c3d-0000-4000-8000-000000000000'
                ELSE 'ffffffff-0000-4000-8000-000000000000'
            END::uuid
        $$;
        ALTER FUNCTION generate_invite_code() SET search_path = public, pg_catalog, pg_temp;
        """
    )
    assert "FFFFFFFF" == await connection.fetchval("SELECT generate_invite_code()")
    assert made["team_id"]


async def test_a_changed_team_and_session_carry_the_time(database: Database) -> None:
    """updated_at of teams and sessions is the time of the last UPDATE."""
    connection = await database.connect()
    await team(connection, await rows.person(connection), updated_at=None)
    await rows.session(connection, await rows.device(connection), updated_at=None)
    for table, column in (("teams", "team_name"), ("workout_sessions", "notes")):
        changed = await connection.fetchval(
            f"UPDATE {table} SET {column} = 'new' RETURNING updated_at = CURRENT_TIMESTAMP"
        )
        assert changed


async def test_a_table_without_updated_at_can_be_updated(database: Database) -> None:
    """The trigger that the API adds to four tables leaves them alone until they have the column."""
    connection = await database.connect()
    await connection.execute(
        """
        CREATE TRIGGER update_users_updated_at BEFORE UPDATE ON users
        FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()
        """
    )
    await rows.device(connection, "phone-1")
    update = "UPDATE users SET total_workouts = total_workouts + 1 RETURNING total_workouts"
    assert 1 == await connection.fetchval(update)
    await connection.execute("ALTER TABLE users ADD COLUMN updated_at timestamptz")
    assert 2 == await connection.fetchval(update)
    assert await connection.fetchval("SELECT updated_at IS NOT NULL FROM users")
    await connection.execute("ALTER TABLE users DROP COLUMN updated_at")
    assert 3 == await connection.fetchval(update)


async def test_an_upload_moves_the_last_activity_forward(database: Database) -> None:
    """An upload reaches every person's row of the device, unless that row is later already."""
    connection = await database.connect()
    user = await rows.device(connection, "phone-1")
    upload = await rows.ago(connection, "1 day")
    later = await rows.ago(connection, "1 hour")
    for before in (await rows.ago(connection, "2 days"), None, later):
        owner = {"user_id": await rows.person(connection), "device_uuid": "phone-1"}
        await rows.insert(connection, "user_devices", **owner, last_seen=before)
        await rows.insert(connection, "device_links", **owner, last_activity=before)
    stranger = {"user_id": await rows.person(connection), "device_uuid": "phone-2"}
    await rows.insert(connection, "user_devices", **stranger, last_seen=None)
    await rows.insert(connection, "device_links", **stranger, last_activity=None)
    for timestamp in (upload, None):
        await rows.recording(connection, user, upload_timestamp=timestamp)
    for table, column in (("user_devices", "last_seen"), ("device_links", "last_activity")):
        found = await connection.fetch(f"SELECT {column} FROM {table} ORDER BY {column}")
        assert [upload, upload, later, None] == [row[0] for row in found]


@pytest.mark.parametrize(
    ("before", "after"),
    [("claimed", "unclaimed"), ("expired", "expired"), (None, None), ("archived", "archived")],
)
@pytest.mark.parametrize("deleted", ["person", "claim"])
async def test_what_lost_its_claim_is_unclaimed_again(
    database: Database, deleted: str, before: str | None, after: str | None
) -> None:
    """Only a claimed status falls back, for workouts and sessions, whatever deletes the claim."""
    connection = await database.connect()
    me, user = await rows.person(connection), await rows.device(connection)
    workout = await rows.workout(connection, user, claim_status=before)
    session = await rows.session(connection, user, claim_status=before)
    await rows.claim(connection, me, workout)
    claim = {"user_id": me, "session_id": session, "claim_method": "manual"}
    await rows.insert(connection, "session_claims", **claim)
    statement = {
        "person": "DELETE FROM app_users",
        "claim": "DELETE FROM workout_claims; DELETE FROM session_claims",
    }[deleted]
    await connection.execute(statement)
    assert after == await connection.fetchval("SELECT claim_status FROM workouts")
    assert after == await connection.fetchval("SELECT claim_status FROM workout_sessions")


async def test_a_workout_can_be_claimed_again(database: Database) -> None:
    """After its first claimant is gone a workout can be claimed by the next."""
    connection = await database.connect()
    first, second = await rows.person(connection), await rows.person(connection)
    key = await rows.workout(connection, await rows.device(connection))
    claim = "SELECT claim_workout($1, $2)"
    assert await connection.fetchval(claim, first, key)
    await connection.execute("DELETE FROM app_users WHERE id = $1", first)
    assert await connection.fetchval(claim, second, key)
