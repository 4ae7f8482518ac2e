"""Hold the runner's own statements, read by name from the `.sql` files of this package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_MARK = "-- name: "
# Asked on its own, and as a part of the fingerprint.
_HELD_GRANTS = "$held_grants"
# First those of a start that finds nothing to do: it reads no other.
_FILES = (
    "ledger/queries.sql",
    "catalog/fingerprint.sql",
    "postgres/queries.sql",
    "deploy/queries.sql",
    "verification/queries.sql",
    "verification/derived_checks.sql",
    "catalog/catalog.sql",
    "catalog/scratch.sql",
    "catalog/dependents.sql",
    "catalog/other_objects.sql",
    "catalog/privileges.sql",
    "catalog/foreign.sql",
    "backup/scope.sql",
    "commands/status/queries.sql",
    "commands/rollback/drop.sql",
    "commands/rollback/drop_order.sql",
)


@cache
def query(name: str) -> str:
    """Return the statement called `name`.

    Raises KeyError for an unknown name, which is a programming error.
    """
    text = _found(name)
    return text.replace(_HELD_GRANTS, _found("held_grants")) if _HELD_GRANTS in text else text


def _found(name: str) -> str:
    for file in _FILES:
        if name in (queries := _queries(file)):
            return queries[name]
    raise KeyError(name)


@cache
def _queries(file: str) -> dict[str, str]:
    text = (Path(__file__).parents[1] / file).read_text("utf-8")
    named: dict[str, str] = {}
    for section in f"\n{text}".split(f"\n{_MARK}")[1:]:
        name, _, body = section.partition("\n")
        named[name.strip()] = body.strip().rstrip(";")
    return named
