"""Show the events of a start to a person at a terminal."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from entrypoint.output.messages import Facts, Phrase, phrase_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIM, _RED, _GREEN, _YELLOW, _CYAN = "2", "31", "32", "33", "36"
_MARKS = {
    "debug": ("·", _DIM),
    "info": ("•", _CYAN),
    "warning": ("!", _YELLOW),
    "error": ("✗", _RED),
    "critical": ("✗", _RED),
}
_DONE = ("✓", _GREEN)
_DONE_WORDS = frozenset(
    (
        *("acquired", "adopted", "applied", "built", "connected", "finished", "handed_over"),
        *("passed", "recorded", "resolved", "unchanged", "verified", "written"),
    )
)
_CLOSING = frozenset({"process.handed_over", "start.finished", "start.failed"})
_INDENT = 12


class Console:
    """Render events for a terminal `width` columns wide; long lines are wrapped, never cut."""

    def __init__(self, *, color: bool, width: int | None = None) -> None:
        self._color = color
        columns = width or shutil.get_terminal_size((100, 24)).columns
        self._room = max(2 * _INDENT, columns - _INDENT)

    def render(self, event: Facts) -> str:
        """Return the lines for `event`, plain data in the shape that `logs` gives it."""
        phrase, (mark, color) = phrase_of(event), _mark(event)
        closing = event["event"] in _CLOSING
        time = str(event["timestamp"])[11:19]
        first, *more = self._sentence(phrase, f"1;{color}" if closing else "")
        if remedy := event.get("remedy"):
            more += (self._paint(line, _CYAN) for line in self._wrap(f"→ {visible(remedy)}", hang=2))
        lines = [f"{self._paint(time, _DIM)}  {self._paint(mark, color)} {first}"]
        lines += (" " * _INDENT + line for line in more)
        return "\n".join(["", *lines] if closing else lines)

    def _sentence(self, phrase: Phrase, style: str) -> Iterator[str]:
        """Yield the sentence, with the other facts beside it where they fit, else below it."""
        asides = "  ".join(phrase.asides)
        if asides and len(phrase.sentence) + 2 + len(asides) <= self._room:
            yield f"{self._paint(phrase.sentence, style)}  {self._paint(asides, _DIM)}"
        else:
            yield from (self._paint(line, style) for line in self._wrap(phrase.sentence))
            yield from (self._paint(line, _DIM) for line in self._wrap(asides) if asides)
        yield from self._blocks(phrase)

    def _blocks(self, phrase: Phrase) -> Iterator[str]:
        column = 2 + max(map(len, phrase.blocks), default=0)
        for label, block in phrase.blocks.items():
            parts = [part for line in block for part in self._wrap(line, room=self._room - column)]
            yield self._paint(f"{label:<{column}}", _DIM) + parts[0]
            yield from (" " * column + part for part in parts[1:])

    def _wrap(self, text: str, *, hang: int = 0, room: int | None = None) -> list[str]:
        return textwrap.wrap(
            text,
            max(room or self._room, _INDENT),
            subsequent_indent=" " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and style and text else text


def _mark(event: Facts) -> tuple[str, str]:
    match event:
        case {"event": "verification.counted", "expected": expected, "matched": matched}:
            if matched != expected:
                return _MARKS["error"]
            return _MARKS["warning"] if event.get("extra") else _DONE
        case {"event": str(name), "level": "info"}:
            return _DONE if name.rpartition(".")[2] in _DONE_WORDS else _MARKS["info"]
    return _MARKS[event["level"]]
