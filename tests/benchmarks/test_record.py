"""What a run leaves behind: tables, a plot, and its place in docs/performance.md."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import record
from tests.benchmarks.figures import Finding, Sample, Spread
from tests.benchmarks.outcome import Group, Outcome
from tests.benchmarks.record import Record
from tests.support.process import ROOT

LATEST = ROOT / "tests" / "benchmarks" / "latest.json"


def recorded(*, median: float = 1.0, failed: tuple[str, ...] = ()) -> Record:
    """Return the record of a run with one target, at most 1.5, and two contenders."""
    spread = Spread(median=median, low=median, high=median, runs=10)
    finding = Finding(row="quiet start", what="wall time", spread=spread, limit=1.5, unit="x")
    sample = Sample(seconds=0.1, cpu_seconds=0.09, memory=30 << 20)
    group = Group(title="quiet start", samples={"floor": (sample,), "a < b": (sample, sample)}, plotted=True)
    outcome = Outcome(findings=(finding,), groups=(group,), notes=("A note.",))
    return record.collect([outcome], failed, machine="a machine", day="2026-01-01", versions={})


def test_a_missed_target_fails_the_run() -> None:
    """The run fails when a target is missed, and when a row could not be measured."""
    assert [False, True, True] == [
        it.missed for it in (recorded(), recorded(median=2), recorded(failed=("a row",)))
    ]


def test_tables() -> None:
    """Each target is a line with its verdict, each contender one with its medians."""
    text = record.to_markdown(recorded(median=2))
    assert "| quiet start | wall time | 2x | 2 to 2 | at most 1.50x | missed |" in text
    assert "| floor | 100 | 100 to 100 | 90 | 30.0 | 1 |" in text


def test_the_plot_is_well_formed() -> None:
    """The plot is XML with a bar for each contender, whatever characters are in their names."""
    picture = ET.fromstring(record.to_svg(recorded()))  # noqa: S314 - our own
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"floor", "a < b"} <= set(words)
    assert 3 == len(list(picture.iter("{http://www.w3.org/2000/svg}rect")))


def test_the_page_gets_the_figures(tmp_path: Path) -> None:
    """A record replaces what stands between the marks, and nothing else."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{record.BEGIN}\nold\n{record.END}\nafter\n")
    record.write_into(page, recorded())
    assert f"before\n{record.section(recorded())}\nafter\n" == page.read_text()


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    """Without the marks nothing is written."""
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(ValueError, match="no place"):
        record.write_into(page, recorded())
    assert "nothing\n" == page.read_text()


@pytest.mark.skipif(not LATEST.exists(), reason="no run was recorded yet")
def test_the_page_shows_the_recorded_run() -> None:
    """Tables and plot in the repository are those of the recorded run."""
    latest = record.from_json(LATEST.read_text("utf-8"))
    assert record.section(latest) in (ROOT / record.PAGE).read_text("utf-8")
    assert record.to_svg(latest) == (ROOT / record.PICTURE).read_text("utf-8")


def test_the_page_has_a_place_for_the_figures() -> None:
    """A run can be recorded at any time."""
    text = (ROOT / record.PAGE).read_text("utf-8")
    assert text.index(record.BEGIN) < text.index(record.END)
