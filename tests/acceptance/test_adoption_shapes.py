"""One start brings a database of any older version to the schema of today, and keeps what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.database_state import differences_of, observing, state_of
from tests.support.deploys import deploy
from tests.support.legacy import SHAPES, Shape, build
from tests.support.legacy.contents import Columns, Contents, columns_of, contents_of
from tests.support.process import Completed
from tests.support.schema_dump import dump_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A database after its adoption, with its rows of before in the columns that it had then."""

    database: Database
    extras: tuple[str, ...]
    columns: Columns
    before: Contents
    start: Completed


@pytest.fixture(scope="module", params=SHAPES.values(), ids=str)
def shape(request: pytest.FixtureRequest) -> Shape:
    """Name an older version."""
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def old_database(server: Server, shape: Shape) -> AsyncIterator[Database]:
    """Lend an empty database to every test of one shape."""
    async with borrowed(server, f"adopted_{shape}") as database:
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def adopted(old_database: Database, shape: Shape) -> Adopted:
    """Make the older version with rows in every table, and start once."""
    connection = await old_database.connect()
    extras = await build(connection, shape)
    columns = await columns_of(connection)
    before = await contents_of(connection, columns)
    await connection.close()
    start = await deploy(old_database)
    assert 0 == start.exit_code, start.stdout
    return Adopted(database=old_database, extras=extras, columns=columns, before=before, start=start)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fresh(server: Server, template: str) -> AsyncIterator[Database]:
    """Lend a database made from `sql/`."""
    async with borrowed(server, "fresh", template=template) as database:
        yield database


@pytest.mark.representative("first_six", "consolidated", "later_app_migrated")
async def test_the_catalog_is_that_of_a_fresh_database(adopted: Adopted) -> None:
    """After an adoption nothing is missing or changed, and beside ours is only what others had added."""
    assert [f"extra {name}" for name in adopted.extras] == sorted(await differences_of(adopted.database))


@pytest.mark.representative("first_six", "consolidated", "later_app_migrated")
async def test_the_dump_is_that_of_a_fresh_database(adopted: Adopted, fresh: Database) -> None:
    """pg_dump writes every object of ours as it does for a fresh database, up to the order of columns."""
    expected, actual = await dump_of(fresh), await dump_of(adopted.database)
    added = {name.rpartition(".")[2] for name in adopted.extras if name.startswith("column ")}
    for name, lines in expected.items():
        more = actual[name] - lines
        assert lines == actual[name] - more, name
        assert {line.split()[0] for line in more} <= added, name


@pytest.mark.representative("first_six", "consolidated", "later_app_migrated")
async def test_every_row_is_as_before(adopted: Adopted) -> None:
    """Every table keeps its rows with every value that they had."""
    assert [] == [table for table, rows in adopted.before.items() if not rows]
    async with observing(adopted.database) as connection:
        assert adopted.before == await contents_of(connection, adopted.columns)


@pytest.mark.representative("first_six", "consolidated", "later_app_migrated")
async def test_every_row_can_be_updated(adopted: Adopted) -> None:
    """No trigger that an older version left behind makes an UPDATE fail."""
    async with observing(adopted.database) as connection, connection.transaction():
        for table, columns in adopted.columns.items():
            await connection.execute(f"UPDATE {table} SET {columns[0]} = {columns[0]}")


@pytest.mark.representative("first_six", "consolidated", "later_app_migrated")
async def test_the_next_start_is_quiet(adopted: Adopted) -> None:
    """A start after the adoption finds nothing to do and leaves the database as it is."""
    before = await state_of(adopted.database)
    completed = await deploy(adopted.database)
    assert 0 == completed.exit_code
    assert "schema.unchanged" in completed.event_names
    assert "step.applied" not in completed.event_names
    assert before == await state_of(adopted.database)
