"""Whether a server and the role that connected to it will do at all."""

from __future__ import annotations

from entrypoint.errors import DatabaseIncompatible
from entrypoint.postgres.connection import Server

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
