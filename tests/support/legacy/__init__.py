"""Databases as older versions of MORSE made them, with rows in every table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.support.legacy.rows import fill

_DIRECTORY = Path(__file__).parent
_HAS_UUID_OSSP = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp')"
_STAND_IN = "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"

_CONSOLIDATED = ("consolidated_begun", "consolidated_rest", "consolidated_functions", "consolidated_views")
_SEQUENCE = ("first_six", "sequence_003", "sequence_004", "sequence_006")
_OF_SEQUENCE = (
    "column transcriptions.processing_time_ms_legacy",
    "column transcriptions.processing_time_seconds",
)
_OF_STARTED = (
    "trigger audio_files.update_audio_files_updated_at",
    "trigger exercises.update_exercises_updated_at",
    "trigger users.update_users_updated_at",
    "trigger workouts.update_workouts_updated_at",
)
_ADDED = {
    "audio_files": ("error_message", "mime_type", "status", "uploaded_at"),
    "exercises": (
        *("category", "distance", "distance_unit", "duration_seconds", "name", "order_index"),
        *("weight", "weight_unit"),
    ),
    "transcriptions": ("language", "model", "text"),
    "users": ("email", "is_active", "password_hash"),
    "workouts": (
        *("calories_burned", "date_completed", "device_uuid", "duration_seconds"),
        *("intensity", "title"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An older database: the files that make it, and what an adoption leaves in it beside ours.

    The rows come between `files` and `later_files`.
    """

    name: str
    files: tuple[str, ...]
    later_files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


SHAPES = {
    shape.name: shape
    for shape in (
        Shape(name="first_six", files=_SEQUENCE[:1], extras=_OF_SEQUENCE),
        Shape(name="sequence_003", files=_SEQUENCE[:2], extras=_OF_SEQUENCE),
        Shape(name="sequence_004", files=_SEQUENCE[:3], extras=_OF_SEQUENCE),
        Shape(name="sequence_006", files=_SEQUENCE, extras=_OF_SEQUENCE),
        Shape(name="cut_off", files=("consolidated_begun", "consolidated_functions")),
        Shape(name="consolidated", files=_CONSOLIDATED),
        Shape(name="helm", files=("helm",), extras=("column audio_files.transcription_text",)),
        Shape(name="later_app_started", files=(*_CONSOLIDATED, "later_app_started"), extras=_OF_STARTED),
        Shape(
            name="later_app_migrated",
            files=(*_CONSOLIDATED, "later_app_started"),
            later_files=("later_app_migrated",),
            extras=(
                *_OF_STARTED,
                *(f"column {table}.{column}" for table, columns in _ADDED.items() for column in columns),
                "constraint users.users_email_key",
                "index idx_workouts_device_uuid",
                "table user_profiles",
            ),
        ),
    )
}
OWN_SCHEMA = Shape(name="later_app_own_schema", files=(), later_files=("later_app_own_schema",))


async def build(connection: asyncpg.Connection, shape: Shape) -> tuple[str, ...]:
    """Make `shape` with its rows, and return the extras that an adoption then leaves.

    The old scripts take keys from uuid-ossp; a server without it gets a function of that name.
    """
    if await connection.fetchval(_HAS_UUID_OSSP):
        await connection.execute('CREATE EXTENSION "uuid-ossp"')
        source_of_keys = "extension uuid-ossp"
    else:
        await connection.execute(_STAND_IN)
        source_of_keys = "function uuid_generate_v4()"
    await _run(connection, shape.files)
    await fill(connection)
    await _run(connection, shape.later_files)
    return tuple(sorted((source_of_keys, *shape.extras)))


async def _run(connection: asyncpg.Connection, names: Iterable[str]) -> None:
    for name in names:
        await connection.execute((_DIRECTORY / f"{name}.sql").read_text())
