"""The integrity checks of the product, as tests run them."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrypoint.postgres.connection import READ_CATALOG, SAFE_PATH
from tests.support.database import SQL

CHECKS = {path.stem: path for path in sorted((SQL / "verify").glob("*.sql"))}
DEEP = "-- entrypoint: deep"


async def violations(connection: asyncpg.Connection, name: str) -> list[dict[str, Any]]:
    """Return the rows of a check, run with the settings with which the entrypoint runs it."""
    nested = connection.is_in_transaction()
    await connection.execute("SAVEPOINT checked" if nested else READ_CATALOG)
    await connection.execute(SAFE_PATH)
    try:
        return [dict(row) for row in await connection.fetch(CHECKS[name].read_text())]
    finally:
        await connection.execute("ROLLBACK TO SAVEPOINT checked" if nested else "ROLLBACK")
