"""Many instances that start at once, on an empty database and on one that is up to date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Finding, Sample, Spread
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.stopwatch import Command

_NUMBERS = (20, 50)
_LIMIT = 2.0
_SECONDS = 120


async def measure(bench: Bench) -> Outcome:
    """Start 20 and 50 of them, with runs of the floor before and after each batch."""
    findings = []
    for initialised in (False, True):
        for number in _NUMBERS:
            findings += await _batches(bench, number, initialised=initialised)
    return Outcome(findings=tuple(findings))


async def _batches(bench: Bench, number: int, *, initialised: bool) -> list[Finding]:
    shares, wrong = [], []
    for _ in range(bench.options.slow_runs):
        async with bench.lent(initialised=initialised) as url:
            floors = [_floor(bench, url)]
            seconds, failed, applied = _start_at_once(bench, number, url)
            floors.append(_floor(bench, url))
        floor = sum(sample.seconds for sample in floors) / len(floors)
        shares.append(seconds / (floor * number / (os.cpu_count() or 1)))
        wrong.append(failed + abs(applied - (0 if initialised else 1)))
    kind = "initialised" if initialised else "empty"
    row = f"{number} starters at once, {kind} database"
    shared = Spread.of(shares)
    return [
        Finding(row=row, what="wall time to floor x starters / cores", spread=shared, limit=_LIMIT, unit="x"),
        Finding(row=row, what="failed, or applied besides the one", spread=Spread.of(wrong), limit=0),
    ]


def _floor(bench: Bench, url: str) -> Sample:
    """Return the quickest of three runs: what a machine at rest can do."""
    runs = [bench.stopwatch.measure(bench.product.floor(url)) for _ in range(3)]
    return min(runs, key=lambda sample: sample.seconds)


def _start_at_once(bench: Bench, number: int, url: str) -> tuple[float, int, int]:
    """Return the seconds until the last of them has ended, how many failed, and how many applied."""
    directory = bench.scratch / "starters"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    outputs = [directory / str(index) for index in range(number)]
    command = bench.product.command(url)
    began = time.monotonic()
    with ExitStack() as stack:
        processes = [stack.enter_context(_started(command, output)) for output in outputs]
        codes = [process.wait(_SECONDS) for process in processes]
        seconds = time.monotonic() - began
    applied = sum("ledger.recorded" in _events(output) for output in outputs)
    return seconds, sum(code != 0 for code in codes), applied


@contextmanager
def _started(command: Command, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that does not outlive the block."""
    with output.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - the product
            command.argv,
            cwd=command.directory,
            env=dict(command.environ),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _events(output: Path) -> set[str]:
    return {json.loads(line)["event"] for line in output.read_text().splitlines()}
