"""Each kind of object: what became of it is named, and what restores it does exactly that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from entrypoint.catalog import objects, replacing
from entrypoint.catalog.compare import compare
from entrypoint.catalog.kinds.registry import KINDS
from entrypoint.catalog.objects import Catalog
from entrypoint.catalog.repair import Repairs, repairs
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from tests.kinds.cases import REFUSED, Case, all_cases, line_of
from tests.support.cluster import Server

_CASES = all_cases()
# Statements are written as this major version prints definitions; others begin in the same way.
_WRITTEN_BY = 18
# What the API's role may do has tests of its own, and no file can make an extension.
_NO_CASES = {"grant", "extension"}


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """Lend the URL of an empty database, for a superuser."""
    asyncio.run(_administer(server, "CREATE DATABASE kinds"))
    yield server.url("kinds", user="postgres")
    asyncio.run(_administer(server, "DROP DATABASE kinds WITH (FORCE)"))


async def _administer(server: Server, statement: str) -> None:
    admin = await server.admin()
    await admin.execute(statement)
    await admin.close()


@pytest.fixture
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection in a transaction that is rolled back."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    await connection.execute("BEGIN")
    await set_local(connection, {"search_path": "public, pg_temp", **STABLE_TEXT})
    yield connection
    await connection.execute("ROLLBACK")
    await connection.close()


async def _read(connection: asyncpg.Connection) -> Catalog:
    return await objects.read(connection, "public")


async def _planned(connection: asyncpg.Connection, expected: Catalog, actual: Catalog) -> Repairs:
    return repairs(expected, actual, await replacing.in_the_way(connection, expected, actual))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
async def test_case(connection: asyncpg.Connection, case: Case) -> None:
    """What was done is named, and restored by just these statements, or refused before any of them.

    What is read of an object are the facets that its kind names.
    """
    await connection.execute(case.before)
    expected = await _read(connection)
    assert {item.key: KINDS[item.kind].facets for item in expected.values()} == {
        item.key: tuple(item.facets) for item in expected.values()
    }
    await connection.execute(case.after)
    actual = await _read(connection)
    differences = compare(expected, actual, {})
    planned = await _planned(connection, expected, actual)

    assert case.differences == tuple(map(line_of, differences))
    if case.statements == (REFUSED,):
        assert planned.undecided or planned.obstacles
        return
    assert ((), ()) == (planned.undecided, planned.obstacles)
    statements = [repair.statement.strip() for repair in planned.work]
    if connection.get_server_version().major == _WRITTEN_BY:
        assert list(case.statements) == statements
    assert sorted(map(_opening, case.statements)) == sorted(map(_opening, statements))
    for repair in planned.work:
        await connection.execute(repair.statement)
    left = compare(expected, await _read(connection), {})
    assert set() == {difference for difference in left if difference not in differences}
    assert () == (await _planned(connection, expected, await _read(connection))).work


def _opening(statement: str) -> str:
    return statement.splitlines()[0]


def test_every_kind_has_cases() -> None:
    """A kind without a folder of cases is one whose repair nobody has seen."""
    folders = {case.name.partition("/")[0] for case in _CASES}
    assert folders == {name.replace(" ", "_") for name in KINDS} - _NO_CASES
