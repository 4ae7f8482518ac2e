"""A person at a terminal reads sentences and tables, and misses no fact."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.output.console import Console
from entrypoint.output.messages import PHRASES, duration

FRAME = {
    "timestamp": "2025-01-02T03:04:05.678Z",
    "service": "morse-api",
    "instance": "srv-1",
    "commit": "0a1b2c3",
}


def shown(event: str, level: str = "info", *, width: int = 100, **facts: object) -> str:
    """Render an event without colour."""
    console = Console(color=False, width=width)
    return console.render({**FRAME, "level": level, "event": event, **facts})


SENTENCES: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "start.begun",
        "info",
        {"command": "init", "version": "1.0.0", "environment": "production", "database": "db/x"},
        "• init by version 1.0.0, production, db/x",
    ),
    ("start.begun", "info", {"environment": "production"}, "• production"),
    (
        "database.awaited",
        "warning",
        {
            "message": "no route",
            "attempt": 4,
            "elapsed_seconds": 60.04,
            "remaining_seconds": 239.96,
        },
        "! waiting for the database ██░░░░░░░░ 1 min of 5 min, attempt 4: no route",
    ),
    (
        "database.awaited",
        "warning",
        {"message": "starting", "elapsed_seconds": "[redacted]", "remaining_seconds": 5},
        "! waiting for the database: starting  elapsed_seconds=[redacted]  remaining_seconds=5.0 s",
    ),
    (
        "database.connected",
        "info",
        {"server_version": "15.4", "database": "morse", "role": "owner", "attempts": 1},
        "✓ connected to PostgreSQL 15.4, database morse as owner, attempt 1",
    ),
    ("lock.acquired", "info", {"waited_seconds": 0.003}, "✓ acquired the advisory lock after 3 ms"),
    (
        "lock.awaited",
        "info",
        {"waited_seconds": 4.31, "holder": "pid 7 (morse), idle"},
        "• waiting for the advisory lock since 4.3 s, held by pid 7 (morse), idle",
    ),
    (
        "step.applied",
        "info",
        {"action": "create", "target": "index a", "reason": "missing", "seconds": 1.25},
        "✓ create index a (missing), 1.2 s",
    ),
    (
        "metrics.write_failed",
        "warning",
        {"reason": "read-only file system", "path": "/metrics/a.prom", "note": None},
        "! the metrics were not written: read-only file system  path=/metrics/a.prom",
    ),
    ("table.busy", "warning", {"table": ""}, "! table.busy  table="),
    ("no.phrase", "debug", {"a": [1, 2], "b": {"c": True}}, "· no.phrase  a=1, 2  b=c=yes"),
    (
        "phase.finished",
        "info",
        {"phase": "connect", "seconds": 0.012},
        "✓ connect" + " " * 26 + "12 ms",
    ),
    (
        "phase.finished",
        "info",
        {"phase": "apply and verify", "seconds": 125.4},
        "✓ apply and verify" + " " * 13 + "2 min 5 s",
    ),
    (
        "check.passed",
        "info",
        {"check": "orphan_sets", "seconds": 0.5},
        "✓ orphan_sets" + " " * 21 + "500 ms",
    ),
    (
        "verification.counted",
        "info",
        {"category": "tables", "expected": 19, "matched": 19, "extra": 0},
        "✓ tables               19 of 19",
    ),
    (
        "verification.counted",
        "info",
        {"category": "indexes", "expected": 162, "matched": 61, "extra": 0},
        "✗ indexes              61 of 162",
    ),
    (
        "verification.counted",
        "info",
        {"category": "functions", "expected": 4, "matched": 4, "extra": 2},
        "! functions             4 of 4       2 extra",
    ),
]


@pytest.mark.parametrize(("event", "level", "facts", "expected"), SENTENCES)
def test_an_event_is_a_sentence(event: str, level: str, facts: dict[str, Any], expected: str) -> None:
    """An event is shown with its time, its mark, its phrase, and the facts that it leaves out."""
    assert f"03:04:05  {expected}" == shown(event, level, **facts)


@pytest.mark.parametrize("event", PHRASES)
def test_a_phrase_needs_no_fact(event: str) -> None:
    """An event that lacks every fact still reads as a sentence or as its name."""
    sentence = shown(event).strip().split(maxsplit=2)[2]
    assert re.fullmatch(r"[A-Za-z].*", sentence)
    assert not set(sentence) & set("{}")


def test_a_difference_shows_both_sides() -> None:
    """Expected and actual stand under each other, over as many lines as they have."""
    text = shown(
        "difference.found",
        "error",
        width=50,
        status="changed",
        kind="function",
        name="touch()",
        relation=None,
        expected="CREATE FUNCTION touch()\n\tRETURNS trigger LANGUAGE plpgsql",
        actual=None,
        severity="failure",
        note="edited by hand",
    )
    assert text == (
        "03:04:05  ✗ changed function touch() (failure)\n"
        "            note=edited by hand\n"
        "            expected  CREATE FUNCTION touch()\n"
        "                          RETURNS trigger LANGUAGE\n"
        "                      plpgsql\n"
        "            actual    nothing"
    )


def test_violations_are_a_list() -> None:
    """A long list is shown one item a line."""
    violations = ["set 1 belongs to no workout", "set 2 belongs to no workout", "set 3 too"]
    assert shown("check.failed", "error", check="sets", violations=violations) == (
        "03:04:05  ✗ sets is violated\n"
        "            violations  - set 1 belongs to no workout\n"
        "                        - set 2 belongs to no workout\n"
        "                        - set 3 too"
    )


def test_a_failure_stands_out_with_its_remedy() -> None:
    """The closing event has a blank line before it, and the remedy has lines of its own."""
    text = shown(
        "start.failed",
        "error",
        width=50,
        exit_code=7,
        message="busy",
        remedy="wait for the other start, or end the session named here",
        holder="pid 7",
    )
    assert text == (
        "\n03:04:05  ✗ the start failed (exit code 7): busy\n"
        "            holder=pid 7\n"
        "            → wait for the other start, or end the\n"
        "              session named here"
    )


def test_success_stands_out() -> None:
    """The last sentence before exec is bold and green."""
    console = Console(color=True, width=100)
    event = {**FRAME, "level": "info", "event": "process.handed_over", "summary": "All is well."}
    assert console.render(event) == (
        "\n\x1b[2m03:04:05\x1b[0m  \x1b[32m✓\x1b[0m \x1b[1;32mAll is well.\x1b[0m"
    )


def test_colour_marks_levels_and_dims_facts() -> None:
    """With colour the mark has the colour of its level, and facts beside the sentence are dim."""
    event = {**FRAME, "level": "warning", "event": "metrics.write_failed", "remedy": "chmod", "path": "a"}
    assert Console(color=True, width=100).render(event) == (
        "\x1b[2m03:04:05\x1b[0m  \x1b[33m!\x1b[0m "
        "the metrics were not written  \x1b[2mpath=a\x1b[0m\n"
        "            \x1b[36m→ chmod\x1b[0m"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 1000])
def test_a_narrow_terminal_loses_no_word(width: int) -> None:
    """Whatever the width, the words are the same."""
    facts = {"message": "a " * 50 + "end", "remedy": "b " * 50, "relation": "x" * 200}
    wide, narrow = (
        shown("no.phrase", width=10_000, **facts),
        shown("no.phrase", width=width, **facts),
    )
    assert wide.split() == narrow.split()


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
VALUES = st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())


@given(st.sampled_from([*PHRASES, "no.phrase"]), st.dictionaries(NAMES, VALUES))
def test_no_value_reaches_the_terminal_as_a_command(event: str, facts: dict[str, Any]) -> None:
    """Escape sequences, line ends and direction marks in values are spelled out."""
    facts |= {name: f"\x1b]0;title\x07\u202e{name}" for name in ("message", "remedy", "expected")}
    for line in shown(event, **facts).lstrip("\n").split("\n"):
        assert line.isprintable()
        assert line.strip()


@pytest.mark.parametrize("fact", ["message", "remedy", "expected", "actual", "anything"])
@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "\n",
            "\n\n",
            " \n ",
            "\t\n\t",
            "\r\n\r\n",
            "\x0b\x0c\x1c\x85",
            "\u2028\u2029",
            "\xa0\n\u3000",
        ),
        *(
            "0\n\n0",
            "0\n \n0",
            "0\n\r\n0",
            "0\n\t\n0",
            "0\n\n\n",
            "\n\n0",
            " \n0\n ",
            "0\r\r0",
            "\x1b\n\n\x1b",
        ),
    ],
)
def test_no_line_is_empty(fact: str, value: str) -> None:
    """Blank lines in a value, wherever they stand, are shown as such, and no line of the log is empty."""
    console = Console(color=False, width=100)
    for event in ("no.phrase", "start.failed", "difference.found"):
        for line in (
            console.render({**FRAME, "level": "info", "event": event, fact: value}).lstrip("\n").split("\n")
        ):
            assert line.strip()
            assert line.isprintable()


def test_a_blank_line_is_seen() -> None:
    """Two definitions that differ in a blank line alone do not look the same."""
    sides: dict[str, Any] = {"expected": "BEGIN\n\nEND", "actual": "BEGIN\nEND"}
    text = shown("difference.found", kind="function", name="f", status="changed", **sides)
    assert 1 == text.count("↵")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.0126, "13 ms"),
        (0.999, "999 ms"),
        (1, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (125, "2 min 5 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """A duration is shown in the unit that a person would choose."""
    assert text == duration(seconds)
