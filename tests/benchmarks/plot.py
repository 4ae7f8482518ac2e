"""A plot of the contenders as SVG, written by hand so that nothing has to be installed for it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tests.benchmarks.figures import Spread
from tests.benchmarks.outcome import Group

_WIDTH = 760
_LABEL = 230
_NUMBER = 70
_BAR = 16
_STEP = 26
_TITLE = 44
_OURS = "#1f6feb"
_THEIRS = "#b6bec9"
_INK = "#24292f"
_FAINT = "#6e7781"


def plot(groups: Iterable[Group], caption: str) -> str:
    """Return a picture with a bar for each contender's median wall time and a line for its quartiles."""
    parts: list[str] = []
    top = 16
    for group in groups:
        parts += _bars(group, top)
        top += _TITLE + _STEP * len(group.samples) + 18
    parts.append(_text(16, top + 4, caption, size=11, color=_FAINT))
    height = top + 20
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="system-ui, sans-serif" role="img">'
    )
    background = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, background, *parts, "</svg>", ""])


def _bars(group: Group, top: int) -> list[str]:
    spreads = {
        name: Spread.of(sample.seconds * 1000 for sample in samples)
        for name, samples in group.samples.items()
    }
    scale = (_WIDTH - _LABEL - _NUMBER - 16) / max(spread.high for spread in spreads.values())
    title = f"{group.title}, whole process, median of wall time in ms"
    parts = [_text(16, top + 16, title, size=14, weight="600")]
    for place, (name, spread) in enumerate(spreads.items()):
        y = top + _TITLE + place * _STEP
        middle = y + _BAR / 2
        color = _OURS if name.startswith("morse-entrypoint") else _THEIRS
        low, high = _LABEL + spread.low * scale, _LABEL + spread.high * scale
        width = spread.median * scale
        parts += [
            _text(_LABEL - 10, middle + 4, name, anchor="end"),
            f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{color}"/>',
            f'<line x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}" stroke="{_INK}"/>',
            _text(max(high, _LABEL + width) + 8, middle + 4, f"{spread.median:.0f}"),
        ]
    return parts


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    color: str = _INK,
    anchor: str = "start",
    weight: str = "400",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )
