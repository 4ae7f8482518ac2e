"""A closed world: each class of object is compared, reported, or left out for a reason."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg
import pytest

from entrypoint.catalog import objects, other_objects
from entrypoint.catalog.difference import Difference
from entrypoint.catalog.objects import Catalog
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from tests.integration.object_classes import (
    COMPARED,
    ELSEWHERE,
    FOREIGN_TABLE,
    NOT_LOOKED_AT,
    PREPARED,
    REPORTED,
    Case,
)
from tests.support.cluster import OWNER
from tests.support.database import Database

pytestmark = pytest.mark.timeout(300)

_CATALOGS = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' ORDER BY relname
"""
_MADE_BY_OTHERS = """
DO $$ BEGIN
    FOR number IN 1..{functions} LOOP
        EXECUTE format('CREATE FUNCTION of_others_%s() RETURNS integer LANGUAGE sql AS %L',
            number, 'SELECT 1');
    END LOOP;
END $$
"""


class Prepared(NamedTuple):
    """A superuser's connection to the objects of `PREPARED`, which are what is expected."""

    admin: asyncpg.Connection
    expected: Catalog

    async def extras(self, known: dict[tuple[str, str], str] | None = None) -> other_objects.Others:
        """Return what is found as the owner, within the transaction that a comparison reads in."""
        async with self.admin.transaction():
            await self.admin.execute(f"SET LOCAL ROLE {OWNER}")
            return await other_objects.read(self.admin, self.expected, known or {})

    async def after(self, case: Case) -> list[Difference]:
        """Return the extras that are there only while the object of `case` is."""
        before = {item.key for item in (await self.extras()).differences}
        change = self.admin.transaction()
        await change.start()
        try:
            await self.admin.execute(case.statements.format(foreign_table=FOREIGN_TABLE))
            found = await self.extras()
        finally:
            await change.rollback()
        return [item for item in found.differences if item.key not in before]


@pytest.fixture
async def prepared(empty_database: Database) -> Prepared:
    """Lend the prepared objects."""
    admin = await empty_database.connect_admin()
    await admin.execute(f"SET search_path = public, pg_temp; SET check_function_bodies = off; {PREPARED}")
    async with admin.transaction():
        await set_local(admin, STABLE_TEXT)
        expected = await objects.read(admin, "public")
    # Functions that only serve the cases are nobody's expectation.
    return Prepared(admin, {key: item for key, item in expected.items() if not key[1].startswith("other_")})


async def test_every_catalog_of_the_server_is_in_the_table(prepared: Prepared) -> None:
    """No catalog of the server at hand is unknown: it is compared, reported, or left out for a reason."""
    catalogs = {row["relname"] for row in await prepared.admin.fetch(_CATALOGS)}
    assert set() == catalogs - COMPARED - set(REPORTED) - set(NOT_LOOKED_AT)
    assert set() == COMPARED & set(REPORTED) | COMPARED & set(NOT_LOOKED_AT) | set(REPORTED) & set(
        NOT_LOOKED_AT
    )


async def test_an_object_of_each_class_is_reported(prepared: Prepared) -> None:
    """One object of each class is named as an extra, fails only where it is harmful, and is not quoted."""
    version = int(await prepared.admin.fetchval("SHOW server_version_num")) // 10000
    cases = [case for group in (*REPORTED.values(), ELSEWHERE) for case in group if case.since <= version]
    for case in cases:
        found = await prepared.after(case)
        named = {
            (item.kind, item.name.partition(" on language")[0].partition(" language")[0]): item
            for item in found
        }
        assert (case.kind, case.name) in named, (case, list(named))
        severity = "failure" if case.harmful else "warning"
        assert severity == named[case.kind, case.name].severity, case
        assert "kanari9" not in str(found)


def test_each_reported_kind_has_its_effect() -> None:
    """What is reported says what it does to ours: no kind is one that is not known."""
    kinds = {case.kind for group in (*REPORTED.values(), ELSEWHERE) for case in group}
    assert set() == kinds - set(other_objects.EFFECTS)


async def test_what_belongs_to_an_extension_is_left_out(prepared: Prepared) -> None:
    """The types, operators and casts of an extension in public are its own affair."""
    available = await prepared.admin.fetchval(
        "SELECT name FROM pg_available_extensions WHERE name IN ('citext', 'vector')"
    )
    if available is None:
        pytest.skip("this server comes without an extension that has operators")
    before = await prepared.extras()
    await prepared.admin.execute(f"CREATE EXTENSION {available}")
    assert before == await prepared.extras()


async def test_objects_of_a_session_are_left_out(prepared: Prepared) -> None:
    """A temporary view of some session's is no object of the schema."""
    assert [] == await prepared.after(Case("CREATE TEMPORARY VIEW names AS SELECT name FROM ours", "", ""))


async def test_a_known_extra_is_tolerated(prepared: Prepared) -> None:
    """A listed extra is a warning with its reason, and is not counted."""
    await prepared.admin.execute("CREATE CAST (mood AS integer) WITH INOUT AS IMPLICIT")
    found = await prepared.extras({("cast", "(public.mood AS integer)"): "an old API"})
    [cast] = [item for item in found.differences if item.kind == "cast"]
    assert ("warning", "an old API") == (cast.severity, cast.note)
    assert "casts" not in dict(found.others)


async def test_many_objects_of_others_are_counted(prepared: Prepared) -> None:
    """However many there are, at most twenty are named, one of each kind before a second of any."""
    await prepared.admin.execute(_MADE_BY_OTHERS.format(functions=200))
    await prepared.admin.execute("CREATE TABLE their_notes (id integer); CREATE SEQUENCE their_numbers")
    found = await prepared.extras()
    assert {"functions": 202, "tables": 1, "sequences": 1} == dict(found.compared)
    assert 20 == len(found.differences)
    assert {"function", "table", "sequence"} == {item.kind for item in found.differences}
