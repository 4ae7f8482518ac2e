"""What somebody else put into public: never called by us, refused where our own files could call it."""

from __future__ import annotations

from collections import defaultdict

from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.errors import DatabaseIncompatible
from entrypoint.output.plain import first_of
from entrypoint.postgres.connection import ALONE, Connection, rolled_back
from entrypoint.postgres.queries import query

_SHOWN = 8


async def marked(connection: Connection, actual: Catalog, expected: Catalog) -> Catalog:
    """Return `actual` with every object marked that needs something which is neither ours nor the server's.

    Its text may be what is expected: a name in it was found in public when the statement was parsed. What
    is marked is equal to nothing, and its note names what it needs, and whose that is.
    """
    async with rolled_back(connection, "foreign_dependencies"):
        rows = await connection.fetch(query("foreign_dependencies"), "public", ALONE)
    found: defaultdict[Key, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if (row["needed_kind"], row["needed_name"]) not in expected:
            note = f"depends on {row['needed']}, which belongs to {row['owner']}"
            found[row["kind"], row["name"]].setdefault(row["facet"], note)
    return {**actual, **{key: _marked(actual, key, notes) for key, notes in found.items() if key in actual}}


def _marked(actual: Catalog, key: Key, notes: dict[str, str]) -> CatalogObject:
    item = actual[key]
    facets = {facet: f"{item.facets.get(facet) or ''} ({note})" for facet, note in notes.items()}
    return item._replace(facets={**item.facets, **facets}, note="; ".join(notes.values()))


async def refuse_namesakes(connection: Connection) -> None:
    """Raise DatabaseIncompatible where our files, which need public in their path, could call a namesake."""
    rows = await connection.fetch(query("namesakes"))
    if not rows:
        return
    objects = [f"{row['target']} of {row['owner']}" for row in rows]
    grantees = {name for row in rows for name in row["grantees"] or [row["owner"]]}
    statements = [f"REVOKE CREATE ON SCHEMA public FROM {name};" for name in sorted(grantees)]
    statements += [row["statement"] for row in rows]
    unsaid = len(statements) - _SHOWN
    raise DatabaseIncompatible(
        f"{first_of(objects, brackets=False)} could be called instead of PostgreSQL's own by what is to be "
        "applied here",
        remedy=f"as a superuser run: {' '.join(statements[:_SHOWN])}"
        + (f" and {unsaid} more, which `statements` lists" if unsaid > 0 else ""),
        objects=objects,
        statements=statements,
    )
