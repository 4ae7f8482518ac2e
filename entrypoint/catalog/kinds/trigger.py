"""Triggers, except those that carry out foreign keys."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.errors import ExitCode
from entrypoint.postgres.table_locks import LockMode


class Trigger(Kind):
    """CREATE OR REPLACE makes an enabled trigger, whatever the old one was."""

    name = "trigger"
    plural = "triggers"
    rank = 90
    catalog = "pg_trigger"
    facets = ("definition", "enabled", "inherited")
    exit_code = ExitCode.ROUTINES
    lock = LockMode.SHARE_ROW_EXCLUSIVE
    harmful = True
    counted = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return CREATE, and what switches the trigger as it should be."""
        if "create" not in item.statements:
            return []
        switched = ["enabled"] if item.facets["enabled"] != "enabled" else []
        return [self.action(item, name) for name in ("create", *switched)]

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Switch it, or replace it."""
        if facets == ["enabled"]:
            return [self.action(item, "enabled")]
        # CREATE OR REPLACE knows no constraint trigger.
        replaced = "CREATE CONSTRAINT" not in item.statements.get("create", "")[:20]
        return self.create(item) if replaced or "inherited" in facets else None
