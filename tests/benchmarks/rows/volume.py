"""Verification on a database without rows and on one with millions: it must not read them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.benchmarks.bench import Bench
from tests.benchmarks.contents import add_exercises, add_workouts
from tests.benchmarks.figures import Finding, wall_ratio
from tests.benchmarks.interleaved import run_interleaved
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.stopwatch import Command


async def measure(bench: Bench) -> Outcome:
    """Verify both databases in turn."""
    rows = bench.options.rows
    async with bench.lent(initialised=True) as empty, bench.lent(initialised=True) as full:
        await add_workouts(bench, full)
        began = time.monotonic()
        await add_exercises(bench, full, rows)
        loading = time.monotonic() - began
        urls = {"empty": empty, "full": full}

        @asynccontextmanager
        async def lend(name: str) -> AsyncIterator[str]:
            yield urls[name]

        def verify(url: str) -> Command:
            return bench.product.command(url, "verify")

        samples = await run_interleaved(
            bench.stopwatch, {"empty": verify, "full": verify}, lend, rounds=bench.options.slow_runs
        )
    return Outcome(
        findings=(
            Finding(
                row=f"verification at {rows:,} rows in exercises",
                what="wall time to 0 rows'",
                spread=wall_ratio(samples["full"], samples["empty"]),
                limit=1.2,
                unit="x",
            ),
        ),
        notes=(f"{rows:,} exercises were loaded in {loading:.0f} s.",),
    )
