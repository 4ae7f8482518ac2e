"""What pg_dump says of a schema, object by object, so that two databases can be compared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from tests.support.cluster import CANARY, OWNER
from tests.support.database import Database

_ENTRY = re.compile(r"^-- (Name: .*?; Type: .*?); Schema: .*$", re.MULTILINE)
# Newer servers begin and end a dump with a random word.
_NOISE = re.compile(r"^(\\(un)?restrict .*|--.*|SET .*|SELECT pg_catalog\.set_config.*)$", re.MULTILINE)

Lines = frozenset[str]


async def dump_of(database: Database) -> Mapping[str, Lines]:
    """Return the objects of schema public by name and type, each as its lines without an order.

    The order of columns is all that gets lost: no statement has the same line twice otherwise.
    """
    process = await asyncio.create_subprocess_exec(
        *(str(database.server.bin / "pg_dump"), "--schema-only", "--schema=public"),
        *("--no-owner", "--no-privileges", f"--username={OWNER}", f"--dbname={database.name}"),
        *(f"--host={database.server.host}", f"--port={database.server.port}"),
        env={"PGPASSWORD": CANARY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert 0 == process.returncode, stderr.decode()
    parts = _ENTRY.split(stdout.decode())
    return {name: _lines(text) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _lines(text: str) -> Lines:
    lines = (line.strip().rstrip(",") for line in _NOISE.sub("", text).splitlines())
    return frozenset(line for line in lines if line)
