"""Medians, spreads and ratios pair by pair, and whether they keep a target."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What became of a target; only MISSED makes the benchmark fail."""

    MET = "met"
    UNCLEAR = "missed by less than the spread"
    MISSED = "missed"


class Bound(Enum):
    """On which side of its limit a figure has to be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median of several values, and their quartiles."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Return the spread of at least one value. Raises StatisticsError for none."""
        ordered = sorted(values)
        median = statistics.median(ordered)
        low = high = median
        if len(ordered) > 1:
            low, _, high = statistics.quantiles(ordered, n=4, method="inclusive")
        return cls(median=median, low=low, high=high, runs=len(ordered))

    @property
    def width(self) -> float:
        """The distance between the quartiles."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of a whole process: wall time, user and system time, and peak memory in bytes."""

    seconds: float
    cpu_seconds: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A figure beside its target; `unit` follows the number when it is shown."""

    row: str
    what: str
    spread: Spread
    limit: float
    unit: str = ""
    bound: Bound = Bound.AT_MOST

    @property
    def verdict(self) -> Verdict:
        """MISSED only when the median is past the limit by more than the distance of the quartiles."""
        past = self.spread.median - self.limit
        if self.bound is Bound.AT_LEAST:
            past = -past
        if past <= 0:
            return Verdict.MET
        return Verdict.UNCLEAR if past <= self.spread.width else Verdict.MISSED


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Divide pair by pair, so that a machine that slows down slows both halves of a pair.

    Raises ValueError when the two are not of one length.
    """
    return Spread.of(above / below for above, below in zip(numerators, denominators, strict=True))


def wall_ratio(numerators: Sequence[Sample], denominators: Sequence[Sample]) -> Spread:
    """Compare wall times pair by pair."""
    return ratios([sample.seconds for sample in numerators], [sample.seconds for sample in denominators])


def memory_ratio(numerators: Sequence[Sample], denominators: Sequence[Sample]) -> Spread:
    """Compare peak memory pair by pair."""
    return ratios([sample.memory for sample in numerators], [sample.memory for sample in denominators])


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    position = max(0, -int(-len(ordered) * share // 1) - 1)
    return ordered[position]
