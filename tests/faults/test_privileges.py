"""Roles that may not do what a start needs, and databases in which others have made themselves at home."""

from __future__ import annotations

import itertools

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import CANARY, OWNER, Server
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.process import Completed, run_entrypoint

_numbers = itertools.count(1)
_WORK = "DROP INDEX idx_workouts_user_id"


@pytest.fixture
async def guest(server: Server) -> str:
    """Lend a role that owns nothing; it goes with the server."""
    name = f"guest-{next(_numbers)}"
    admin = await server.admin()
    await admin.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{CANARY}'")
    await admin.close()
    return name


@pytest.mark.parametrize("lacking", [("DATABASE",), ("SCHEMA",), ("DATABASE", "SCHEMA")])
async def test_right_to_create_is_missing(
    guest: str, empty_database: Database, lacking: tuple[str, ...]
) -> None:
    """Which GRANT is missing is told exactly, and once the owner has run it the next start passes."""
    grants = {
        "DATABASE": f'GRANT CREATE ON DATABASE {empty_database.name} TO "{guest}";',
        "SCHEMA": f'GRANT CREATE ON SCHEMA public TO "{guest}";',
    }
    owner = await empty_database.connect()
    async with observing(empty_database) as admin:
        await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for word in grants.keys() - set(lacking):
        await owner.execute(grants[word])
    before = await state_of(empty_database)
    refused = _start(empty_database, guest)

    failed = refused.event("start.failed")
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert [grants[word] for word in lacking] == failed["grants"]
    assert failed["remedy"].endswith(" ".join(failed["grants"]))
    await assert_untouched(empty_database, before)
    for grant in failed["grants"]:
        await owner.execute(grant)
    assert ExitCode.OK == _start(empty_database, guest).exit_code
    await assert_converged(empty_database)


async def test_new_credential_may_not_read_the_ledger(guest: str, empty_database: Database) -> None:
    """A role that was made after the apply is told which membership it lacks, and gets on with it."""
    assert ExitCode.OK == _start(empty_database).exit_code
    before = await state_of(empty_database)
    refused = _start(empty_database, guest)

    failed = refused.event("start.failed")
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert [f'GRANT {OWNER} TO "{guest}";'] == failed["grants"]
    await assert_untouched(empty_database, before)
    await _grant(empty_database, failed["grants"])
    assert "schema.unchanged" in _start(empty_database, guest).event_names


async def test_new_credential_is_no_owner(guest: str, database: Database) -> None:
    """A role that may create, but does not own what is there, is told whose member it has to be."""
    await (await database.connect()).execute(_WORK)
    await _grant(
        database,
        [
            f'GRANT CREATE ON DATABASE {database.name} TO "{guest}"',
            f'GRANT CREATE ON SCHEMA public TO "{guest}"',
        ],
    )
    before = await state_of(database)
    refused = _start(database, guest)

    failed = refused.event("start.failed")
    assert ExitCode.INCOMPATIBLE == refused.exit_code
    assert [f'GRANT {OWNER} TO "{guest}";'] == failed["grants"]
    assert f"table app_users (owner {OWNER})" in failed["objects"]
    await assert_untouched(database, before)
    await _grant(database, failed["grants"])
    assert ExitCode.OK == _start(database, guest).exit_code
    await assert_converged(database)


async def test_new_credential_is_a_member(guest: str, empty_database: Database) -> None:
    """A rotated credential that is a member of the owner verifies and repairs as the owner does."""
    assert ExitCode.OK == _start(empty_database).exit_code
    await _grant(empty_database, [f'GRANT {OWNER} TO "{guest}"'])
    assert "schema.unchanged" in _start(empty_database, guest).event_names
    await (await empty_database.connect()).execute(_WORK)

    assert "step.applied" in _start(empty_database, guest).event_names
    await assert_converged(empty_database, entries=2)


async def test_schema_that_shadows_public(empty_database: Database) -> None:
    """A schema named like the role stands before public in its search path; nothing of ours lands there."""
    owner = await empty_database.connect()
    await owner.execute(f"CREATE SCHEMA {OWNER}; CREATE TABLE {OWNER}.users (id int)")
    assert ExitCode.OK == _start(empty_database).exit_code
    there = await owner.fetch(f"SELECT relname FROM pg_class WHERE relnamespace = '{OWNER}'::regnamespace")

    assert ["users"] == [row["relname"] for row in there]
    assert "schema.unchanged" in _start(empty_database).event_names
    await assert_converged(empty_database)


@pytest.mark.representative("uuid-ossp-public", "vector-extensions")
@pytest.mark.parametrize("schema", ["public", "extensions"])
@pytest.mark.parametrize("extension", ["uuid-ossp", "vector"])
async def test_extension_of_others(empty_database: Database, extension: str, schema: str) -> None:
    """An extension that somebody installed is no reason to fail, and what it brought along is not ours."""
    async with observing(empty_database) as admin:
        if not await admin.fetchval("SELECT true FROM pg_available_extensions WHERE name = $1", extension):
            pytest.skip(f"this server does not have the extension {extension}")
        await admin.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await admin.execute(f'CREATE EXTENSION "{extension}" SCHEMA {schema}')
    assert ExitCode.OK == _start(empty_database).exit_code

    extras = [f"extension {extension}"] if schema == "public" else []
    await assert_converged(empty_database, extras=extras)
    verified = run_entrypoint("verify", env={"DATABASE_URL": empty_database.url})
    assert ExitCode.OK == verified.exit_code


async def _grant(database: Database, grants: list[str]) -> None:
    async with observing(database) as admin:
        for grant in grants:
            await admin.execute(grant)


def _start(database: Database, role: str = OWNER) -> Completed:
    url = database.server.url(database.name, user=role)
    return run_entrypoint("--init-only", env={"DATABASE_URL": url})
