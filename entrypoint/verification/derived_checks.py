"""Integrity checks that follow from the expected objects: a new table is checked without a new line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from entrypoint.catalog.kinds.constraint import is_not_valid
from entrypoint.catalog.objects import Catalog, CatalogObject
from entrypoint.postgres.connection import Connection
from entrypoint.postgres.identifiers import quoted
from entrypoint.postgres.queries import query

ORPHANS = "no_row_is_an_orphan"
SEQUENCES = "sequences_are_ahead_of_their_keys"
# Each with whether it reads whole tables.
NAMES = {
    "every_constraint_is_validated": False,
    "every_foreign_key_is_indexed": False,
    "every_function_pins_its_search_path": False,
    "every_index_is_valid": False,
    "every_table_has_a_primary_key": False,
    "every_trigger_is_enabled": False,
    ORPHANS: True,
    SEQUENCES: True,
}

DEEP = frozenset(name for name, reads_tables in NAMES.items() if reads_tables)

# The server writes identifiers in such a way that they can stand in a statement as they are.
_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\s",()]+)'
_LIST = rf"\(({_IDENTIFIER}(?:, {_IDENTIFIER})*)\)"
_FOREIGN_KEY = re.compile(rf"FOREIGN KEY {_LIST} REFERENCES ({_IDENTIFIER}){_LIST}")
_PRIMARY_KEY = re.compile(rf"PRIMARY KEY {_LIST}")


class DerivedCheck(NamedTuple):
    """A question whose rows are violations, with the values of its parameters."""

    name: str
    query: str
    values: tuple[list[str], ...] = ()


async def derive(connection: Connection, expected: Catalog, *, deep: bool) -> tuple[DerivedCheck, ...]:
    """Return the checks of what `expected` holds, never of what public merely holds, in name order.

    The `deep` ones read whole tables; one of them has to ask which sequences belong to the columns.
    """
    tables = _names(expected, "table")
    not_valid = [item.name for item in _of_kind(expected, "constraint") if is_not_valid(item)]
    functions = sorted({name.partition("(")[0] for name in _names(expected, "function")})
    values: dict[str, tuple[list[str], ...]] = {
        "every_constraint_is_validated": (tables, not_valid),
        "every_function_pins_its_search_path": (functions,),
        "every_trigger_is_enabled": (tables, _names(expected, "trigger")),
    }
    checks = [
        DerivedCheck(name=name, query=query(name), values=values.get(name, (tables,)))
        for name, reads_tables in NAMES.items()
        if not reads_tables
    ]
    if deep:
        checks += [check for check in (orphans(expected), await _sequences(connection, expected)) if check]
    return tuple(checks)


def orphans(expected: Catalog) -> DerivedCheck | None:
    """Return the question for rows without the row that they refer to, or None without a foreign key.

    A foreign key that the files say NOT VALID of is left out: it promises nothing about older rows.
    """
    parts = [
        part
        for item in _of_kind(expected, "constraint")
        if not is_not_valid(item) and (part := _orphans_of(item, expected))
    ]
    return DerivedCheck(name=ORPHANS, query="\nUNION ALL\n".join(parts)) if parts else None


def _orphans_of(item: CatalogObject, expected: Catalog) -> str | None:
    # A key WITHOUT OVERLAPS says PERIOD before its last column; equality is not what it asks for.
    found = _FOREIGN_KEY.match(item.facets["definition"] or "")
    if found is None or item.relation is None:
        return None
    own, referenced, others = found.groups()
    return _filled(
        query(ORPHANS),
        table_text=_text(item.relation),
        columns_text=_text(", ".join(_unquoted(name) for name in _split(own))),
        row_key=", ".join(f"child.{name}" for name in _primary_key(item.relation, expected)),
        table=quoted(item.relation),
        referenced=referenced,
        referenced_columns=", ".join(f"parent.{name}" for name in _split(others)),
        columns=", ".join(f"child.{name}" for name in _split(own)),
    )


def _primary_key(table: str, expected: Catalog) -> list[str]:
    """Return the quoted columns that name a row of `table`, or where it lies when it has no key."""
    for item in _of_kind(expected, "constraint"):
        found = _PRIMARY_KEY.match(item.facets["definition"] or "")
        if item.relation == table and found:
            return _split(found[1])
    return ["ctid"]


async def _sequences(connection: Connection, expected: Catalog) -> DerivedCheck | None:
    columns = list(_of_kind(expected, "column"))
    tables = [item.relation for item in columns]
    names = [item.name.removeprefix(f"{item.relation}.") for item in columns]
    rows = await connection.fetch(query("owned_sequences"), tables, names)
    parts = [
        _filled(
            query(SEQUENCES),
            sequence_text=_text(row["sequence_name"]),
            table=quoted(row["table_name"]),
            column=quoted(row["column_name"]),
            sequence=row["sequence"],
        )
        for row in rows
    ]
    return DerivedCheck(name=SEQUENCES, query="\nUNION ALL\n".join(parts)) if parts else None


def _filled(template: str, **parts: str) -> str:
    """Put the parts into the template in one go, so that no part is taken for a mark."""
    return re.sub(r"\$([a-z_]+)", lambda mark: parts[mark[1]], template)


def _of_kind(expected: Catalog, kind: str) -> Iterator[CatalogObject]:
    return (item for item in expected.values() if item.kind == kind)


def _names(expected: Catalog, kind: str) -> list[str]:
    return [item.name for item in _of_kind(expected, kind)]


def _split(identifiers: str) -> list[str]:
    return re.findall(_IDENTIFIER, identifiers)


def _unquoted(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier


def _text(value: str) -> str:
    """Return a string constant; names hold no backslash that the server would read."""
    return "'" + value.replace("'", "''") + "'"
