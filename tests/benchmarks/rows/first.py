"""The first start on an empty database: everything is made, and proved before COMMIT."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from tests.benchmarks.figures import Finding, wall_ratio
from tests.benchmarks.ground import Ground
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.race import Contender, race
from tests.benchmarks.rows.quiet import PRODUCT

PSQL = "psql -1 -f"


async def measure(ground: Ground) -> Outcome:
    """Give each contender a new database in each round."""
    contenders: dict[str, Contender] = {PRODUCT: ground.product.command}
    contenders |= {peer.name: peer.command for peer in ground.peers}

    def lend(_: str) -> AbstractAsyncContextManager[str]:
        return ground.lent()

    samples = await race(ground.stopwatch, contenders, lend, rounds=ground.options.slow_runs)
    spread = wall_ratio(samples[PRODUCT], samples[PSQL])
    return Outcome(
        findings=(
            Finding(row="first start", what=f"wall time to `{PSQL}`'s", spread=spread, limit=2, unit="x"),
        ),
        groups=(Group(title="first start on an empty database", samples=samples, plotted=True),),
    )
