"""Records as plain data, as JSON and the ledger keep them, and the short forms of lists and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any


def facts(record: object) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple by their names, records within it likewise.

    Raises TypeError for anything else. What is no record, list, tuple or dictionary is left as it is.
    """
    found = _plain(record)
    if not isinstance(found, dict):
        raise TypeError(f"{type(record).__name__} is no record")
    return found


def _plain(value: object) -> object:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def first_of(items: Sequence[str], *, brackets: bool = True) -> str:
    """Return the first of `items` and how many more there are, as in: a (and 2 more)."""
    if len(items) == 1:
        return items[0]
    more = f"and {len(items) - 1} more"
    return f"{items[0]} ({more})" if brackets else f"{items[0]} {more}"


def shortened(text: str, length: int) -> str:
    """Return at most `length` characters of `text`, the last of them an ellipsis where it was cut."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
