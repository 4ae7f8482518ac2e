"""Hold the runner's own statements, read by name from the `.sql` files of this package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_MARK = "-- name: "
# Asked on its own, and as a part of the fingerprint.
_HELD_GRANTS = "$held_grants"
_FILES = (
    "postgres/queries.sql",
    "catalog/catalog.sql",
    "catalog/privileges.sql",
    "commands/rollback/drop.sql",
    "commands/rollback/drop_order.sql",
    "backup/scope.sql",
)


@cache
def query(name: str) -> str:
    """Return the statement called `name`.

    Raises KeyError for an unknown name, which is a programming error.
    """
    text = _queries()[name]
    return text.replace(_HELD_GRANTS, _queries()["held_grants"])


@cache
def _queries() -> dict[str, str]:
    package = Path(__file__).parents[1]
    texts = ((package / name).read_text("utf-8") for name in _FILES)
    named: dict[str, str] = {}
    for section in "".join(f"\n{text}" for text in texts).split(f"\n{_MARK}")[1:]:
        name, _, body = section.partition("\n")
        named[name.strip()] = body.strip().rstrip(";")
    return named
