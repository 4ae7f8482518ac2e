"""Any event becomes one short line of valid JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.output.json_lines import Json, json_line, plain


class Color(StrEnum):
    """Some names."""

    RED = "red"


class Number(IntEnum):
    """Some numbers."""

    SEVEN = 7


class Unprintable:
    """An object that fails when it is printed."""

    def __str__(self) -> str:
        raise RuntimeError("never")


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Number.SEVEN, 7),
        (2**63, "9223372036854775808"),
        (0.123456, 0.123),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("text", "text"),
        (Color.RED, "red"),
        (b"caf\xc3\xa9 \xff", "café \\xff"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05+00:00"),
        (date(2025, 1, 2), "2025-01-02"),
        (PurePosixPath("/sql"), "/sql"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (("a", ["b"]), ["a", ["b"]]),
        ({"a": {1: frozenset({2})}}, {"a": {"1": [2]}}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Unprintable(), "<Unprintable>"),
        ([Unprintable()], ["<Unprintable>"]),
        (10**5000, "<int>"),
        (ENDLESS, [[[[[["1 items"]]]]]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_becomes_plain(value: object, expected: Json) -> None:
    """A value that JSON does not know becomes plain text, and nothing raises."""
    assert expected == plain(value)


def test_a_short_event_is_not_touched() -> None:
    """An event that fits is written as it is."""
    event: dict[str, Json] = {"event": "plan.made", "steps": ["a"] * 150, "note": "x" * 3000}
    assert json.dumps(event) == json_line(event)


@pytest.mark.parametrize(("size", "is_cut"), [(4095, False), (4096, True)])
def test_a_line_ends_below_4_kib(size: int, is_cut: bool) -> None:
    """The last line that is not cut has 4095 bytes, its newline among them."""
    event: dict[str, Json] = {"a": "", "b": ""}
    room = size - 1 - len(json.dumps(event))
    event = {"a": "x" * (room - 2000), "b": "x" * 2000}
    assert is_cut == (json.dumps(event) != json_line(event))


def test_a_long_text_is_cut_and_says_so() -> None:
    """A text that is too long is cut, and the line says by how much."""
    line = json_line({"event": "difference.found", "expected": "x" * 5000, "actual": "y" * 100})
    assert {
        "event": "difference.found",
        "expected": "x" * 2000 + " ... (3000 more characters)",
        "actual": "y" * 100,
    } == json.loads(line)


def test_a_long_list_is_cut_and_says_so() -> None:
    """A list that is too long is cut, and the line says how many items are missing."""
    line = json_line({"event": "check.failed", "violations": [f"row {n:04}" for n in range(1000)]})
    assert {
        "event": "check.failed",
        "violations": [*(f"row {n:04}" for n in range(200)), "... and 800 more"],
    } == json.loads(line)


def test_too_many_facts_are_counted() -> None:
    """Of more facts than fit the first are kept, and the line says how many are missing."""
    event: dict[str, Json] = {"event": "plan.made", **{f"fact_{n:03}": "x" * 50 for n in range(99)}}
    facts = json.loads(json_line(event))
    missing = facts.pop("omitted_facts")
    assert list(event)[: len(facts)] == list(facts)
    assert (len(event), "plan.made") == (len(facts) + missing, facts["event"])


TEXT = st.text() | st.text(alphabet='\0\x1b"\\\n\u2028😀', min_size=1).map(lambda text: text * 500)
FACTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=30), FACTS))
def test_any_event_is_one_short_line(facts: dict[str, Any]) -> None:
    """A line is valid JSON, has no line end inside, and is below 4 KiB with its own."""
    line = json_line({"event": "plan.made", **{name: plain(fact) for name, fact in facts.items()}})
    assert [line] == line.splitlines()
    assert len(line.encode()) + 1 < 4096
    assert isinstance(json.loads(line), dict)
