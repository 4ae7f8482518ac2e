"""The figures as tables that people read, in a terminal and in docs/performance.md alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.benchmarks.figures import Finding, Spread
from tests.benchmarks.outcome import Group

_MEBIBYTE = 1 << 20
_MANY = 100
_SOME = 10


def findings_table(findings: Iterable[Finding]) -> str:
    """Return a line for each target: what was measured, its spread, and the verdict."""
    head = ("row", "measured", "median", "quartiles", "target", "verdict")
    lines = [
        (
            finding.row,
            finding.what,
            _number(finding.spread.median) + finding.unit,
            f"{_number(finding.spread.low)} to {_number(finding.spread.high)}",
            f"{finding.bound.value} {_number(finding.limit)}{finding.unit}",
            finding.verdict.value,
        )
        for finding in findings
    ]
    return _table(head, lines)


def group_table(group: Group) -> str:
    """Return a line for each contender with the medians of whole processes."""
    head = (group.title, "wall ms", "quartiles", "CPU ms", "peak MiB", "runs")
    lines = []
    for name, samples in group.samples.items():
        wall = Spread.of(sample.seconds * 1000 for sample in samples)
        cpu = Spread.of(sample.cpu_seconds * 1000 for sample in samples)
        memory = Spread.of(sample.memory / _MEBIBYTE for sample in samples)
        quartiles = f"{wall.low:.0f} to {wall.high:.0f}"
        figures = (f"{wall.median:.0f}", quartiles, f"{cpu.median:.0f}", f"{memory.median:.1f}")
        lines.append((name, *figures, str(wall.runs)))
    return _table(head, lines)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _number(value: float) -> str:
    """Write three digits that mean something, and whole numbers as such."""
    if value == int(value) or value >= _MANY:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= _SOME else f"{value:.2f}"
