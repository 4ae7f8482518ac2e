"""Views."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.errors import ExitCode


class View(Kind):
    """CREATE OR REPLACE changes a query in place, but not the columns."""

    name = "view"
    plural = "views"
    rank = 60
    facets = ("columns", "definition", "options")
    exit_code = ExitCode.ROUTINES
    holds_parts = True
    marks_ours = True
    stands_alone = True
    counted = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Replace the query, or make the view anew."""
        return self.create(item) if facets == ["definition"] else None

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return the columns, which readers name."""
        return (item.facets["columns"],)
