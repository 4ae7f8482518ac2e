"""Every row by its name, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.benchmarks.bench import Bench
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.rows import (
    comes_up,
    deploy,
    first,
    latency,
    quiet,
    rollback,
    starters,
    verification,
    volume,
    writers,
)

ROWS: Mapping[str, Callable[[Bench], Awaitable[Outcome]]] = {
    "quiet": quiet.measure,
    "first": first.measure,
    "comes-up": comes_up.measure,
    "starters": starters.measure,
    "writers": writers.measure,
    "deploy": deploy.measure,
    "volume": volume.measure,
    "verification": verification.measure,
    "latency": latency.measure,
    "rollback": rollback.measure,
}
