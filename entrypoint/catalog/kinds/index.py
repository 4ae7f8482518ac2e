"""Indexes, except those that a constraint brings along."""

from __future__ import annotations

from entrypoint.catalog.kinds.constraint import limits_ours
from entrypoint.catalog.kinds.kind import Action, Kind, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Index(Kind):
    """Nothing about an index can be altered in place."""

    name = "index"
    plural = "indexes"
    rank = 80
    catalog = "pg_class"
    facets = ("definition", "valid", "inherited")
    counted = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Make it anew, unless it belongs to that of another table."""
        return [] if item.facets.get("inherited") else None

    def lock_of(self, item: CatalogObject, statement: str) -> LockMode:
        """DROP INDEX keeps readers out of the table, CREATE INDEX only writers."""
        return LockMode.ACCESS_EXCLUSIVE if statement == "drop" else LockMode.SHARE

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether it is unique on columns of ours, and no rest of an interrupted build."""
        built = item.facets.get("valid", "VALID") is not None
        return built and is_ours(item.relation, expected) and limits_ours(item, expected)

    def note(self, item: CatalogObject) -> str | None:
        """Say how to get rid of what an interrupted build left."""
        if item.facets.get("valid", "VALID"):
            return None
        return f"left by an interrupted build: DROP INDEX CONCURRENTLY {item.name}"
