"""One fingerprint over the live catalog: when it is as recorded, nothing has to be compared."""

from __future__ import annotations

from collections.abc import Iterable

from entrypoint.postgres.connection import Connection
from entrypoint.postgres.queries import query

# A digest of the queries by which catalogs are read: what another method recorded proves nothing to this one.
# A constant, because a start that finds nothing to do needs none of those queries; a test keeps it true.
METHOD = "6c4e4c6dd81e650f"

# What others were granted on objects that are not ours is neither compared nor a part of the fingerprint.
_OURS = {
    "$relations": " AND c.oid = ANY((SELECT relations FROM ours)::oid[])",
    "$functions": " AND p.oid = ANY((SELECT functions FROM ours)::oid[])",
}


async def read(connection: Connection, names: Iterable[str], api_role: str | None = None) -> str:
    """Return the fingerprint of schema public, in which `names` are ours.

    Equal fingerprints of the same names mean that ours are defined alike, and that no relation, routine or
    type of others came or went; with `api_role` also that it is the same role, and that it may do the same.
    """
    text, *values = question(api_role, f"${3 if api_role is not None else 2}::text[]")
    return str(await connection.fetchval(text, *values, list(names)))


def question(api_role: str | None, names: str) -> tuple[str, ...]:
    """Return the question for the fingerprint and its values, to be asked alone or within another one.

    `names` is SQL that gives an array of names.
    """
    grants = ""
    if api_role is not None:
        grants = query("grants_in_fingerprint")
        for token, limit in _OURS.items():
            grants = grants.replace(token, limit)
    text = query("fingerprint").replace("$names", names).replace("$grants", grants)
    return (text, "public") if api_role is None else (text, "public", api_role)
