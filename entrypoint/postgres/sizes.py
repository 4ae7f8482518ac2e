"""How large the database is: read without a lock on any table, so that no session waits for it."""

from __future__ import annotations

from typing import NamedTuple

from entrypoint.postgres.connection import READ_ONLY, Connection, only_row, transaction
from entrypoint.postgres.queries import query


class TableSize(NamedTuple):
    """An estimate of the last VACUUM or ANALYZE, in rows and bytes; `rows` is None before the first."""

    name: str
    rows: int | None
    table_bytes: int
    index_bytes: int


class Sizes(NamedTuple):
    """Bytes on disk of the whole database, and of each table of public, the largest first."""

    database_bytes: int
    tables: tuple[TableSize, ...]


async def read(connection: Connection) -> Sizes:
    """Ask for the sizes in a transaction of its own."""
    async with transaction(connection, READ_ONLY):
        totals = await only_row(connection, query("database_totals"))
        tables = await connection.fetch(query("table_sizes"))
    return Sizes(database_bytes=totals["bytes"], tables=tuple(TableSize(**row) for row in tables))
