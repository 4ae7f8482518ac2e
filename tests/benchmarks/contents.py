"""Rows to measure with: a thousand workouts, and as many exercises as one likes."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.ground import Ground

_SQL = Path(__file__).parent
_LOADING_SECONDS = 600


async def add_workouts(ground: Ground, url: str) -> None:
    """Insert what the traffic changes and the exercises refer to."""
    async with ground.superuser(url) as connection:
        await connection.execute((_SQL / "workouts.sql").read_text("utf-8"))


async def add_exercises(ground: Ground, url: str, number: int) -> None:
    """Insert `number` exercises of those workouts, without asking for each whether its workout exists."""
    async with ground.superuser(url) as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        text = (_SQL / "exercises.sql").read_text("utf-8")
        await connection.execute(text, number, timeout=_LOADING_SECONDS)
