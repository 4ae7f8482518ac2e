"""Text for a person at a terminal: headings, aligned columns, colours where they are wanted."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from entrypoint.output.messages import visible

_STYLES = {"bold": "1", "dim": "2", "error": "31", "success": "32", "warning": "33"}
_WIDTH = 100
_EXCERPT_LINES = 8
_KILO = 1024


class Styled(NamedTuple):
    """A text and its style: bold, dim, error, success, warning, or none."""

    text: str
    style: str = ""


Cell = str | Styled


class Page:
    """Collects lines; no text that is put on it can move the cursor or hide what follows."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._lines: list[str] = []

    def heading(self, text: str) -> None:
        """Begin a section."""
        if self._lines:
            self._lines.append("")
        self._lines.append(self._paint(Styled(text, "bold")))

    def line(self, *cells: Cell, indent: int = 2) -> None:
        """Add a line of words."""
        self._lines.append((" " * indent + " ".join(self._paint(cell) for cell in cells)).rstrip())

    def paragraph(self, text: str, *, style: str = "", indent: int = 2) -> None:
        """Add words that are wrapped, but never inside a word."""
        wrapped = textwrap.wrap(
            visible(text), _WIDTH - indent, break_long_words=False, break_on_hyphens=False
        )
        for part in wrapped:
            self.line(Styled(part, style), indent=indent)

    def table(self, rows: Iterable[Sequence[Cell]], *, right: Sequence[int] = (), indent: int = 2) -> None:
        """Add rows of as many cells each; the columns in `right` are aligned there."""
        table = [[_styled(cell) for cell in row] for row in rows]
        widths = [max(len(cell.text) for cell in column) for column in zip(*table, strict=True)]
        for row in table:
            cells = [
                self._paint(cell._replace(text=_pad(cell.text, width, right=at in right)))
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self._lines.append((" " * indent + "  ".join(cells)).rstrip())

    def excerpt(self, text: str, *, indent: int, label: str = "", style: str = "dim") -> None:
        """Add the first lines of a longer text behind its label, and how many are left out."""
        lines = text.expandtabs(4).strip("\n").split("\n")
        shown = lines if len(lines) <= _EXCERPT_LINES else lines[: _EXCERPT_LINES - 1]
        margin = " " * (indent + len(label))
        for number, line in enumerate(shown):
            lead = " " * indent + self._paint(Styled(label, "dim")) if not number else margin
            self._lines.append(lead + self._paint(Styled(line.rstrip(), style)))
        if left := len(lines) - len(shown):
            self._lines.append(margin + self._paint(Styled(f"({left} more lines)", "dim")))

    def text(self) -> str:
        """Return everything, with a newline at its end."""
        return "\n".join(self._lines) + "\n"

    def _paint(self, cell: Cell) -> str:
        text, style = _styled(cell)
        if not (self._color and style and text.strip()):
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _styled(cell: Cell) -> Styled:
    text, style = cell if isinstance(cell, Styled) else (cell, "")
    return Styled(visible(text), style)


def _pad(text: str, width: int, *, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)


def size(count: int) -> str:
    """Render bytes for a person, in the units of pg_size_pretty: 512 bytes, 8.0 kB, 1.2 GB."""
    if count < _KILO:
        return f"{count} bytes"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= _KILO
        if amount < _KILO:
            return f"{amount:.1f} {unit}"
    return f"{amount / _KILO:.1f} TB"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a number with its noun, of which `nouns` is the plural if it is not formed by an s."""
    return f"{count:,} {noun if count == 1 else nouns or f'{noun}s'}"
