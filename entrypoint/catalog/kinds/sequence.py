"""Sequences, except those of identity columns."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Action, Kind, Phase
from entrypoint.catalog.objects import CatalogObject


class Sequence(Kind):
    """A sequence made anew continues behind the keys that its table already holds."""

    name = "sequence"
    plural = "sequences"
    rank = 40
    catalog = "pg_class"
    facets = ("definition", "owned_by", "persistence")
    marks_ours = True
    stands_alone = True
    counted = True

    def create(self, item: CatalogObject) -> list[Action]:
        """Return CREATE, and what needs the table that owns the sequence."""
        made = ("create", "owned_by", "continue")
        return [self.action(item, name) for name in made if name in item.statements]

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Return a statement for each facet."""
        return [self.action(item, facet) for facet in facets]

    def phase_of(self, statement: str) -> Phase:
        """Default values need the sequence before the table is there, the rest needs the table."""
        return Phase.SETTINGS if statement in ("owned_by", "continue") else super().phase_of(statement)
