"""One fingerprint over the live catalog: when it is as recorded, nothing has to be compared."""

from __future__ import annotations

from entrypoint.postgres.connection import Connection
from entrypoint.postgres.queries import query

# A digest of the queries by which catalogs are read: what another method recorded proves nothing to this one.
# A constant, because a start that finds nothing to do needs none of those queries; a test keeps it true.
METHOD = "ef7a00cc2b42243a"


async def read(connection: Connection, api_role: str | None = None) -> str:
    """Return the fingerprint of schema public; equal fingerprints mean equal catalogs.

    With `api_role` they also mean that it is the same role, and that it may do the same.
    """
    return str(await connection.fetchval(*question(api_role)))


def question(api_role: str | None) -> tuple[str, ...]:
    """Return the question for the fingerprint and its values, to be asked alone or within another one."""
    if api_role is None:
        return query("fingerprint").replace("$grants", ""), "public"
    return query("fingerprint").replace("$grants", query("grants_in_fingerprint")), "public", api_role
