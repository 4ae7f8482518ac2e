"""Tables, without their columns and whatever else belongs to them."""

from __future__ import annotations

import re

from entrypoint.catalog.kinds.kind import Action, Kind, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject


class Table(Kind):
    """A table of another form is left to a person."""

    name = "table"
    plural = "tables"
    rank = 20
    holds_parts = True
    marks_ours = True
    stands_alone = True

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Leave it: its rows would have to go to another place."""
        return []

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether it inherits from a table of ours, whose queries then read its rows too."""
        parents = re.findall(r"INHERITS \((.*)\)", item.definition)
        return any(is_ours(name, expected) for names in parents for name in names.split(", "))

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return that it has to be there."""
        return ("table",)
