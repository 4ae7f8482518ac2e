"""What a role holds, read from a live catalog: each grant alone is missed, restored, and fingerprinted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from entrypoint.catalog import fingerprint, privileges
from entrypoint.catalog import objects as catalog
from entrypoint.catalog.compare import compare
from entrypoint.catalog.objects import Catalog
from entrypoint.catalog.repair import repairs
from entrypoint.postgres.connection import STABLE_TEXT, set_local
from tests.support.database import Database
from tests.support.roles import make_role

_PRIVILEGES = {
    "table": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "view": ("SELECT",),
    "sequence": ("SELECT", "USAGE"),
    "function": ("EXECUTE",),
    "schema": ("USAGE",),
    "database": ("CONNECT",),
}
_CHANGES = {
    "privilege": "GRANT TRUNCATE ON users TO {role}",
    "column": "GRANT UPDATE (id) ON users TO {role}",
    "grant option": "GRANT SELECT ON users TO {role} WITH GRANT OPTION",
    "everybody's": "GRANT SELECT ON users TO PUBLIC",
    "schema": "GRANT CREATE ON SCHEMA public TO {role}",
    "database": "GRANT CREATE ON DATABASE {database} TO {role}",
    "attribute": "ALTER ROLE {role} CREATEDB",
    "membership": "GRANT pg_read_all_data TO {role}",
    "membership in the owner": "GRANT morse TO {role}",
}
_OF_OTHERS = (
    "GRANT ALL ON users TO {other}",
    "GRANT SELECT (id) ON users TO {other}",
    "GRANT EXECUTE ON FUNCTION generate_invite_code() TO {other}",
    "GRANT CREATE ON SCHEMA public TO {other}",
    "GRANT CREATE ON DATABASE {database} TO {other}",
    "ALTER ROLE {other} CREATEDB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A database whose role has what it needs, in a transaction that is rolled back."""

    connection: asyncpg.Connection
    role: str
    other: str
    database: str
    expected: Catalog

    async def execute(self, statement: str) -> None:
        """Run a statement with the names filled in, quoted."""
        names = {"role": self.role, "other": self.other, "database": self.database}
        await self.connection.execute(statement.format(**{name: f'"{text}"' for name, text in names.items()}))

    async def read(self) -> Catalog:
        """Return what a comparison looks at."""
        return await privileges.read(self.connection, self.role, self.expected)

    async def fingerprint(self, role: str | None = None) -> str:
        """Return the fingerprint that covers what `role` may do."""
        return await fingerprint.read(self.connection, catalog.names(self.expected), role)


@pytest.fixture
async def granted(database: Database) -> AsyncIterator[Granted]:
    """Lend the schema as `sql/` makes it, with every grant made to the role itself and none to everybody."""
    role, other = [await make_role(database.server) for _ in range(2)]
    connection = await database.connect_admin()
    change = connection.transaction()
    await change.start()
    try:
        await set_local(connection, STABLE_TEXT)
        expected = await privileges.expected(connection, role, await catalog.read(connection, "public"))
        lent = Granted(
            connection=connection, role=role, other=other, database=database.name, expected=expected
        )
        await lent.execute(
            "REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE ALL ON DATABASE {database} FROM PUBLIC;"
            "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC"
        )
        work, undecided, _ = repairs(expected, await lent.read())
        assert () == undecided
        for repair in work:
            await connection.execute(repair.statement)
        assert () == compare(expected, await lent.read(), {})
        yield lent
    finally:
        await change.rollback()  # Attributes of roles are the server's.


async def test_each_grant_is_missed_and_restored(granted: Granted) -> None:
    """Whichever privilege is taken from the role is the one difference, in the fingerprint, and restored."""
    whole = await granted.fingerprint(granted.role)
    needed = [item for item in granted.expected.values() if item.kind == "grant"]
    assert 40 < len(needed)
    for item in needed:
        kind, _, _ = item.name.partition(" ")
        assert ", ".join(_PRIVILEGES[kind]) == item.facets["privileges"]
        for privilege in _PRIVILEGES[kind]:
            _, target = item.statements["create"].removesuffix(f' TO "{granted.role}"').split(" ON ", 1)
            await granted.execute(f"REVOKE {privilege} ON {target} FROM {{role}}")
            [difference] = compare(granted.expected, await granted.read(), {})
            lost = "missing" if len(_PRIVILEGES[kind]) == 1 else "changed"
            assert (lost, item.key, "failure") == (
                *(difference.status, difference.key),
                difference.severity,
            )
            assert whole != await granted.fingerprint(granted.role)
            [repair], *_ = repairs(granted.expected, await granted.read())
            await granted.connection.execute(repair.statement)
        assert whole == await granted.fingerprint(granted.role)


@pytest.mark.representative("privilege", "column", "everybody's")
@pytest.mark.parametrize("change", _CHANGES)
async def test_more_changes_the_fingerprint_of_the_role(granted: Granted, change: str) -> None:
    """What the role may do besides is in its fingerprint, and in none that is taken without it."""
    before, without = await granted.fingerprint(granted.role), await granted.fingerprint()
    await granted.execute(_CHANGES[change])
    assert before != await granted.fingerprint(granted.role)
    assert without == await granted.fingerprint()


async def test_the_role_is_in_its_fingerprint(granted: Granted) -> None:
    """Two roles have two fingerprints, even where both may do nothing, and none has that of no role."""
    found = {
        await granted.fingerprint(role)
        for role in (None, granted.role, granted.other, "somebody else", "nobody")
    }
    assert 5 == len(found)


@pytest.mark.representative("GRANT ALL ON users TO {other}")
@pytest.mark.parametrize("statement", _OF_OTHERS)
async def test_other_roles_are_nobodys_business(granted: Granted, statement: str) -> None:
    """What another role is granted is neither compared nor in any fingerprint."""
    before = [await granted.fingerprint(role) for role in (None, granted.role)]
    await granted.execute(statement)
    assert before == [await granted.fingerprint(role) for role in (None, granted.role)]
    assert () == compare(granted.expected, await granted.read(), {})


async def test_names_that_need_quotes(granted: Granted) -> None:
    """Tables, functions, sequences and roles of any name are granted by statements that run."""
    await granted.connection.execute(
        'CREATE TABLE "Odd ""name" (id serial); CREATE VIEW "a view" AS SELECT 1 AS one;'
        "CREATE FUNCTION \"Odd f\"(a int, b text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        'REVOKE ALL ON FUNCTION "Odd f" FROM PUBLIC'
    )
    objects = await catalog.read(granted.connection, "public")
    expected = await privileges.expected(granted.connection, granted.role, objects)
    work, *_ = repairs(expected, await privileges.read(granted.connection, granted.role, expected))
    assert {
        'table Odd "name',
        'sequence Odd "name_id_seq',
        "view a view",
        "function Odd f(integer, text[])",
    } == {repair.name for repair in work}
    for repair in work:
        await granted.connection.execute(repair.statement)
    assert () == compare(expected, await privileges.read(granted.connection, granted.role, expected), {})


async def test_grants_lock_no_table(granted: Granted) -> None:
    """To grant and to read grants takes no lock on a table that anybody could wait for."""
    locks = await granted.connection.fetch(
        "SELECT DISTINCT c.relname FROM pg_locks AS l JOIN pg_class AS c ON l.relation = c.oid "
        "WHERE l.pid = pg_backend_pid() AND l.mode <> 'AccessShareLock' "
        "AND c.relnamespace = 'public'::regnamespace"
    )
    assert [] == locks
