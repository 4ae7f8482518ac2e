"""Columns of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from entrypoint.catalog.kinds.kind import Action, Kind, Phase, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode

# In the order in which they are changed: identity needs NOT NULL, and a column without a default.
_IN_PLACE = ("type", "default", "not_null", "identity", "storage", "compression")
_FACETS: Mapping[str, tuple[str, Callable[[str | None], str]]] = {
    "type": ("alter", lambda value: f"TYPE {value}"),
    "not_null": ("alter", lambda value: f"SET {value}" if value else "DROP NOT NULL"),
    # A child may have its own, which those of its parent must not change.
    "default": ("alter_only", lambda value: f"SET {value}" if value else "DROP DEFAULT"),
    "storage": ("alter_only", lambda value: f"SET {value}"),
    "compression": ("alter_only", lambda value: f"SET {value}"),
}
_TEXTS = re.compile(r"character varying(?:\((\d+)\))?( COLLATE .*)?|text( COLLATE .*)?")
_NUMERIC = re.compile(r"numeric(?:\((\d+),(-?\d+)\))?")


class Column(Kind):
    """A wider type changes in place; any other one is left to a person."""

    name = "column"
    plural = "columns"
    rank = 30
    catalog = "pg_class"
    facets = (
        *("type", "identity", "generated", "default", "not_null"),
        *("storage", "compression", "inherited"),
    )
    tuned = frozenset({"storage", "compression"})
    lock = LockMode.ACCESS_EXCLUSIVE
    made_with_table = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return ADD COLUMN, and the settings that have no place in it."""
        told = [facet for facet in ("storage", "compression") if item.facets.get(facet)]
        return [self.action(item, name) for name in ("create", *told)] if "create" in item.statements else []

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Return a statement for each facet, or nothing when one of them has none."""
        if "type" in facets and not widens(actual.facets["type"] or "", item.facets["type"] or ""):
            return []
        if any(facet not in _IN_PLACE for facet in facets):
            return []
        if "type" in facets and item.facets["default"]:
            # Kept with the old type in it, and written as the new one has it.
            facets = [*facets, "default"] if "default" not in facets else facets
        given_up = facets if item.facets["identity"] is None else []
        order = ["identity", *_IN_PLACE] if "identity" in given_up else [*_IN_PLACE]
        chosen = [facet for facet in dict.fromkeys(order) if facet in facets]
        return [action for facet in chosen for action in self._alter(item, actual, facet)]

    def action(self, item: CatalogObject, statement: str) -> Action:
        """Return one of the statements of `item`; that of a facet is made of what all of them begin with."""
        if statement in _FACETS:
            begun, changed = _FACETS[statement]
            item = item._replace(
                statements={statement: item.statements[begun] + changed(item.facets[statement])}
            )
        return super().action(item, statement)

    def _alter(self, item: CatalogObject, actual: CatalogObject, facet: str) -> list[Action]:
        if facet == "not_null" and item.facets["not_null"] is None:
            # A primary key that is to go needs it until then.
            return [self.action(item, facet)._replace(phase=Phase.SETTINGS)]
        if facet != "identity":
            return [self.action(item, facet)]
        if item.facets["identity"] is None:
            return [self.action(actual, "drop_identity")._replace(item=item)]
        if actual.facets["identity"] is None:
            return [self.action(item, "add_identity"), self.action(item, "continue")]
        made = [self.action(item, "set_identity")]
        if item.statements["sequence"] != actual.statements["sequence"]:
            renamed = actual.statements["rename_sequence"] + item.statements["sequence"]
            made.append(self.action(item, "set_identity")._replace(statement=renamed))
        return made

    def to_restore(self, item: CatalogObject, facets: list[str]) -> list[str]:
        """Leave the type of an inherited column to its parent; its default is written anew with it."""
        facets = super().to_restore(item, facets)
        if not item.facets.get("inherited") or "type" not in facets:
            return facets
        rest = [facet for facet in facets if facet not in ("type", "default")]
        return [*rest, "default"] if item.facets["default"] else rest

    def removes(self, item: CatalogObject, facets: list[str]) -> bool:
        """Return whether the type changes, which a view on the column does not allow."""
        return "type" in facets

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


def widens(before: str, after: str) -> bool:
    """Return whether a value of one type is the same one of the other, so that no row is written."""
    if texts := [re.fullmatch(_TEXTS, name) for name in (before, after)]:
        one, other = texts
        if one and other and (one[2] or one[3]) == (other[2] or other[3]):
            longer = other[1] is None or (one[1] is not None and int(one[1]) < int(other[1]))
            return not before.startswith("text") and longer
    one, other = (re.fullmatch(_NUMERIC, name) for name in (before, after))
    if one and other and one[1]:
        return other[1] is None or (one[2] == other[2] and int(one[1]) < int(other[1]))
    return False
