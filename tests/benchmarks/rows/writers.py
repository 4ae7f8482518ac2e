"""Writers while instances restart: a quiet start must be nothing to them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.benchmarks.background import running
from tests.benchmarks.bench import Bench
from tests.benchmarks.contents import add_workouts
from tests.benchmarks.figures import Bound, Finding, Spread, percentile, ratios
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.stopwatch import Failed
from tests.benchmarks.traffic import Traffic, flowing

_ROW = "writers during 20 quiet starts"
_STARTS_A_RUN = 2
_RATE = 400
_TOLERANCE = 0.05
_SHARE = 0.99

_NOTE = (
    "One in a hundred of the transactions takes longer than {alone} ms when the writers are alone, and "
    "longer than {beside} ms beside a start. Starts run at the lowest priority there, because in production "
    "they run on other machines than the server; what the server does for them competes all the same."
)


async def measure(bench: Bench) -> Outcome:
    """Let the same traffic flow without a start and with one, in turn."""
    alone, beside = [], []
    async with bench.lent(initialised=True) as url:
        await add_workouts(bench, url)
        await _window(bench, url)
        for _ in range(_STARTS_A_RUN * bench.options.slow_runs):
            alone.append(await _window(bench, url))
            beside.append(await _window(bench, url, start=True))
    latency = ratios(_slowest(beside), _slowest(alone))
    through = ratios([it.throughput for it in beside], [it.throughput for it in alone])
    at_most, at_least = 1 + _TOLERANCE, 1 - _TOLERANCE
    return Outcome(
        findings=(
            Finding(
                row=_ROW, what="99th percentile of latency to none", spread=latency, limit=at_most, unit="x"
            ),
            Finding(
                row=_ROW,
                what="throughput to none",
                spread=through,
                limit=at_least,
                unit="x",
                bound=Bound.AT_LEAST,
            ),
        ),
        notes=(_NOTE.format(alone=_milliseconds(alone), beside=_milliseconds(beside)),),
    )


def _slowest(windows: list[Traffic]) -> list[float]:
    return [percentile(window.latencies, _SHARE) for window in windows]


def _milliseconds(windows: list[Traffic]) -> str:
    return f"{Spread.of(_slowest(windows)).median * 1000:.1f}"


async def _window(bench: Bench, url: str, *, start: bool = False) -> Traffic:
    async with flowing(bench, url, seconds=bench.options.window_seconds, rate=_RATE) as traffic:
        if start:
            await asyncio.sleep(bench.options.window_seconds / 3)
            await _start(bench, url)
    return traffic


async def _start(bench: Bench, url: str) -> None:
    command = bench.product.command(url)
    async with running(replace(command, argv=("nice", "-n", "19", *command.argv))) as process:
        if await process.wait() != 0:
            raise Failed(f"a start beside traffic ended with {process.returncode}")
