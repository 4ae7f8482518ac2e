"""The harness itself: what it measures, and that its rows still run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.benchmarks import record
from tests.benchmarks.bench import Bench
from tests.benchmarks.network import distant, round_trips_after_login
from tests.benchmarks.rows import latency, quiet
from tests.benchmarks.rows.everything import ROWS
from tests.benchmarks.stopwatch import Command, Failed, Stopwatch

_MEBIBYTE = 1 << 20


def python(code: str) -> Command:
    """Return a command that runs `code`."""
    return Command(argv=(sys.executable, "-I", "-S", "-c", code), environ=os.environ, directory=Path("/"))


def test_memory_is_the_commands_own(stopwatch: Stopwatch) -> None:
    """A small command that is started by a large process counts as small, and a large one as large."""
    ballast = bytearray(100 * _MEBIBYTE)
    small, large = stopwatch.measure(python("")), stopwatch.measure(python("bytearray(60 << 20)"))
    assert len(ballast) > large.memory > 60 * _MEBIBYTE > 30 * _MEBIBYTE > small.memory


def test_memory_before_exec_counts(stopwatch: Stopwatch) -> None:
    """What a process needed before it became another program is part of its peak."""
    code = "import os; bytearray(60 << 20); os.execv('/bin/true', ['true'])"
    assert stopwatch.measure(python(code)).memory > 60 * _MEBIBYTE


def test_time_is_wall_and_processor(stopwatch: Stopwatch) -> None:
    """A command that sleeps takes wall time and hardly any processor time."""
    sample = stopwatch.measure(python("import time; time.sleep(0.5)"))
    assert sample.seconds >= 0.5 > 2 * sample.cpu_seconds


def test_a_failed_command_is_no_figure(stopwatch: Stopwatch) -> None:
    """A command that ends with another code than 0 is refused, with what it said."""
    with pytest.raises(Failed, match=r"ended with 3:\nno database"):
        stopwatch.measure(python("import sys; sys.stderr.write('no database'); sys.exit(3)"))


def test_a_missing_program_is_told(stopwatch: Stopwatch) -> None:
    """A command that is not there is refused by its name."""
    with pytest.raises(Failed, match="frobnicate was not found"):
        stopwatch.measure(Command(argv=("frobnicate",), environ={}, directory=Path("/")))


async def test_a_row_runs(bench: Bench) -> None:
    """The quiet row measures the floor, the product and a peer, and its record survives a round of JSON."""
    outcome = await quiet.measure(bench)
    samples = outcome.groups[0].samples
    assert {"floor", "morse-entrypoint", "psql -1 -f"} <= set(samples)
    assert [2, 2, 1] == [len(samples[name]) for name in ("floor", "morse-entrypoint", "psql -1 -f")]
    taken = record.collect([outcome], (), machine="a machine", day="2026-01-01", versions={"psql": "18"})
    assert taken == record.from_json(record.to_json(taken))


async def test_round_trips_are_counted(bench: Bench) -> None:
    """The floor makes two round trips after its login, because a statement is parsed before it runs."""
    async with bench.lent() as url:
        assert 2 == await round_trips_after_login(bench.server, url, bench.product.floor(url))


async def test_distance_takes_time(bench: Bench) -> None:
    """Through a network of 50 ms, a start with a login takes at least three times that long more."""
    async with bench.lent() as url:
        near = bench.stopwatch.measure(bench.product.floor(url))
        with distant(bench.server, url, 0.05) as through:
            far = bench.stopwatch.measure(bench.product.floor(through))
    assert far.seconds > near.seconds + 0.1


def test_every_row_has_a_module() -> None:
    """No module under rows/ is left out of the list that the command line knows."""
    modules = {path.stem for path in Path(latency.__file__).parent.glob("*.py")} - {"__init__", "everything"}
    assert {f"tests.benchmarks.rows.{name}" for name in modules} == {
        measure.__module__ for measure in ROWS.values()
    }
