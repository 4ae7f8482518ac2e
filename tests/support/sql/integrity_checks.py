"""The integrity checks of the product, as tests of `sql/` run them."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrypoint.catalog import scratch
from entrypoint.catalog.objects import Catalog
from entrypoint.postgres.connection import READ_CATALOG, SAFE_PATH, rolled_back
from entrypoint.sqlfiles import directory
from entrypoint.sqlfiles.source import parsed
from entrypoint.verification import derived_checks
from entrypoint.verification.derived_checks import DerivedCheck
from tests.support.database import SQL, Database

FILES = {path.stem: path for path in sorted((SQL / "verify").glob("*.sql"))}
CHECKS = sorted([*FILES, *derived_checks.NAMES])
DEEP = sorted(
    [name for name, path in FILES.items() if "-- entrypoint: deep" in path.read_text()]
    + list(derived_checks.DEEP)
)

_expected: list[Catalog] = []


async def violations(
    database: Database, connection: asyncpg.Connection, name: str, expected: Catalog | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a check, run on `connection` with the settings with which the entrypoint runs it.

    The checks that are derived follow from `sql/`, or from `expected`.
    """
    wanted = await _expectation(database) if expected is None else expected
    nested = connection.is_in_transaction()
    await connection.execute("SAVEPOINT checked" if nested else READ_CATALOG)
    await connection.execute(SAFE_PATH)
    try:
        check = await _check(connection, name, wanted)
        return [dict(row) for row in await connection.fetch(check.query, *check.values)]
    finally:
        await connection.execute("ROLLBACK TO SAVEPOINT checked" if nested else "ROLLBACK")


async def _check(connection: asyncpg.Connection, name: str, expected: Catalog) -> DerivedCheck:
    if name in FILES:
        return DerivedCheck(name=name, query=FILES[name].read_text())
    derived = await derived_checks.derive(connection, expected, deep=True)
    return next(check for check in derived if check.name == name)


async def _expectation(database: Database) -> Catalog:
    """Return what `sql/` stands for, built once for all tests of this process."""
    if not _expected:
        connection = await database.connect()
        async with connection.transaction(), rolled_back(connection, "expectation"):
            _expected.append(await scratch.build(connection, parsed(directory.read(SQL))))
        await connection.close()
    return _expected[0]
