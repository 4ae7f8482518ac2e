"""A start that finds nothing to do, the way in which nearly every start ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Finding, memory_ratio, wall_ratio
from tests.benchmarks.interleaved import Contender, run_interleaved
from tests.benchmarks.outcome import Group, Outcome, Samples
from tests.benchmarks.stopwatch import Command

FLOOR = "floor"
PRODUCT = "morse-entrypoint"
_METRICS = "morse-entrypoint, textfile metrics"


async def measure(bench: Bench) -> Outcome:
    """Start again and again on databases that are up to date, and let every peer do the same."""
    fast, slow = _contenders(bench)
    async with AsyncExitStack() as stack:
        urls = await _prepared(bench, {**fast, **slow}, stack)

        @asynccontextmanager
        async def lend(name: str) -> AsyncIterator[str]:
            yield urls[name]

        options, watch = bench.options, bench.stopwatch
        taken = await run_interleaved(watch, {**fast, **slow}, lend, rounds=options.slow_runs)
        more = await run_interleaved(
            watch, fast, lend, rounds=max(0, options.runs - options.slow_runs), warm_up=0
        )
    samples = {name: taken[name] + more.get(name, ()) for name in taken}
    return Outcome(
        findings=tuple(_findings(samples)),
        groups=(Group(title="quiet start", samples=samples, plotted=True),),
        notes=bench.skipped,
    )


def _contenders(bench: Bench) -> tuple[dict[str, Contender], dict[str, Contender]]:
    """Return the contenders that targets speak of, which run more often, and the others."""
    product = bench.product
    textfile = str(bench.scratch / "metrics.prom")

    def with_metrics(url: str) -> Command:
        return product.command(url, MORSE_METRICS_TEXTFILE=textfile)

    fast: dict[str, Contender] = {
        FLOOR: product.floor,
        PRODUCT: product.command,
        _METRICS: with_metrics,
    }
    slow: dict[str, Contender] = {}
    for peer in bench.peers:
        (fast if peer.name == "dbmate" else slow)[peer.name] = peer.command
    return fast, slow


async def _prepared(
    bench: Bench, contenders: Mapping[str, Contender], stack: AsyncExitStack
) -> dict[str, str]:
    """Return for each contender the URL of a database that it has brought up to date itself."""
    ours = await stack.enter_async_context(bench.lent(initialised=True))
    urls = dict.fromkeys((FLOOR, PRODUCT, _METRICS), ours)
    for name, command in contenders.items():
        if name not in urls:
            urls[name] = await stack.enter_async_context(bench.lent())
            bench.stopwatch.measure(command(urls[name]))
    return urls


def _findings(samples: Mapping[str, Samples]) -> list[Finding]:
    floor, product = samples[FLOOR], samples[PRODUCT]
    row = "quiet start"
    found = [
        Finding(
            row=row, what="wall time to the floor's", spread=wall_ratio(product, floor), limit=1.35, unit="x"
        ),
        Finding(
            row=row,
            what="peak memory to the floor's",
            spread=memory_ratio(product, floor),
            limit=1.25,
            unit="x",
        ),
        Finding(
            row="quiet start with textfile metrics",
            what="wall time to the floor's",
            spread=wall_ratio(samples[_METRICS], floor),
            limit=1.5,
            unit="x",
        ),
    ]
    if "dbmate" in samples:
        spread = wall_ratio(product, samples["dbmate"])
        found.insert(1, Finding(row=row, what="wall time to dbmate's", spread=spread, limit=3, unit="x"))
    return found
