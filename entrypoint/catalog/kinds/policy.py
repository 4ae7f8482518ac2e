"""Policies of row security."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Policy(Kind):
    """It hides rows of its table, or refuses them; roles, command and expressions are its definition."""

    name = "policy"
    plural = "policies"
    rank = 110
    catalog = "pg_policy"
    lock = LockMode.ACCESS_EXCLUSIVE
    harmful = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Make it anew: ALTER POLICY cannot change the command."""
        return None
