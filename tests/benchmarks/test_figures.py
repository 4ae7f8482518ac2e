"""The arithmetic behind every verdict."""

from __future__ import annotations

import pytest

from tests.benchmarks.figures import (
    Bound,
    Finding,
    Sample,
    Spread,
    Verdict,
    memory_ratio,
    percentile,
    ratios,
    wall_ratio,
)


def finding(values: list[float], limit: float, bound: Bound = Bound.AT_MOST) -> Finding:
    """Return a finding of `values`."""
    return Finding(row="row", what="what", spread=Spread.of(values), limit=limit, bound=bound)


def test_spread_is_the_median_and_the_quartiles() -> None:
    """The spread of 1 to 5 has 3 in the middle, and half of the values between 2 and 4."""
    spread = Spread.of([5, 1, 4, 2, 3])
    assert (3, 2, 4, 2, 5) == (spread.median, spread.low, spread.high, spread.width, spread.runs)


def test_a_single_value_has_no_spread() -> None:
    """One value is its own median and quartiles."""
    assert Spread(median=7, low=7, high=7, runs=1) == Spread.of([7])


def test_ratios_are_taken_pair_by_pair() -> None:
    """When the machine becomes ten times slower for one pair, the ratio does not notice."""
    assert Spread(median=2, low=2, high=2, runs=3) == ratios([2, 20, 4], [1, 10, 2])


def test_pairs_need_partners() -> None:
    """Samples without a partner are an error and not left out in silence."""
    with pytest.raises(ValueError, match="zip"):
        ratios([1, 2], [1])


def test_time_and_memory_are_compared_separately() -> None:
    """A process that takes twice as long with half of the memory has the ratios 2 and 0.5."""
    ours = [Sample(seconds=2, cpu_seconds=1, memory=50)]
    theirs = [Sample(seconds=1, cpu_seconds=1, memory=100)]
    assert (2, 0.5) == (wall_ratio(ours, theirs).median, memory_ratio(ours, theirs).median)


@pytest.mark.parametrize(
    ("values", "limit", "verdict"),
    [
        ([1.0, 1.1, 1.2], 1.1, Verdict.MET),
        ([1.0, 1.2, 1.4], 1.1, Verdict.UNCLEAR),
        ([1.2, 1.2, 1.2], 1.1, Verdict.MISSED),
        ([1.15, 1.2, 1.25], 1.1, Verdict.MISSED),
    ],
)
def test_a_target_is_missed_by_more_than_the_spread(
    values: list[float], limit: float, verdict: Verdict
) -> None:
    """A median past the limit is a miss only where it is further past than the quartiles are apart."""
    assert verdict is finding(values, limit).verdict


def test_a_lower_bound_is_missed_from_below() -> None:
    """A figure that has to be large misses its target when it is small."""
    assert Verdict.MISSED is finding([5, 5, 5], 10, Bound.AT_LEAST).verdict
    assert Verdict.MET is finding([11, 11, 11], 10, Bound.AT_LEAST).verdict


@pytest.mark.parametrize(("share", "expected"), [(0.99, 99), (1, 100), (0.5, 50), (0.005, 1)])
def test_percentile(share: float, expected: int) -> None:
    """Of the numbers 1 to 100, the 99th percentile is 99."""
    assert expected == percentile(range(100, 0, -1), share)
