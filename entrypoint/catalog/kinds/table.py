"""Tables, without their columns and whatever else belongs to them."""

from __future__ import annotations

import re

from entrypoint.catalog.kinds.kind import Action, Kind, Phase, is_ours
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.table_locks import LockMode

_SETTINGS = ("storage", "replica_identity")
_PARENTS = re.compile(r"INHERITS \((.*)\)|PARTITION OF (.*?) (?:FOR VALUES.*|DEFAULT)", re.DOTALL)


class Table(Kind):
    """A table of another form is left to a person: its rows would have to go to another place."""

    name = "table"
    plural = "tables"
    rank = 20
    catalog = "pg_class"
    facets = ("definition", "of_type", "parents", "partition", "partition_key", "replica_identity")
    tuned = frozenset({"replica_identity"})
    lock = LockMode.ACCESS_EXCLUSIVE
    holds_parts = True
    marks_ours = True
    stands_alone = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return CREATE, and the settings that have no place in it."""
        if "create" not in item.statements:
            return []
        told = [name for name in _SETTINGS if name in item.statements and item.facets.get(name, name)]
        return [self._locked(item, name) for name in ("create", *told)]

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Return what changes the replica identity, and nothing for another form."""
        return [self._locked(item, facet) for facet in facets] if self.tuned.issuperset(facets) else []

    def _locked(self, item: CatalogObject, statement: str) -> Action:
        locked = [item.name, *parents(item)]
        return self.action(item, statement)._replace(locks=tuple((name, self.lock) for name in locked))

    def phase_of(self, statement: str) -> Phase:
        """Return the later phase for what may need an index."""
        return Phase.SETTINGS if statement in _SETTINGS else super().phase_of(statement)

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether it inherits from a table of ours, whose queries then read its rows too."""
        return any(is_ours(name, expected) for name in parents(item))

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return that it has to be there."""
        return ("table",)


def parents(item: CatalogObject) -> list[str]:
    """Return the names of the tables that the table inherits from or is a partition of."""
    text = item.facets.get("parents") or item.facets.get("partition") or ""
    found = re.fullmatch(_PARENTS, text)
    names = (found[1] or found[2] or "").split(", ") if found else []
    return [name.strip('"').replace('""', '"') for name in names]
