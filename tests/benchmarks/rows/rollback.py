"""Rollback with a backup, and restore: how long they take, and that their memory does not grow."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.contents import add_exercises, add_workouts, checksums
from tests.benchmarks.figures import Finding, Sample, Spread, memory_ratio
from tests.benchmarks.outcome import Group, Outcome, Samples
from tests.benchmarks.peers.kit import environment
from tests.benchmarks.stopwatch import Command, Failed

_FEW, _MANY = 100_000, 1_000_000
_RUNS = 2
_ROLLBACK = "rollback --save-backup"
_RESTORE = "restore"
# A measurement of peak memory on the same machine moves by as much.
_GROWTH = 1.1


async def measure(bench: Bench) -> Outcome:
    """Roll back and restore a database with few rows, and one with ten times as many."""
    few, many = min(_FEW, bench.options.rows // 10), min(_MANY, bench.options.rows)
    lost: list[int] = []
    taken = {number: await _there_and_back(bench, number, lost) for number in (few, many)}
    kept = Finding(
        row=f"{_RESTORE}, {few:,} and {many:,} exercises",
        what="tables whose rows are not as before",
        spread=Spread.of(lost),
        limit=0,
    )
    return Outcome(
        findings=(
            kept,
            *(
                Finding(
                    row=f"{verb}, {many:,} exercises",
                    what=f"peak memory to {few:,} exercises'",
                    spread=memory_ratio(taken[many][verb], taken[few][verb]),
                    limit=_GROWTH,
                    unit="x",
                )
                for verb in (_ROLLBACK, _RESTORE)
            ),
        ),
        groups=(
            Group(
                title="rollback and restore",
                samples={
                    f"{verb}, {number:,} exercises": samples
                    for number, verbs in taken.items()
                    for verb, samples in verbs.items()
                },
            ),
        ),
    )


async def _there_and_back(bench: Bench, number: int, lost: list[int]) -> dict[str, Samples]:
    """Measure, and put into `lost` how many tables came back with other rows."""
    rolled_back: list[Sample] = []
    restored: list[Sample] = []
    async with bench.lent(initialised=True) as url:
        await add_workouts(bench, url)
        await add_exercises(bench, url, number)
        before = await checksums(bench, url)
        for _ in range(_RUNS):
            with tempfile.TemporaryDirectory(dir=bench.scratch) as directory:
                saving = ("--save-backup", f"--backup-dir={directory}")
                rollback = _command(bench, url, "rollback", "--confirm", *saving)
                rolled_back.append(bench.stopwatch.measure(rollback))
                backup = next(Path(directory).glob("*.sql.gz"), None)
                if backup is None:
                    raise Failed("rollback left no backup")
                restore = _command(bench, url, "restore", str(backup), "--confirm")
                restored.append(bench.stopwatch.measure(restore))
            bench.stopwatch.measure(_command(bench, url, "verify", "--deep"))
            after = await checksums(bench, url)
            lost.append(sum(before.get(table) != after.get(table) for table in before | after))
    return {_ROLLBACK: tuple(rolled_back), _RESTORE: tuple(restored)}


def _command(bench: Bench, url: str, *words: str) -> Command:
    """Return the product's command with the server's own programs on its PATH."""
    path = f"{bench.server.bin}:{environment()['PATH']}"
    return bench.product.command(url, *words, PATH=path)
