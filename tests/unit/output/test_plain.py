"""Records as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from entrypoint.output.plain import facts, first_of, shortened


class Inner(NamedTuple):
    """A record within a record."""

    name: str


@dataclass
class Outer:
    """A record of the other kind."""

    inner: Inner
    inners: tuple[Inner, ...]
    by_name: dict[str, Inner]
    pair: tuple[int, int] = (1, 2)


def test_records_become_dictionaries_at_every_depth() -> None:
    """Named tuples and dataclasses give their fields by name, plain tuples stay in their order."""
    inner = {"name": "a"}
    record = Outer(inner=Inner("a"), inners=(Inner("a"),), by_name={"x": Inner("a")})
    assert {"inner": inner, "inners": [inner], "by_name": {"x": inner}, "pair": [1, 2]} == facts(record)


@pytest.mark.parametrize("value", [1, "text", (1, 2), [Inner("a")], None])
def test_what_is_no_record_is_refused(value: object) -> None:
    """A list or a number has no fields."""
    with pytest.raises(TypeError):
        facts(value)


@pytest.mark.parametrize(
    ("items", "brackets", "bare"),
    [
        (["a"], "a", "a"),
        (["a", "b"], "a (and 1 more)", "a and 1 more"),
        (["a", "b", "c"], "a (and 2 more)", "a and 2 more"),
    ],
)
def test_the_first_and_how_many_more(items: list[str], brackets: str, bare: str) -> None:
    """A list in a sentence is its first item and the number of the others."""
    assert (brackets, bare) == (first_of(items), first_of(items, brackets=False))


@pytest.mark.parametrize(
    ("text", "short"), [("", ""), ("abcd", "abcd"), ("abcde", "abc…"), ("a" * 1000, "aaa…")]
)
def test_a_text_is_cut_to_its_length(text: str, short: str) -> None:
    """A text that is too long has the length that was asked for, its end marked."""
    assert short == shortened(text, 4)
