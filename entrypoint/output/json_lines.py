"""Render an event as one line of JSON that no reader of the log has to cut."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, time
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

# Below 4 KiB with its newline, a line is written to a pipe in one piece (PIPE_BUF), and stays
# whole among the lines of other processes.
LINE_BYTES = 4094

# How long a text and how many items a list may have, tried in turn until the line fits.
_CUTS = ((4000, 200), (2000, 50), (1000, 25), (500, 12), (200, 6), (80, 3), (40, 1))

# Readers that keep numbers as 64 bits would round a larger integer.
_INTEGERS = 2**63


def plain(value: object, depth: int = 6) -> Json:
    """Turn any value into what JSON knows; an object that cannot even be printed gives its type."""
    try:
        match value:
            case dict() | Mapping() if depth:
                return {str(key): plain(item, depth - 1) for key, item in value.items()}
            case list() | tuple() | set() | frozenset() if depth:
                return [plain(item, depth - 1) for item in value]
            case dict() | Mapping() | list() | tuple() | set() | frozenset():
                return f"{len(value)} items"
        return _scalar(value)
    except Exception:  # noqa: BLE001 - whatever its __str__ raises, the line is written
        return f"<{type(value).__name__}>"


def _scalar(value: object) -> Json:
    match value:
        case None | bool():
            return value
        case int() if abs(value) < _INTEGERS:
            return int(value)
        case float() if math.isfinite(value):
            return round(float(value), 3)
        case bytes() | bytearray():
            return value.decode("utf-8", "backslashreplace")
        case BaseException():
            return f"{type(value).__name__}: {value}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def json_line(event: Mapping[str, Json]) -> str:
    """Render one event below 4 KiB: long texts and lists are cut, and end with how much is missing."""
    line = ""
    for characters, items in _CUTS:
        line = json.dumps({name: _cut(fact, characters, items) for name, fact in event.items()})
        if len(line) <= LINE_BYTES:
            return line
    kept = {name: _cut(fact, *_CUTS[-1]) for name, fact in event.items()}
    while len(line) > LINE_BYTES:
        kept.popitem()
        line = json.dumps({**kept, "omitted_facts": len(event) - len(kept)})
    return line


def _cut(value: Json, characters: int, items: int) -> Json:
    match value:
        case str() if len(value) > characters:
            return f"{value[:characters]} ... ({len(value) - characters} more characters)"
        case list() if len(value) > items:
            head = [_cut(item, characters, items) for item in value[:items]]
            return [*head, f"... and {len(value) - items} more"]
        case list():
            return [_cut(item, characters, items) for item in value]
        case dict():
            return {key: _cut(item, characters, items) for key, item in value.items()}
    return value
