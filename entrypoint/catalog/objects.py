"""The live catalog of one schema: every object with its definition, and one fingerprint over all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

from entrypoint.catalog.composed import read_catalog
from entrypoint.postgres.connection import ALONE, Connection, rolled_back

Key = tuple[str, str]

# What the definition says too; kept apart because an older API depends on just these.
_IMPLIED = frozenset({"arguments", "result", "columns"})
_DEFAULTS = {"enabled": "enabled"}
# What is said of an object that has not the facet, which most have.
_LACKING = {
    "validated": "NOT VALID",
    "enforced": "NOT ENFORCED (its triggers are disabled)",
    "valid": "INVALID",
}
# Shown, and never compared.
_ONLY_SHOWN = frozenset({"version"})
_READ_TRIES = 3
# More than a table can have; `position` in catalog.sql is made with it.
_COLUMNS = 2048


class CatalogObject(NamedTuple):
    """One object. `facets` are compared by name; `statements` restore it ("create", "drop", facets).

    `relation` is the table it belongs to, `columns` the columns of a constraint or an index, and
    `references` the other table of a foreign key. `note` says what is odd about a live one.
    """

    kind: str
    name: str
    relation: str | None
    facets: Mapping[str, str | None]
    statements: Mapping[str, str]
    columns: tuple[str, ...] = ()
    references: str | None = None
    position: int = 0
    note: str | None = None

    @property
    def key(self) -> Key:
        """What identifies the object within its schema."""
        return self.kind, self.name

    @property
    def address(self) -> tuple[int, int]:
        """The oid of the object, or of the table whose column it is, and the number of the column."""
        return divmod(self.position, _COLUMNS)

    @property
    def definition(self) -> str:
        """The object in one readable text."""
        shown = (
            _LACKING[facet] if value is None else value
            for facet, value in self.facets.items()
            if facet not in _IMPLIED
            and (value is None or value != _DEFAULTS.get(facet))
            and (value is None) == (facet in _LACKING)
        )
        return " ".join(shown)

    def changed_facets(self, actual: CatalogObject) -> list[str]:
        """Return the names of the facets in which `actual` is not as expected here."""
        compared = (item for item in self.facets.items() if item[0] not in _ONLY_SHOWN)
        return [name for name, value in compared if actual.facets.get(name) != value]


Catalog = Mapping[Key, CatalogObject]


def holds(catalog: Catalog, item: CatalogObject) -> bool:
    """Return whether `item` is in `catalog`, and as it is defined here."""
    return item.key in catalog and not item.changed_facets(catalog[item.key])


def without(catalog: Catalog, indexes: frozenset[str]) -> Catalog:
    """Return `catalog` without these indexes and their comments."""
    gone = {("index", name) for name in indexes} | {("comment", f"index {name}") for name in indexes}
    return {key: item for key, item in catalog.items() if key not in gone}


def names(catalog: Catalog) -> list[str]:
    """Return the name of every object that does not belong to a table or a view."""
    return [item.name for item in catalog.values() if item.relation is None]


async def read(connection: Connection, schema: str, behind: str = ALONE) -> Catalog:
    """Read `schema` in the current transaction, in which STABLE_TEXT must be set.

    No name is looked for in `schema`, but none of those written is qualified with it, nor with those that
    `behind` puts into the path after it. Concurrent DDL of others can make a look-up fail (XX000); the read
    is then repeated at once.
    """
    for attempt in range(1, _READ_TRIES + 1):
        try:
            async with rolled_back(connection, "catalog_read"):
                rows = await connection.fetch(read_catalog(), schema, behind)
        except asyncpg.InternalServerError:
            if attempt == _READ_TRIES:
                raise
        else:
            return {item.key: item for item in map(_object, rows)}
    raise AssertionError("the loop returns or raises")


def _object(row: asyncpg.Record) -> CatalogObject:
    return CatalogObject(
        kind=row["kind"],
        name=row["name"],
        relation=row["relation"],
        facets=json.loads(row["facets"]),
        statements={name: text for name, text in json.loads(row["statements"]).items() if text},
        columns=tuple(row["columns"] or ()),
        references=row["references"],
        position=row["position"],
    )


def to_json(catalog: Catalog) -> str:
    """Write what a later comparison needs, without the statements."""
    return json.dumps(
        [
            [item.kind, item.name, item.relation, dict(item.facets), list(item.columns)]
            for item in catalog.values()
        ]
    )


def from_json(text: str) -> Catalog:
    """Read what `to_json` wrote."""
    items = (
        CatalogObject(
            kind=kind,
            name=name,
            relation=relation,
            facets=facets,
            statements={},
            columns=tuple(columns),
        )
        for kind, name, relation, facets, columns in json.loads(text)
    )
    return {item.key: item for item in items}
