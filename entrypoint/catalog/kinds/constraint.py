"""Primary keys, unique constraints, checks, foreign keys and exclusions."""

from __future__ import annotations

from entrypoint.catalog.difference import Severity
from entrypoint.catalog.kinds.kind import Action, Kind, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Constraint(Kind):
    """VALIDATE takes a weaker lock than making the constraint anew, so it is preferred."""

    name = "constraint"
    plural = "constraints"
    rank = 70
    catalog = "pg_constraint"
    facets = ("definition", "validated", "enforced", "inherited")
    counted = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Validate what is only not validated; replace the rest in one statement, that of a domain in two."""
        if facets == ["validated"]:
            return [self.action(item, "validated")]
        if "inherited" in facets or item.facets.get("inherited"):
            return []
        return [self.action(item, "replace")] if "replace" in item.statements else None

    def to_restore(self, item: CatalogObject, facets: list[str]) -> list[str]:
        """Leave a constraint validated that `sql/` would take unvalidated."""
        return [] if _only_stricter(item, facets) else facets

    def severity_of(self, item: CatalogObject, facets: list[str]) -> Severity:
        """Return a warning for a constraint that was validated since."""
        return "warning" if _only_stricter(item, facets) else self.severity

    def removes(self, item: CatalogObject, facets: list[str]) -> bool:
        """Return whether it is replaced, which a foreign key to it does not allow."""
        return facets != ["validated"]

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


def is_not_valid(item: CatalogObject) -> bool:
    """Return whether the constraint says nothing about rows that were there before it."""
    return item.facets["validated"] is None


def limits_ours(item: CatalogObject, expected: Catalog) -> bool:
    """Return whether the object limits what a column of ours may hold."""
    return any(("column", f"{item.relation}.{column}") in expected for column in item.columns)


def _only_stricter(item: CatalogObject, facets: list[str]) -> bool:
    return facets == ["validated"] and item.facets["validated"] is None
