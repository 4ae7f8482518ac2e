"""The rows of a database as values, to be compared before and after an adoption."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

_COLUMNS = """
SELECT t.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, NULL) AS type
FROM pg_class AS t
JOIN pg_attribute AS a ON t.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
ORDER BY t.relname, a.attname
"""

Contents = Mapping[str, list[tuple[str | None, ...]]]
Columns = Mapping[str, tuple[str, ...]]


async def columns_of(connection: asyncpg.Connection) -> Columns:
    """Return the columns of every table, in order of name."""
    columns: dict[str, tuple[str, ...]] = {}
    for table, column, _ in await connection.fetch(_COLUMNS):
        columns[table] = (*columns.get(table, ()), column)
    return columns


async def contents_of(connection: asyncpg.Connection, columns: Columns) -> Contents:
    """Return the rows of every table by value, in the given columns, in no order that matters.

    Numbers are equal whatever scale their column has; of milliseconds only the whole ones count.
    """
    types = {(table, column): type_ for table, column, type_ in await connection.fetch(_COLUMNS)}
    found = {}
    for table, names in columns.items():
        values = ", ".join(f"({_value(table, name, types[table, name])})::text" for name in names)
        rows = await connection.fetch(f"SELECT {values} FROM {table}")
        found[table] = sorted((tuple(row) for row in rows), key=repr)
    return found


def _value(table: str, column: str, type_: str) -> str:
    if type_ != "numeric":
        return column
    if (table, column) == ("transcriptions", "processing_time_ms"):
        return f"round(nullif({column}, 'NaN'))"
    return f"trim_scale({column})"
