"""Materialized views; whether they are populated is not compared."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.errors import ExitCode


class MaterializedView(Kind):
    """Nothing about it can be altered in place; made anew it has rows again if it had some."""

    name = "materialized view"
    plural = "materialized views"
    rank = 65
    catalog = "pg_class"
    facets = ("columns", "definition")
    exit_code = ExitCode.ROUTINES
    holds_parts = True
    marks_ours = True
    stands_alone = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Make it anew."""
        return None

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return the columns, which readers name."""
        return (item.facets["columns"],)
