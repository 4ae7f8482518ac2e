"""Columns of tables."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Column(Kind):
    """Default and NOT NULL change in place; another type is left to a person."""

    name = "column"
    plural = "columns"
    rank = 30
    facets = ("type", "identity", "generated", "default", "not_null")
    lock = LockMode.ACCESS_EXCLUSIVE
    made_with_table = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Return a statement for each facet, or nothing when one of them has none."""
        alone = all(facet in item.statements for facet in facets)
        return [self.action(item, facet) for facet in facets] if alone else []

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether nobody fills it: then every new row is refused."""
        filled = item.facets["default"] or item.facets["identity"] or item.facets["generated"]
        return is_ours(item.relation, expected) and item.facets["not_null"] is not None and not filled

    def note(self, item: CatalogObject) -> str | None:
        """Say where a column comes from that our own migration left."""
        kept = item.name.endswith("_legacy")
        return "kept by a conversion that would have lost digits" if kept else None

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return the type."""
        return (item.facets["type"],)
