"""The integrity checks of the product, as tests run them."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.support.database import SQL

CHECKS = {path.stem: path for path in sorted((SQL / "verify").glob("*.sql"))}
DEEP = "-- entrypoint: deep"


async def violations(connection: asyncpg.Connection, name: str) -> list[dict[str, Any]]:
    """Return the rows of a check, run with the search_path that the entrypoint sets."""
    await connection.execute("SET search_path = public, pg_temp")
    return [dict(row) for row in await connection.fetch(CHECKS[name].read_text())]
