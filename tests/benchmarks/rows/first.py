"""The first start on an empty database: everything is made, and proved before COMMIT."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Finding, wall_ratio
from tests.benchmarks.interleaved import Contender, run_interleaved
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.rows.quiet import PRODUCT

PSQL = "psql -1 -f"


async def measure(bench: Bench) -> Outcome:
    """Give each contender a new database in each round."""
    contenders: dict[str, Contender] = {PRODUCT: bench.product.command}
    contenders |= {peer.name: peer.command for peer in bench.peers}

    def lend(_: str) -> AbstractAsyncContextManager[str]:
        return bench.lent()

    samples = await run_interleaved(bench.stopwatch, contenders, lend, rounds=bench.options.slow_runs)
    spread = wall_ratio(samples[PRODUCT], samples[PSQL])
    return Outcome(
        findings=(
            Finding(row="first start", what=f"wall time to `{PSQL}`'s", spread=spread, limit=2, unit="x"),
        ),
        groups=(Group(title="first start on an empty database", samples=samples, plotted=True),),
    )
