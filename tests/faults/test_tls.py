"""TLS that one side demands and the other one does not offer, or cannot prove."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.certificates import make_certificate
from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.failing_starts import assert_refused, start
from tests.support.servers import ServerFactory

_HBA = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture
async def encrypted(private_server: ServerFactory) -> AsyncIterator[Database]:
    """Lend an empty database of a server that lets nobody in without TLS."""
    server = await private_server()
    async with borrowed(server, "tls") as database:
        admin = await database.connect_admin()
        if not await admin.fetchval("SHOW ssl_library"):
            pytest.skip("this build of PostgreSQL has no TLS; TEST_POSTGRES_BIN may name one that has")
        _demand_tls(server)
        yield database


def _demand_tls(server: Server) -> None:
    """Restart `server` with a certificate of its own, for its address only."""
    certificate, key = make_certificate(server.data, "server")
    owner = server.data.stat()
    for path in (certificate, key):
        os.chown(path, owner.st_uid, owner.st_gid)
    hba = server.data / "pg_hba.conf"
    hba.write_text(f"{_HBA}local all all scram-sha-256\n")
    server.configure(ssl="on", ssl_cert_file=certificate.name, ssl_key_file=key.name)
    server.restart()


async def test_server_demands_tls(encrypted: Database) -> None:
    """A login without TLS at a server that demands it fails at once and names the parameter."""
    before = await state_of(encrypted)

    failed = assert_refused(await start(f"{encrypted.url}?sslmode=disable"), "login_not_allowed")

    assert "?sslmode=require" in failed["remedy"]
    await assert_untouched(encrypted, before)


@pytest.mark.parametrize("parameters", ["", "?sslmode=require", "?sslmode=verify-full&sslrootcert={root}"])
async def test_server_gets_tls(encrypted: Database, parameters: str) -> None:
    """A server that demands TLS gets it, verified or not, without being asked for in the URL."""
    root = encrypted.server.data / "server.crt"

    completed = await start(encrypted.url + parameters.format(root=root), MORSE_START_BUDGET_SECONDS="20")

    assert 0 == completed.exit_code, completed.stdout
    await assert_converged(encrypted)


async def test_certificate_is_not_trusted(encrypted: Database, tmp_path: Path) -> None:
    """A certificate that the named root did not sign fails at once; it will not get better."""
    before = await state_of(encrypted)
    root, _ = make_certificate(tmp_path, "stranger")

    completed = await start(f"{encrypted.url}?sslmode=verify-full&sslrootcert={root}")

    assert "CERTIFICATE_VERIFY_FAILED" in assert_refused(completed, "tls_failed")["message"]
    await assert_untouched(encrypted, before)


async def test_server_has_no_tls(empty_database: Database) -> None:
    """TLS that the URL demands is not given up for a server without it."""
    before = await state_of(empty_database)

    failed = assert_refused(await start(f"{empty_database.url}?sslmode=require"), "tls_failed")

    assert "sslmode" in failed["remedy"]
    await assert_untouched(empty_database, before)


async def test_root_certificate_is_nowhere(empty_database: Database, tmp_path: Path) -> None:
    """To verify without a root certificate is a mistake in the URL: exit code 1."""
    before = await state_of(empty_database)

    completed = await start(f"{empty_database.url}?sslmode=verify-full", HOME=str(tmp_path))

    assert "root.crt" in assert_refused(completed, "bad_url", ExitCode.USAGE)["message"]
    await assert_untouched(empty_database, before)


async def test_root_certificate_cannot_be_read(empty_database: Database, tmp_path: Path) -> None:
    """A certificate that is not there is reported as that, before anything is connected to."""
    before = await state_of(empty_database)
    missing = tmp_path / "missing.crt"

    completed = await start(f"{empty_database.url}?sslmode=verify-full&sslrootcert={missing}")

    failed = completed.event("start.failed")
    assert ExitCode.USAGE == completed.exit_code
    assert ["DATABASE_URL names with sslrootcert a file that cannot be read"] == failed["problems"]
    assert "start.begun" not in completed.event_names
    await assert_untouched(empty_database, before)
