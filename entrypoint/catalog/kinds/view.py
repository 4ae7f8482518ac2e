"""Views."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.errors import ExitCode


class View(Kind):
    """CREATE OR REPLACE changes a query and the options in place, but not the columns."""

    name = "view"
    plural = "views"
    rank = 60
    catalog = "pg_class"
    facets = ("columns", "definition", "options", "defaults")
    exit_code = ExitCode.ROUTINES
    holds_parts = True
    marks_ours = True
    stands_alone = True
    counted = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return CREATE, and what gives its columns their defaults."""
        return [self.action(item, name) for name in ("create", "defaults") if name in item.statements]

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Replace query and options, or make the view anew."""
        if "columns" in facets or ("defaults" in facets and actual.facets["defaults"]):
            return None
        return self.create(item) if "defaults" in facets else [self.action(item, "create")]

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return the columns, which readers name."""
        return (item.facets["columns"],)
