"""Servers that answer, but do not let us in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import CANARY, CANARY_MARK, OWNER, Server
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.failing_starts import IMPATIENT, assert_gave_up, assert_refused, start
from tests.support.process import started_entrypoint

_ROLE = "morse_guest"
_ON_RENDER = {"RENDER": "true"}


@pytest.fixture
async def guest(empty_database: Database) -> AsyncIterator[Database]:
    """Lend a database whose URL names a role of its own, which a test may alter."""
    admin = await empty_database.connect_admin()
    await admin.execute(f"CREATE ROLE {_ROLE} LOGIN PASSWORD '{CANARY}'")
    empty_database.url = empty_database.server.url(empty_database.name, user=_ROLE)
    yield empty_database
    await admin.execute(f"DROP OWNED BY {_ROLE}")
    await admin.execute(f"DROP ROLE {_ROLE}")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("ALTER ROLE {role} PASSWORD 'another'", "login_refused"),
        ("ALTER ROLE {role} NOLOGIN", "login_not_allowed"),
        ("REVOKE CONNECT ON DATABASE {database} FROM PUBLIC", "connect_not_granted"),
    ],
)
async def test_login_is_refused(guest: Database, statement: str, reason: str) -> None:
    """What only a person can put right ends the start at once, with exit code 2."""
    admin = await guest.connect_admin()
    await admin.execute(statement.format(role=_ROLE, database=f'"{guest.name}"'))
    before = await state_of(guest)

    assert_refused(await start(guest.url), reason)

    await assert_untouched(guest, before)


async def test_role_has_no_connection_left(guest: Database) -> None:
    """A role without a free connection is waited for, as long as the budget lasts."""
    admin = await guest.connect_admin()
    await admin.execute(f"ALTER ROLE {_ROLE} CONNECTION LIMIT 0")
    before = await state_of(guest)

    completed = await start(guest.url)

    assert "53300" == completed.event("database.awaited")["sqlstate"]
    assert "role's limit" in assert_gave_up(completed, "connections_exhausted")["remedy"]
    await assert_untouched(guest, before)


async def test_connection_becomes_free(empty_database: Database) -> None:
    """The start goes on as soon as a connection becomes free."""
    admin = await empty_database.connect_admin()
    await admin.execute(f'ALTER DATABASE "{empty_database.name}" CONNECTION LIMIT 0')
    env = {"DATABASE_URL": empty_database.url, "MORSE_START_BUDGET_SECONDS": "30"}
    async with started_entrypoint("--init-only", env=env) as running:
        awaited = await running.wait_for_event("database.awaited")
        await admin.execute(f'ALTER DATABASE "{empty_database.name}" CONNECTION LIMIT -1')
        completed = await running.wait()

    assert "connections_exhausted" == awaited["reason"]
    assert 0 == completed.exit_code
    await assert_converged(empty_database)


async def test_password_is_wrong_everywhere_but_on_render(empty_database: Database) -> None:
    """On Render a wrong password gets a grace, since a rotated one takes a moment to arrive."""
    before = await state_of(empty_database)
    url = empty_database.server.url(empty_database.name, password=f"{CANARY_MARK}:another")

    assert_refused(await start(url), "login_refused")
    assert_gave_up(await start(url, **_ON_RENDER), "login_refused")

    await assert_untouched(empty_database, before)


async def test_database_does_not_exist(server: Server) -> None:
    """An unknown database ends the start at once and is not created."""
    failed = assert_refused(await start(server.url("nowhere")), "database_missing")

    assert '"nowhere"' in failed["message"]
    admin = await server.admin()
    try:
        assert not await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'nowhere'")
    finally:
        await admin.close()


async def test_database_appears_late_on_render(server: Server) -> None:
    """On Render a first deploy may be earlier than its database, which is then waited for."""
    late = Database(server, "appears_late")
    env = {**IMPATIENT, **_ON_RENDER, "DATABASE_URL": late.url, "MORSE_START_BUDGET_SECONDS": "30"}
    admin = await server.admin()
    try:
        async with started_entrypoint("--init-only", env=env) as running:
            awaited = await running.wait_for_event("database.awaited")
            await admin.execute(f"CREATE DATABASE {late.name} OWNER {OWNER}")
            completed = await running.wait()

        assert "database_missing" == awaited["reason"]
        assert 0 == completed.exit_code, completed.stdout
        await assert_converged(late)
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {late.name} WITH (FORCE)")
        await admin.close()


async def test_parameter_of_the_url_is_unknown(empty_database: Database) -> None:
    """A parameter that the server does not know is a mistake in the URL: exit code 1."""
    before = await state_of(empty_database)

    completed = await start(f"{empty_database.url}?connect_timeuot=3")

    failed = assert_refused(completed, "unknown_parameter", ExitCode.USAGE)
    assert '"connect_timeuot"' in failed["message"]
    await assert_untouched(empty_database, before)
