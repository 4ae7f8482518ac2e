"""A run's figures as a document, and their place in docs/performance.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Bound, Finding, Sample, Spread, Verdict
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.plot import plot
from tests.benchmarks.table import findings_table, group_table

BEGIN = "<!-- begin of the figures of one run, written by `make bench BENCH_ARGS=--record` -->"
END = "<!-- end of the figures -->"
PAGE = "docs/performance.md"
PICTURE = "tests/benchmarks/latest.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that one run found; `failed` names the rows that could not be measured, and why."""

    machine: str
    day: str
    versions: Mapping[str, str]
    findings: tuple[Finding, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    failed: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether a target was missed by more than the spread, or could not be measured."""
        return bool(self.failed) or any(it.verdict is Verdict.MISSED for it in self.findings)


def collect(
    outcomes: Iterable[Outcome],
    failed: Iterable[str],
    *,
    machine: str,
    day: str,
    versions: Mapping[str, str],
) -> Record:
    """Put the outcomes of a run together."""
    found = tuple(outcomes)
    return Record(
        machine=machine,
        day=day,
        versions=versions,
        findings=tuple(finding for outcome in found for finding in outcome.findings),
        groups=tuple(group for outcome in found for group in outcome.groups),
        notes=tuple(note for outcome in found for note in outcome.notes),
        failed=tuple(failed),
    )


def to_json(record: Record) -> str:
    """Return the document, every single run included."""
    document = asdict(record)
    for written, finding in zip(document["findings"], record.findings, strict=True):
        written |= {"bound": finding.bound.value, "verdict": finding.verdict.value}
    return json.dumps(document, indent=1) + "\n"


def from_json(text: str) -> Record:
    """Read a document back."""
    document = json.loads(text)
    return Record(
        machine=document["machine"],
        day=document["day"],
        versions=document["versions"],
        findings=tuple(_finding(item) for item in document["findings"]),
        groups=tuple(_group(item) for item in document["groups"]),
        notes=tuple(document["notes"]),
        failed=tuple(document["failed"]),
    )


def to_markdown(record: Record) -> str:
    """Return the tables with what a reader has to know of them."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    about = [f"Taken on {record.day}: {record.machine}."]
    about += [f"Peers: {versions}."] if versions else []
    tables = [findings_table(record.findings), *(group_table(group) for group in record.groups)]
    failed = [f"Not measured: {reason}" for reason in record.failed]
    return "\n\n".join([*about, *tables, *record.notes, *failed]) + "\n"


def to_svg(record: Record) -> str:
    """Return the plot of the contenders that are worth one."""
    return plot(
        (group for group in record.groups if group.plotted), f"{record.day}; lines show the quartiles"
    )


def section(record: Record) -> str:
    """Return what stands between BEGIN and END in PAGE."""
    picture = f"![Wall time of a start, beside the floor and other tools](../{PICTURE})"
    return f"{BEGIN}\n\n{picture}\n\n{to_markdown(record)}\n{END}"


def write_into(page: Path, record: Record) -> None:
    """Replace the section between BEGIN and END. Raises ValueError when there is none."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no place for the figures")
    page.write_text(before + section(record) + after, "utf-8")


def _finding(item: Mapping[str, Any]) -> Finding:
    return Finding(
        row=item["row"],
        what=item["what"],
        spread=Spread(**item["spread"]),
        limit=item["limit"],
        unit=item["unit"],
        bound=Bound(item["bound"]),
    )


def _group(item: Mapping[str, Any]) -> Group:
    samples = {name: tuple(Sample(**run) for run in runs) for name, runs in item["samples"].items()}
    return Group(title=item["title"], samples=samples, plotted=item["plotted"])
