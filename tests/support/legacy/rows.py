"""Rows for databases of any older shape, with the awkward values that real ones hold."""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg

# By table, in an order in which each row finds those that it refers to. Among them: equal hashes, two
# configurations of one device, equal recording orders, unknown words, claims that contradict a status,
# NULL wherever a column allows it, devices that are no uuid, invite codes that differ in case only.
_ROWS = Path(__file__).with_name("rows.json")

# What a shape cannot hold: a fraction in an integer column, NULL in a column that refuses it.
_CANNOT_HOLD = (asyncpg.InvalidTextRepresentationError, asyncpg.NotNullViolationError)

_COLUMNS = """
SELECT t.relname, array_agg(a.attname::text) AS columns
FROM pg_class AS t
JOIN pg_attribute AS a ON t.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
GROUP BY t.relname
"""


async def fill(connection: asyncpg.Connection) -> None:
    """Insert into every table the rows that its shape can hold, in the columns that it has."""
    tables = {row["relname"]: row["columns"] for row in await connection.fetch(_COLUMNS)}
    for table, rows in json.loads(_ROWS.read_text()).items():
        for row in rows if table in tables else ():
            values = {name: value for name, value in row.items() if name in tables[table]}
            names = ", ".join(values)
            insert = (
                f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, $1)"
            )
            try:
                async with connection.transaction():
                    await connection.execute(insert, json.dumps(values))
            except _CANNOT_HOLD:
                continue
