"""A quiet start against a server that is some way off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Finding, Spread
from tests.benchmarks.interleaved import Contender, run_interleaved
from tests.benchmarks.network import distant, round_trips_after_login
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.rows.quiet import FLOOR, PRODUCT

_MILLISECONDS = (0, 1, 5)
_RUNS = 3


async def measure(bench: Bench) -> Outcome:
    """Count the round trips, then take the time of starts with and without latency, in turn."""
    product = bench.product
    async with bench.lent(initialised=True) as url:
        counted = [
            await round_trips_after_login(bench.server, url, product.command(url)) for _ in range(_RUNS)
        ]
        with ExitStack() as stack:
            urls, contenders = {}, {}
            for delay in _MILLISECONDS:
                through = stack.enter_context(distant(bench.server, url, delay / 1000))
                pair: dict[str, Contender] = {FLOOR: product.floor, PRODUCT: product.command}
                for name, command in pair.items():
                    urls[f"{name}, {delay} ms"] = through
                    contenders[f"{name}, {delay} ms"] = command

            @asynccontextmanager
            async def lend(name: str) -> AsyncIterator[str]:
                yield urls[name]

            samples = await run_interleaved(bench.stopwatch, contenders, lend, rounds=bench.options.slow_runs)
    return Outcome(
        findings=(
            Finding(
                row="quiet start over a network",
                what="round trips after login",
                spread=Spread.of(counted),
                limit=8,
            ),
        ),
        groups=(Group(title="quiet start by the network's round-trip time", samples=samples),),
    )
