"""Take stock of what the product owns in a database, which is all that a rollback may drop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from entrypoint.catalog import objects as catalog
from entrypoint.catalog.kinds.registry import KINDS, kind_of
from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.commands.rollback.inventory import Content
from entrypoint.deploy.plan import present
from entrypoint.errors import BackupFailed, DatabaseIncompatible
from entrypoint.ledger import entries, ledger
from entrypoint.ledger.ledger import Ledger
from entrypoint.output.plain import first_of
from entrypoint.postgres.connection import DAY_SECONDS, Connection, only_row
from entrypoint.postgres.identifiers import quoted
from entrypoint.postgres.queries import query

_LEDGER_TABLES = ("history", "migrations", "stamp")


class OwnedObjects(NamedTuple):
    """The objects that the newest start proved and that are still there, and the ledger that says so."""

    ledger: Ledger
    objects: Catalog

    def names(self, *kinds: str) -> frozenset[str]:
        """Return the names of the objects of these kinds."""
        return frozenset(name for kind, name in self.objects if kind in kinds)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables in name order, in which everybody locks them."""
        return tuple(sorted(self.names("table")))

    @property
    def views(self) -> tuple[str, ...]:
        """The views in name order."""
        return tuple(sorted(self.names("view")))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many objects beside the tables there are, by category."""
        counted = Counter(kind for kind, _ in self.objects)
        return {
            kind.plural: counted[kind.name] for kind in KINDS.values() if kind.counted and counted[kind.name]
        }


async def read_owned(connection: Connection) -> OwnedObjects | None:
    """Return what the product owns, read in the current transaction, or None where no start was recorded.

    The record counts, not the names in the files: a table of the same name may be somebody else's.
    """
    found = await ledger.read(connection)
    recorded = await entries.owned(connection) if found and found.release else None
    if found is None or recorded is None:
        return None
    actual = await catalog.read(connection, "public")
    owned = {key: item for key, item in actual.items() if key in recorded and item.kind != "extension"}
    return OwnedObjects(ledger=found, objects=owned)


def refuse_unrecorded(expected: Catalog, actual: Catalog) -> None:
    """Raise DatabaseIncompatible where objects have our names, but no ledger says that they are ours."""
    names = present(expected, actual)
    if not names:
        return
    raise DatabaseIncompatible(
        f"no ledger says that {first_of(names, brackets=False)} belong to the product; nothing was dropped",
        remedy="if they do, run `morse-entrypoint --init-only`, which adopts and records them, then roll "
        "back; if not, connect to another database",
        objects=names,
    )


async def refuse_dependents(connection: Connection, stock: OwnedObjects) -> None:
    """Raise DatabaseIncompatible for what of others would fall with our tables without a word."""
    rows = await connection.fetch(query("fallen_along"), list(stock.tables))
    if not rows:
        return
    names = [row["name"] for row in rows]
    raise DatabaseIncompatible(
        f"objects of others depend on ours: {', '.join(names)}; nothing was dropped",
        remedy=f"as their owner run: {'; '.join(row['statement'] for row in rows)}; then roll back again",
        objects=names,
    )


def refuse_switched_off(stock: OwnedObjects) -> None:
    """Raise BackupFailed where rows may contradict a foreign key, which a restore would not switch off."""
    names = sorted(name for (_, name), item in stock.objects.items() if _is_switched_off(item))
    if names:
        raise BackupFailed(
            f"the triggers of constraint {names[0]} are disabled: a backup of rows that contradict it could "
            "not be restored; nothing was dropped",
            remedy="as a superuser run ALTER TABLE ... ENABLE TRIGGER ALL for the tables of the constraint, "
            "and correct what `morse-entrypoint verify --deep` then finds",
            objects=names,
        )


def _is_switched_off(item: CatalogObject) -> bool:
    return "enforced" in item.facets and item.facets["enforced"] is None


def unowned(before: Catalog, after: Catalog, stock: OwnedObjects) -> list[Key]:
    """Return what the file dropped although it neither was ours nor hung on a table of ours."""
    ours = stock.names("table")
    gone = (item for key, item in before.items() if key not in after and key not in stock.objects)
    return sorted(item.key for item in gone if kind_of(item.kind).stands_alone and item.relation not in ours)


async def content(connection: Connection, table: str) -> Content:
    """Count and measure a table of public in the current transaction."""
    row = await only_row(connection, query("table_bytes"), f"public.{quoted(table)}")
    rows = await count_rows(connection, "public", table)
    return Content(table=table, rows=rows, size_bytes=row["bytes"])


async def count_everything(connection: Connection, stock: OwnedObjects) -> dict[str, int]:
    """Return the exact number of rows of each table of ours and of the ledger, as schema.table."""
    # The rows of a partitioned table are those of its partitions.
    tables = (name for name in stock.tables if not stock.objects["table", name].facets.get("partition_key"))
    pairs = [("public", table) for table in tables] + [("entrypoint", name) for name in _LEDGER_TABLES]
    return {f"{schema}.{table}": await count_rows(connection, schema, table) for schema, table in pairs}


async def count_rows(connection: Connection, schema: str, table: str) -> int:
    """Count the rows of a table, for as long as that takes."""
    statement = query("count_rows").replace("$table", f"{quoted(schema)}.{quoted(table)}")
    return int(await connection.fetchval(statement, timeout=DAY_SECONDS))
