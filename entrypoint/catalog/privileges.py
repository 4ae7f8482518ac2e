"""What the API's own role may do: expected for each object of `sql/`, held by the live catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from entrypoint.catalog import foreign
from entrypoint.catalog import objects as catalog
from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.errors import DatabaseIncompatible
from entrypoint.output.plain import first_of
from entrypoint.postgres.connection import ALONE, Connection, only_row, rolled_back
from entrypoint.postgres.queries import query

GRANT = "grant"
_RELATIONS = frozenset({"table", "view", "materialized view"})


class Held(NamedTuple):
    """One privilege that the role has, itself or as everybody does; `grantee` says which.

    `target` is the kind and the name of the object, None for a power that no object gives. What is
    `needless` no API needs, whatever the files say.
    """

    target: str | None
    relation: str | None
    privilege: str
    grantee: str
    needless: bool


async def expected(connection: Connection, role: str | None, objects: Catalog) -> Catalog:
    """Return `objects` with what `role` needs of each of them, or as they are without a role."""
    if role is None:
        return objects
    kinds, names = [kind for kind, _ in objects], [name for _, name in objects]
    rows = await connection.fetch(query("needed_grants"), role, kinds, names)
    needed = (
        CatalogObject(
            kind=GRANT,
            name=f"{row['of_kind']} {row['of_name']}",
            relation=_relation(objects.get((row["of_kind"], row["of_name"]))),
            facets={"privileges": row["privileges"]},
            statements={"create": row["statement"]},
        )
        for row in rows
    )
    return {**objects, **{item.key: item for item in needed}}


def _relation(item: CatalogObject | None) -> str | None:
    """Return the table or view with which the grant on `item` goes."""
    if item is None:
        return None
    return item.name if item.kind in _RELATIONS else item.relation


def without_grants(objects: Catalog) -> Catalog:
    """Return what the files stand for, whoever the API is."""
    return {key: item for key, item in objects.items() if item.kind != GRANT}


def only_grants(objects: Catalog) -> Catalog:
    """Return what a role needs, without the objects themselves."""
    return {key: item for key, item in objects.items() if item.kind == GRANT}


async def read(connection: Connection, role: str | None, expected: Catalog) -> Catalog:
    """Read schema public in the current transaction, with what `role` holds of what is expected.

    Raises DatabaseIncompatible when there is no such role, or when it is no other than the owner.
    """
    objects = await foreign.marked(connection, await catalog.read(connection, "public"), expected)
    if role is None:
        return objects
    await _require_role(connection, role, expected)
    whole = query("read_grants").replace("$relations", "").replace("$functions", "")
    async with rolled_back(connection, "grants_read"):
        rows = await connection.fetch(whole, "public", role, ALONE)
    return {**objects, **compared(expected, [Held(**row) for row in rows])}


def compared(expected: Catalog, held: Iterable[Held]) -> Catalog:
    """Return `held` as it is compared: a row for each object with what is needed of it, a row for any other.

    What somebody granted on objects that the files do not know is left out.
    """
    by_target: defaultdict[str | None, list[Held]] = defaultdict(list)
    for item in held:
        by_target[item.target].append(item)
    found: dict[Key, CatalogObject] = {}
    for target, items in by_target.items():
        wanted = expected.get((GRANT, target)) if target else None
        needed = wanted.facets["privileges"].split(", ") if wanted and wanted.facets["privileges"] else []
        has = {item.privilege for item in items}
        if wanted and has.intersection(needed):
            facets = {"privileges": ", ".join(name for name in needed if name in has)}
            row = CatalogObject(
                kind=GRANT, name=wanted.name, relation=wanted.relation, facets=facets, statements={}
            )
            found[row.key] = row
        # A privilege on one column is less than the same one on the table.
        beyond = (item for item in items if item.privilege.partition(" (")[0] not in needed)
        found |= {row.key: row for row in (_beyond(item) for item in beyond if wanted or item.needless)}
    return found


def _beyond(item: Held) -> CatalogObject:
    name = f"{item.privilege} on {item.target}" if item.target else item.privilege
    facets = {"granted": f"to {item.grantee}"}
    return CatalogObject(kind=GRANT, name=name, relation=item.relation, facets=facets, statements={})


async def _require_role(connection: Connection, role: str, expected: Catalog) -> None:
    names = [name.partition("(")[0] for _, name in expected]
    row = await only_row(connection, query("api_role"), role, names)
    quoted = row["role"]
    if not row["present"]:
        create = f"CREATE ROLE {quoted} LOGIN PASSWORD '<a password of its own>';"
        raise DatabaseIncompatible(
            f"MORSE_API_ROLE names the role {quoted}, which does not exist",
            remedy=f"as a role that may create roles run: {create} Then give the API a DATABASE_URL with it",
            statements=[create],
        )
    if owned := row["owned"]:
        raise DatabaseIncompatible(
            f"MORSE_API_ROLE names the role {quoted}, which is no least-privileged role: "
            f"it owns {first_of(owned, brackets=False)}",
            remedy="create a role of its own for the API, name that one, and keep the owner for "
            "MORSE_ADMIN_DATABASE_URL; or leave MORSE_API_ROLE out",
            owned=owned,
        )


async def require_grantable(connection: Connection, grants: Iterable[tuple[str, str]]) -> None:
    """Raise DatabaseIncompatible when the role may not run one of `grants`, pairs of target and statement.

    Objects of ours the owner may grant; schema and database can belong to somebody else.
    """
    row = await only_row(connection, query("grantable"))
    refused = [
        f"{statement};"
        for target, statement in grants
        if target.partition(" ")[0] in ("schema", "database") and not row[target.partition(" ")[0]]
    ]
    if refused:
        raise DatabaseIncompatible(
            "the role of the database URL may not grant what the API's role needs",
            remedy=f"as the owner of the database or as a superuser run: {' '.join(refused)}",
            grants=refused,
        )


async def require_ownership(connection: Connection, expected: Catalog) -> None:
    """Raise DatabaseIncompatible when objects of ours belong to a role that ours is no member of."""
    relations = [item.name for item in expected.values() if item.kind in ("table", "view", "sequence")]
    functions = [item.name for item in expected.values() if item.kind == "function"]
    async with rolled_back(connection, "ownership"):
        rows = await connection.fetch(query("foreign_owners"), "public", ALONE, relations, functions)
    if not rows:
        return
    names = [f"{row['kind']} {row['name']} (owner {row['owner']})" for row in rows]
    role = rows[0]["role"]
    grants = sorted({f"GRANT {row['owner']} TO {role};" for row in rows})
    raise DatabaseIncompatible(
        f"the role of the database URL does not own {first_of(names, brackets=False)}",
        remedy=f"as a superuser or the owner run: {' '.join(grants)}",
        objects=names,
        grants=grants,
    )
