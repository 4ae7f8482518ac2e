"""`verify` beside what it replaced: a shell script that asked psql for one thing at a time."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Bound, Finding, wall_ratio
from tests.benchmarks.installation import NotInstalled, debian_packages
from tests.benchmarks.interleaved import run_interleaved
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.peers.kit import environment
from tests.benchmarks.stopwatch import Command

_SCRIPT = Path(__file__).parents[1] / "forty_eight_questions.sh"
_PRODUCT = "morse-entrypoint verify"


async def measure(bench: Bench) -> Outcome:
    """Verify the same database with all of them, in turn."""
    scripts = {f"48 calls of {name}": _script(path) for name, path in _clients(bench).items()}

    def verify(url: str) -> Command:
        return bench.product.command(url, "verify")

    async with bench.lent(initialised=True) as url:

        @asynccontextmanager
        async def lend(_: str) -> AsyncIterator[str]:
            yield url

        contenders = {_PRODUCT: verify, **scripts}
        samples = await run_interleaved(bench.stopwatch, contenders, lend, rounds=bench.options.slow_runs)
    return Outcome(
        findings=tuple(
            Finding(
                row="`verify` beside the old script",
                what=f"wall time of {name} to `verify`'s",
                spread=wall_ratio(samples[name], samples[_PRODUCT]),
                limit=10,
                unit="x",
                bound=Bound.AT_LEAST,
            )
            for name in scripts
        ),
        groups=(Group(title="verification", samples=samples),),
    )


def _script(psql: Path) -> Callable[[str], Command]:
    def command(url: str) -> Command:
        environ = environment(DATABASE_URL=url, PSQL=str(psql))
        return Command(argv=("sh", str(_SCRIPT)), environ=environ, directory=Path("/"))

    return command


def _clients(bench: Bench) -> dict[str, Path]:
    """Return psql as the server's own build brings it, and as Debian installs it, behind a script in Perl."""
    clients = {"psql": bench.server.bin / "psql"}
    with suppress(NotInstalled):
        debian_packages("psql", "postgresql-client")
        found = Path(shutil.which("psql") or "psql")
        if found.resolve().name == "pg_wrapper":
            clients["Debian's psql"] = found
    return clients
