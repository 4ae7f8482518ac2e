"""Writers while a deploy adds an index and somebody's transaction stays open."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from tests.benchmarks.background import running
from tests.benchmarks.bench import Bench
from tests.benchmarks.contents import add_workouts
from tests.benchmarks.figures import Finding, Spread
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.stopwatch import Failed
from tests.benchmarks.traffic import flowing
from tests.support.files import files_with, plus

_LOCK_TIMEOUT_SECONDS = 1.0
_RATE = 200
_SECONDS = 30
_AFTERWARDS_SECONDS = 5.0
_INDEX = "CREATE INDEX IF NOT EXISTS idx_workouts_benchmark ON workouts (workout_duration_minutes);"

# Keeps nobody from any row, but whoever builds an index from the table.
_WRITE = """
INSERT INTO workouts (user_id, session_id, workout_date)
SELECT user_id, session_id, workout_date FROM workouts LIMIT 1
"""


async def measure(bench: Bench) -> Outcome:
    """Hold a transaction that wrote to the table, deploy, and note the longest wait of anybody else."""
    options = bench.options
    with tempfile.TemporaryDirectory(dir=bench.scratch) as directory:
        files = files_with(Path(directory), {"init_production_schema.sql": plus(_INDEX)})
        async with bench.lent(initialised=True) as url:
            await add_workouts(bench, url)
            seconds = options.open_seconds + _AFTERWARDS_SECONDS
            async with flowing(bench, url, seconds=seconds, rate=_RATE) as traffic:
                held = await _deploy(bench, url, files)
    usual = Spread.of(traffic.own).median
    longest = max(traffic.own) - usual
    allowed = _LOCK_TIMEOUT_SECONDS + held
    note = (
        f"Beside the deploy, the longest wait of {len(traffic.own):,} transactions was "
        f"{longest * 1000:.0f} ms; the apply held the table for {held * 1000:.0f} ms in the end."
    )
    return Outcome(
        findings=(
            Finding(
                row=f"writers during a deploy, a transaction open for {options.open_seconds:.0f} s",
                what="longest wait to lock_timeout plus apply",
                spread=Spread.of([longest / allowed]),
                limit=1,
                unit="x",
            ),
        ),
        notes=(note,),
    )


async def _deploy(bench: Bench, url: str, files: Mapping[str, str]) -> float:
    """Return for how many seconds the apply held the table when it got it."""
    timeout = {"MORSE_LOCK_TIMEOUT_SECONDS": str(_LOCK_TIMEOUT_SECONDS)}
    command = bench.product.command(url, **files, **timeout)
    async with bench.superuser(url) as holder, AsyncExitStack() as stack:
        async with holder.transaction():
            await holder.execute(_WRITE)
            process = await stack.enter_async_context(running(command, read=True))
            await asyncio.sleep(bench.options.open_seconds)
        printed, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    if process.returncode != 0:
        raise Failed(f"the deploy ended with {process.returncode}:\n{printed.decode()[-2000:]}")
    events = [json.loads(line) for line in printed.splitlines()]
    held: list[float] = [event["seconds"] for event in events if event["event"] == "table.locked"]
    return max(held)
