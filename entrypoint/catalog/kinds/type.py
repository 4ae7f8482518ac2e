"""Enums, domains, composite types and ranges."""

from __future__ import annotations

import re

from entrypoint.catalog.kinds.kind import Action, Kind
from entrypoint.catalog.objects import CatalogObject

_LABEL = re.compile(r"'(?:[^']|'')*'")


class Type(Kind):
    """An enum may gain labels; any other form is left to a person, because columns hold its values."""

    name = "type"
    plural = "types"
    rank = 10
    catalog = "pg_type"
    facets = ("definition", "default", "not_null")
    holds_parts = True
    marks_ours = True
    stands_alone = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Add the labels that an enum lacks; change the default and NOT NULL of a domain."""
        if facets == ["definition"]:
            return _added_labels(item, actual)
        return [] if "definition" in facets else [self.action(item, facet) for facet in facets]


def _added_labels(item: CatalogObject, actual: CatalogObject) -> list[Action]:
    expected, found = (re.findall(_LABEL, one.facets["definition"] or "") for one in (item, actual))
    if not (item.definition.startswith("ENUM") and actual.definition.startswith("ENUM")):
        return []
    if not found or found != [label for label in expected if label in found]:
        return []
    added = []
    for at, label in enumerate(expected):
        if label not in found:
            following = next((later for later in expected[at:] if later in found), None)
            place = f" BEFORE {following}" if following else ""
            added.append(Action(item, f"{item.statements['add_label']}{label}{place}"))
    return added
