"""What a row of the benchmark found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.figures import Finding, Sample

Samples = tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contenders for one task, in the order in which they are shown; some are worth a plot."""

    title: str
    samples: Mapping[str, Samples]
    plotted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Findings beside their targets, contenders side by side, and what a reader has to know."""

    findings: tuple[Finding, ...]
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
