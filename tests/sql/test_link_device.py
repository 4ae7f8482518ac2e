"""link_user_to_device: linking, and linking again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.support.database import Database
from tests.support.sql import rows
from tests.support.sql.concurrent_calls import second_waits
from tests.support.sql.refusals import MATCHED_BY_WORDS, NULL_GIVEN, UNKNOWN_ID, refused

DEVICE = "0a1b2c3d-0000-4000-8000-00000000AbCd"
LINK = "SELECT link_user_to_device($1, $2)"
LINK_NAMED = "SELECT link_user_to_device($1, $2, $3)"


@pytest.mark.parametrize(("given", "stored"), [(None, "Device AbCd"), ("My phone", "My phone")])
async def test_a_link_is_made(database: Database, given: str | None, stored: str) -> None:
    """A new link is active and named as given, else by the last four characters."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    key = await connection.fetchval(LINK_NAMED, me, DEVICE, given)
    link = await connection.fetchrow("SELECT * FROM device_links WHERE id = $1", key)
    assert (me, DEVICE, stored, True) == (
        link["user_id"],
        link["device_uuid"],
        link["device_name"],
        link["is_active"],
    )


@pytest.mark.parametrize(("given", "stored"), [(None, "My phone"), ("New name", "New name")])
async def test_a_link_is_renewed(database: Database, given: str | None, stored: str) -> None:
    """Linking again keeps the row, revives it, and renames it only when a name is given."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    key = await connection.fetchval(LINK_NAMED, me, DEVICE, "My phone")
    before = await rows.ago(connection, "9 days")
    await connection.execute(
        "UPDATE device_links SET is_active = FALSE, linked_at = $1, last_activity = $1", before
    )
    assert key == await connection.fetchval(LINK_NAMED, me, DEVICE, given)
    link = await connection.fetchrow("SELECT * FROM device_links")
    assert (stored, True, before) == (link["device_name"], link["is_active"], link["linked_at"])
    assert before < link["last_activity"]


@pytest.mark.parametrize("device_uuid", ["unknown", DEVICE.upper(), None])
async def test_an_unknown_device_is_not_found(database: Database, device_uuid: str | None) -> None:
    """A device that never recorded anything cannot be linked; the whole name is compared as is."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    with refused(MATCHED_BY_WORDS, "Device not found"):
        await connection.execute(LINK, me, device_uuid)


async def test_an_unknown_person_is_not_found(database: Database) -> None:
    """A link needs an existing person, and says so instead of naming a foreign key."""
    connection = await database.connect()
    await rows.device(connection, DEVICE)
    with refused(UNKNOWN_ID, "User not found"):
        await connection.execute(LINK, uuid4(), DEVICE)
    with refused(NULL_GIVEN, "needs a user"):
        await connection.execute(LINK, None, DEVICE)


async def test_a_name_must_fit(database: Database) -> None:
    """255 characters are a name, 256 are refused before anything is written."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    assert await connection.fetchval(LINK_NAMED, me, DEVICE, "n" * 255)
    with refused("22001", "longer than 255"):
        await connection.execute(LINK_NAMED, me, DEVICE, "n" * 256)


async def test_two_links_at_once_are_one(database: Database) -> None:
    """The second of two concurrent calls returns the link that the first made."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    async with second_waits(database, LINK, me, DEVICE) as calls:
        key = await calls.first.fetchval(LINK, me, DEVICE)
    assert key == calls.outcome


async def test_a_person_deleted_meanwhile_is_not_found(database: Database) -> None:
    """A link that waited for the deletion of its person reports the missing person."""
    connection = await database.connect()
    me = await rows.person(connection)
    await rows.device(connection, DEVICE)
    async with second_waits(database, LINK, me, DEVICE) as calls:
        await calls.first.execute("DELETE FROM app_users")
    assert ("P0002", "User not found") == (calls.outcome.sqlstate, calls.outcome.message)
