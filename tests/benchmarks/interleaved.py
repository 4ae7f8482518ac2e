"""Contenders that take turns, so that each meets the same moods of the machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from tests.benchmarks.figures import Sample
from tests.benchmarks.outcome import Samples
from tests.benchmarks.stopwatch import Command, Stopwatch

Contender = Callable[[str], Command]
# Lends a contender, by its name, the URL of a database for one run.
Lender = Callable[[str], AbstractAsyncContextManager[str]]


async def run_interleaved(
    stopwatch: Stopwatch, contenders: Mapping[str, Contender], lend: Lender, *, rounds: int, warm_up: int = 1
) -> dict[str, Samples]:
    """Run every contender once in each round, A B A B, after `warm_up` rounds that do not count.

    The n-th samples of two contenders are a pair. Raises Failed when a run does not succeed.
    """
    taken: dict[str, list[Sample]] = {name: [] for name in contenders}
    for number in range(warm_up + rounds):
        for name, command in contenders.items():
            async with lend(name) as url:
                sample = stopwatch.measure(command(url))
            if number >= warm_up:
                taken[name].append(sample)
    return {name: tuple(samples) for name, samples in taken.items()}
