"""What an apply needs, asked before anything is changed, with the exact remedy for what is missing."""

from __future__ import annotations

from entrypoint.errors import DatabaseIncompatible
from entrypoint.postgres.connection import Connection, only_row
from entrypoint.postgres.obstacles import NotWritable
from entrypoint.postgres.queries import query


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
