"""A difference between what `sql/` says and what the database holds, as plain data."""

from __future__ import annotations

from typing import Literal, NamedTuple

Key = tuple[str, str]
Status = Literal["missing", "changed", "extra"]
Severity = Literal["failure", "warning"]


class Difference(NamedTuple):
    """One object that is not what `sql/` says; `expected` or `actual` is None when absent.

    What is `unowned` belongs to others: it is named at most, neither quoted nor recorded.
    """

    status: Status
    kind: str
    name: str
    relation: str | None
    expected: str | None
    actual: str | None
    severity: Severity
    note: str | None = None
    unowned: bool = False

    @property
    def key(self) -> Key:
        """What identifies the object within its schema."""
        return self.kind, self.name
