"""Names as SQL writes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name as an identifier, which no keyword or capital letter in it can change."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
