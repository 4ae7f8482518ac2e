"""Text for a terminal."""

from __future__ import annotations

import pytest

from entrypoint.output.page import Page, Styled, plural, size


def test_columns_are_aligned() -> None:
    """Columns are as wide as their widest cell, numbers stand at the right, and no line ends in blanks."""
    page = Page(color=False)
    page.heading("Tables")
    page.table([("table", "rows", ""), ("t", "1,000", "x"), ("longer", "9", "")], right=(1,))

    assert "Tables\n  table    rows\n  t       1,000  x\n  longer      9\n" == page.text()


def test_colour_does_not_move_columns() -> None:
    """A colour surrounds the padded cell, so that the columns stay where they are."""
    page = Page(color=True)
    page.table([(Styled("a", "error"), "b"), ("long", "c")])

    assert "  \x1b[31ma   \x1b[0m  b\n  long  c\n" == page.text()


def test_nothing_moves_the_cursor() -> None:
    """An escape in the name of an object is spelled out, in every kind of line."""
    page = Page(color=False)
    for put in (page.heading, page.line, page.paragraph):
        put("a\x1b[2Jb")
    page.table([("a\x1b[2Jb",)])
    page.excerpt("a\x1b[2Jb", indent=2)

    assert 5 == page.text().count("a\\x1b[2Jb")


def test_long_texts_are_cut() -> None:
    """A long definition is cut to its first lines, and says how many are left out."""
    page = Page(color=False)
    page.excerpt("\n".join(f"line {number}" for number in range(20)), label="found  ", indent=2)

    lines = page.text().splitlines()
    assert ["  found  line 0", "         line 1"] == lines[:2]
    assert "         (13 more lines)" == lines[-1]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (8192, "8.0 kB"), (5 << 20, "5.0 MB"), (3 << 40, "3.0 TB")],
)
def test_sizes(count: int, text: str) -> None:
    """Bytes are told in the unit that leaves the shortest number."""
    assert text == size(count)


def test_plurals() -> None:
    """One is singular, anything else is not."""
    assert ["1 index", "2 indexes", "1,200 rows"] == [
        plural(1, "index", "indexes"),
        plural(2, "index", "indexes"),
        plural(1200, "row"),
    ]
