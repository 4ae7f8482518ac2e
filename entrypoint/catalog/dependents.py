"""What depends on an object, and is in the way when that is made anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, Key
from entrypoint.postgres.connection import Connection
from entrypoint.postgres.queries import query


class Dependent(NamedTuple):
    """Something that depends on an object; `key` is None for what no catalog of the schema holds."""

    key: Key | None
    text: str


Dependents = Mapping[Key, Sequence[Dependent]]


async def read(connection: Connection, actual: Catalog) -> Dependents:
    """Read what depends on each object of `actual`, which was read in the current transaction."""
    items = [item for item in actual.values() if item.position and kind_of(item.kind).catalog]
    rows = await connection.fetch(
        query("dependents"),
        [kind_of(item.kind).catalog for item in items],
        [item.address[0] for item in items],
        [item.address[1] for item in items],
        [item.kind for item in items],
        [item.name for item in items],
    )
    found: defaultdict[Key, list[Dependent]] = defaultdict(list)
    for row in rows:
        kind, name = row["dependent_kind"], row["dependent_name"]
        dependent = Dependent((kind, name), f"{kind} {name}") if kind else Dependent(None, row["description"])
        found[row["kind"], row["name"]].append(dependent)
    return found
