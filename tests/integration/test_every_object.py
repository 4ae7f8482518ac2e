"""Every single object of the schema: its loss or change is named first, and one plan restores it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from entrypoint.catalog import objects
from entrypoint.catalog.compare import compare
from entrypoint.catalog.difference import Difference
from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.deploy.plan import Plan, decide
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from entrypoint.sqlfiles.source import Source
from tests.support.database import Database
from tests.support.files import load


def changes() -> Iterator[tuple[str, Key]]:
    """Yield the statements of changes.sql, each with the object that it changes."""
    text = (Path(__file__).parent / "changes.sql").read_text("utf-8")
    for section in text.split("-- changes: ")[1:]:
        head, _, statements = section.partition("\n")
        kind, _, name = head.partition(" ")
        yield statements, (kind, name)


def loss(item: CatalogObject) -> str:
    """Return the statement that takes `item` away, with everything that depends on it."""
    relation, _, part = item.name.partition(".")
    match item.kind:
        case "column":
            return f"ALTER TABLE {relation} DROP COLUMN {part} CASCADE"
        case "constraint":
            return f"ALTER TABLE {relation} DROP CONSTRAINT {part} CASCADE"
        case "trigger":
            return f"DROP TRIGGER {part} ON {relation} CASCADE"
        case "comment":
            return item.statements["create"].rpartition(" IS ")[0] + " IS NULL"
        case _:
            return f"DROP {item.kind.upper()} {item.name} CASCADE"


class Schema:
    """The whole schema in one transaction, hurt and healed behind a savepoint again and again."""

    def __init__(self, connection: asyncpg.Connection, source: Source, expected: Catalog) -> None:
        self._connection = connection
        self._source = source
        self.expected = expected
        self._actual = expected

    async def hurt(self, statement: str) -> tuple[Difference, ...]:
        """Return what the comparison finds after `statement`, from the state as it should be."""
        await self._connection.execute("ROLLBACK TO SAVEPOINT whole")
        await self._connection.execute(statement)
        self._actual = await objects.read(self._connection, "public")
        return compare(self.expected, self._actual, {})

    async def heal(self) -> tuple[Difference, ...]:
        """Return what the comparison finds after the plan was carried out."""
        found = compare(self.expected, self._actual, {})
        plan: Plan = decide(self.expected, self._actual, found, self._source)
        for repair in plan.repairs:
            await self._connection.execute(repair.statement)
        return compare(self.expected, await objects.read(self._connection, "public"), {})


@pytest.fixture
async def schema(database: Database) -> AsyncIterator[Schema]:
    """Lend the schema as `sql/` makes it."""
    connection = await database.connect()
    async with connection.transaction():
        await set_local(connection, STABLE_TEXT)
        expected = await objects.read(connection, "public")
        await connection.execute("SAVEPOINT whole")
        yield Schema(connection, load(), expected)


async def test_a_lost_object_is_named_first_and_restored(schema: Schema) -> None:
    """Dropping any one object is named first, with nothing that is still there, and the plan restores it."""
    for item in schema.expected.values():
        differences = await schema.hurt(loss(item))
        assert ("missing", item.key) == (differences[0].status, differences[0].key)
        assert differences[0].expected
        assert [] == [difference for difference in differences if difference.status == "extra"]
        assert () == await schema.heal(), item.key


@pytest.mark.parametrize(("statement", "key"), list(changes()))
async def test_a_changed_definition_is_named_with_expected_and_actual_and_restored(
    schema: Schema, statement: str, key: Key
) -> None:
    """Changing any facet of an object is reported with both definitions, and the plan changes it back."""
    differences = await schema.hurt(statement)
    first = differences[0]
    assert ("changed", key) == (first.status, first.key)
    assert first.expected
    assert first.actual
    assert first.expected != first.actual
    assert () == await schema.heal()


async def test_a_changed_type_is_named_and_left_to_a_person(schema: Schema) -> None:
    """A column of another type is a difference that no plan repairs."""
    differences = await schema.hurt("ALTER TABLE teams ALTER team_name TYPE varchar(300)")
    assert ("changed", "column", "teams.team_name") == (
        differences[0].status,
        differences[0].kind,
        differences[0].name,
    )
    assert differences == await schema.heal()
