"""A person, a voice and a device, laid out so that a voice match can give away a workout."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from tests.support.database import Database
from tests.support.sql import rows

ASSIGN = "SELECT auto_assign_workout_to_user($1, $2, $3)"
HIGH, MEDIUM = Decimal("0.85"), Decimal("0.70")


@dataclass(slots=True)
class Scene:
    """A person with a voice profile and a linked device that recorded one workout."""

    connection: asyncpg.Connection
    person: UUID
    profile: UUID
    device: UUID
    audio: UUID
    workout: UUID

    async def assign(self, score: Decimal = HIGH) -> bool:
        """Return what the function answers for the recording and the profile."""
        answer: bool = await self.connection.fetchval(ASSIGN, self.audio, score, self.profile)
        return answer

    async def state(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Return verifications as (level, auto_linked), claimants, and claim statuses."""
        queries = (
            "SELECT (confidence_level, auto_linked) FROM speaker_verifications ORDER BY verified_at",
            "SELECT user_id FROM workout_claims ORDER BY claimed_at",
            "SELECT claim_status FROM workouts ORDER BY created_at",
        )
        first, second, third = [[row[0] for row in await self.connection.fetch(query)] for query in queries]
        return first, second, third


async def lay_scene(database: Database) -> Scene:
    """Insert the rows of a scene and return them with a connection."""
    connection = await database.connect()
    person, device = await rows.person(connection), await rows.device(connection, "phone-1")
    audio = await rows.recording(connection, device)
    await rows.insert(connection, "device_links", user_id=person, device_uuid="phone-1")
    return Scene(
        connection=connection,
        person=person,
        profile=await rows.profile(connection, person),
        device=device,
        audio=audio,
        workout=await rows.workout(connection, device, audio_file_id=audio),
    )
