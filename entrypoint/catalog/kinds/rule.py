"""Rules that somebody wrote; that of a view is the view."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Rule(Kind):
    """It rewrites statements about its table or view."""

    name = "rule"
    plural = "rules"
    rank = 100
    catalog = "pg_rewrite"
    facets = ("definition", "enabled")
    lock = LockMode.ACCESS_EXCLUSIVE
    harmful = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return CREATE, and what switches the rule as it should be."""
        switched = ["enabled"] if item.facets["enabled"] != "enabled" else []
        return [self.action(item, name) for name in ("create", *switched)]

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Switch it, or replace it."""
        return [self.action(item, "enabled")] if facets == ["enabled"] else self.create(item)
