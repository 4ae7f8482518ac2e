"""The query that reads a catalog, joined from its shared parts and the part of each kind of object."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from entrypoint.postgres.queries import query

_KINDS = Path(__file__).parent / "kinds"
# Looks at what the others found, so that it stands behind them.
_COMMENTS = "comment.sql"


@cache
def read_catalog() -> str:
    """Return the query, one statement for all kinds."""
    parts = sorted(path for path in _KINDS.glob("*.sql") if path.name != _COMMENTS)
    objects = "\nUNION ALL\n".join(_arm(path) for path in parts)
    text = query("read_catalog").replace("$objects", objects)
    return text.replace("$comments", _arm(_KINDS / _COMMENTS))


def _arm(path: Path) -> str:
    return f"(\n{path.read_text('utf-8').strip()}\n)"
