"""Rows to measure with: a thousand workouts, and as many exercises as one likes."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.bench import Bench

_SQL = Path(__file__).parent
_LOADING_SECONDS = 600
_CHECKSUM = "SELECT concat_ws(' ', count(*), sum(hashtextextended(t::text, 0)::numeric)) FROM {table} AS t"


async def add_workouts(bench: Bench, url: str) -> None:
    """Insert what the traffic changes and the exercises refer to."""
    async with bench.superuser(url) as connection:
        await connection.execute((_SQL / "workouts.sql").read_text("utf-8"))


async def add_exercises(bench: Bench, url: str, number: int) -> None:
    """Insert `number` exercises of those workouts, without asking for each whether its workout exists."""
    async with bench.superuser(url) as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        text = (_SQL / "exercises.sql").read_text("utf-8")
        await connection.execute(text, number, timeout=_LOADING_SECONDS)


async def checksums(bench: Bench, url: str) -> dict[str, str]:
    """Return number and sum of hashes of the rows of each table of public, in whatever order they lie."""
    async with bench.superuser(url) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: await connection.fetchval(_CHECKSUM.format(table=name), timeout=_LOADING_SECONDS)
            for (name,) in tables
        }
