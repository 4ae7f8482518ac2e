"""Primary keys, unique constraints, checks, foreign keys and exclusions."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Constraint(Kind):
    """VALIDATE takes a weaker lock than making the constraint anew, so it is preferred."""

    name = "constraint"
    plural = "constraints"
    rank = 70
    facets = ("definition", "validated", "enforced")
    counted = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Validate what is only not validated; replace the rest in one statement."""
        return [self.action(item, "validated" if facets == ["validated"] else "replace")]

    def lock_of(self, item: CatalogObject, statement: str) -> LockMode:
        """Only what drops or checks a table's own rows has to keep readers out."""
        if statement == "validated":
            return LockMode.SHARE_UPDATE_EXCLUSIVE
        if statement == "create" and item.references:
            return LockMode.SHARE_ROW_EXCLUSIVE
        return LockMode.ACCESS_EXCLUSIVE

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether it limits our columns; a CHECK that names none refuses rows all the same."""
        return is_ours(item.relation, expected) and (not item.columns or limits_ours(item, expected))


def limits_ours(item: CatalogObject, expected: Catalog) -> bool:
    """Return whether the object limits what a column of ours may hold."""
    return any(("column", f"{item.relation}.{column}") in expected for column in item.columns)
