"""Refuse a server or a role that cannot do what is asked, before anything is changed."""

from __future__ import annotations

from entrypoint.errors import DatabaseIncompatible
from entrypoint.postgres.connection import Connection, Server, only_row
from entrypoint.postgres.obstacles import NotWritable
from entrypoint.postgres.queries import query

OLDEST_SERVER = 140000


def refuse_old_server(server: Server) -> None:
    """Raise DatabaseIncompatible for a server older than PostgreSQL 14."""
    if server.version < OLDEST_SERVER:
        raise DatabaseIncompatible(
            f"PostgreSQL {server.version_text} is older than 14",
            remedy="upgrade the server to PostgreSQL 14 or newer",
            server_version=server.version_text,
        )


def refuse_api_role(server: Server, api_role: str | None) -> None:
    """Raise DatabaseIncompatible when this connection is that of the API's own role."""
    if api_role is not None and server.role == api_role:
        raise DatabaseIncompatible(
            f"the entrypoint connected as {server.role}, which MORSE_API_ROLE says is the role of the API",
            remedy="set MORSE_ADMIN_DATABASE_URL to the URL of the owner, which COMMAND never gets; "
            "MORSE_API_ROLE names a role that owns nothing",
            role=server.role,
        )


async def require_writable(connection: Connection) -> None:
    """Raise NotWritable, which is worth a retry, on a standby and in a read-only transaction."""
    row = await only_row(connection, query("writable"))
    if row["in_recovery"]:
        raise NotWritable("the server is in recovery")
    if row["read_only"]:
        raise NotWritable("transactions are read-only here")


async def require_privileges(connection: Connection) -> None:
    """Raise DatabaseIncompatible with the GRANT statements that are missing."""
    row = await only_row(connection, query("privileges"))
    grants = []
    if not row["create_in_database"]:
        grants.append(f"GRANT CREATE ON DATABASE {row['database']} TO {row['role']};")
    if not row["create_in_public"]:
        grants.append(f"GRANT CREATE ON SCHEMA public TO {row['role']};")
    if grants:
        raise DatabaseIncompatible(
            "the role of the database URL may not create what is missing",
            remedy=f"as the owner of the database run: {' '.join(grants)}",
            grants=grants,
        )
