"""`verify` beside what it replaced: a shell script that asked psql for one thing at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.benchmarks.figures import Bound, Finding, wall_ratio
from tests.benchmarks.ground import Ground
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.peers.kit import environment
from tests.benchmarks.race import race
from tests.benchmarks.stopwatch import Command

_SCRIPT = Path(__file__).parents[1] / "forty_eight_questions.sh"
_PRODUCT = "morse-entrypoint verify"
_OLD = "48 calls of psql"


async def measure(ground: Ground) -> Outcome:
    """Verify the same database with both, in turn."""

    def script(url: str) -> Command:
        environ = environment(DATABASE_URL=url, PSQL=str(ground.server.bin / "psql"))
        return Command(argv=("sh", str(_SCRIPT)), environ=environ, directory=Path("/"))

    def verify(url: str) -> Command:
        return ground.product.command(url, "verify")

    async with ground.lent(initialised=True) as url:

        @asynccontextmanager
        async def lend(_: str) -> AsyncIterator[str]:
            yield url

        contenders = {_PRODUCT: verify, _OLD: script}
        samples = await race(ground.stopwatch, contenders, lend, rounds=ground.options.slow_runs)
    return Outcome(
        findings=(
            Finding(
                row="`verify` beside the old script",
                what="the script's wall time to `verify`'s",
                spread=wall_ratio(samples[_OLD], samples[_PRODUCT]),
                limit=10,
                unit="x",
                bound=Bound.AT_LEAST,
            ),
        ),
        groups=(Group(title="verification", samples=samples),),
    )
