"""Functions, procedures and aggregates."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.errors import ExitCode


class Function(Kind):
    """CREATE OR REPLACE changes a body in place, but neither the result nor the names of parameters."""

    name = "function"
    plural = "functions"
    rank = 50
    catalog = "pg_proc"
    facets = ("arguments", "result", "definition")
    exit_code = ExitCode.ROUTINES
    marks_ours = True
    stands_alone = True
    counted = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Replace the body, or make the function anew."""
        return self.create(item) if facets == ["definition"] and _word(item) == _word(actual) else None

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether it is an overload, which a call of ours may find instead."""
        return name_of(item.name) in {name_of(name) for kind, name in expected if kind == self.name}

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return what callers name and read: the parameters and the result."""
        return item.facets["arguments"], item.facets["result"]


def name_of(signature: str) -> str:
    """Return the name without the types of the arguments."""
    return signature.partition("(")[0]


def _word(item: CatalogObject) -> str:
    """Return what DROP calls it: a function, a procedure or an aggregate."""
    return item.statements.get("drop", "").partition(" ")[2].partition(" ")[0]
