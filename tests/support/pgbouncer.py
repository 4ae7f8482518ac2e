"""A PgBouncer between a test's client and its server."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from entrypoint.postgres.embedded.programs import server_account
from tests.support.cluster import CANARY, OWNER, free_port
from tests.support.database import Database
from tests.support.waiting import eventually

# With auth_type any it lets everybody in as the user of the [databases] entry.
_CONFIGURATION = """
[databases]
{name} = host={host} port={port} dbname={name} user={user} password='{password}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
"""


@asynccontextmanager
async def pooled(database: Database, directory: Path) -> AsyncIterator[str]:
    """Run a PgBouncer that pools transactions and yield the URL of `database` through it.

    `directory` must be one that another system user can reach. Skips the test where none is installed.
    """
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    account, port, server = server_account(), free_port(), database.server
    configuration = directory / "pgbouncer.ini"
    configuration.write_text(
        _CONFIGURATION.format(
            name=database.name,
            host=server.host,
            port=server.port,
            user=OWNER,
            password=CANARY,
            listen_port=port,
        )
    )
    configuration.chmod(0o600)
    for path in (directory, configuration):
        os.chown(path, account.uid, account.gid)
    process = await asyncio.create_subprocess_exec(
        program,
        "--quiet",
        str(configuration),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        **account.identity(),
    )
    try:
        await eventually(lambda: _listens(port), what="a PgBouncer that listens")
        yield database.url.replace(f":{server.port}/", f":{port}/")
    finally:
        process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
