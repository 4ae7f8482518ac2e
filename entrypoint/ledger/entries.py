"""What the ledger keeps: the proofs of earlier starts, and how another one is added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from entrypoint.catalog import fingerprint, objects
from entrypoint.catalog.objects import Catalog, Key
from entrypoint.postgres.connection import Connection
from entrypoint.postgres.queries import query
from entrypoint.settings.settings import Identity
from entrypoint.settings.variables import Environment
from entrypoint.sqlfiles.source import Script, Source

# How many entries are kept in any case.
_KEPT = 50


class Entry(NamedTuple):
    """What a start adds: the proof and how it was reached. Durations in seconds."""

    source: Source
    server_version: int
    seconds: float
    identity: Identity
    environment: Environment
    steps: tuple[Mapping[str, object], ...]
    expected: Catalog
    verification: str
    fingerprint: str


async def expected(connection: Connection, digest: str, server_version: int) -> Catalog | None:
    """Return the catalog that files of `digest` stood for when they were last proved, or None.

    Deparsed text differs between major versions of the server, so only its own major counts.
    """
    text = await connection.fetchval(query("read_expected"), digest, server_version, fingerprint.METHOD)
    return objects.from_json(text) if text is not None else None


async def owned(connection: Connection) -> frozenset[Key] | None:
    """Return the objects that the newest entry names, whichever server and release it is from, or None."""
    text = await connection.fetchval(query("read_owned"))
    return frozenset(objects.from_json(text)) if text is not None else None


async def stamp(connection: Connection, environment: Environment) -> None:
    """Stamp the database in the current transaction, unless it is stamped already."""
    await connection.execute(query("record_stamp"), environment.value)


async def change_stamp(connection: Connection, environment: Environment) -> None:
    """Stamp the database in the current transaction with another environment."""
    await connection.execute(query("change_stamp"), environment.value)


async def create(connection: Connection) -> None:
    """Create the ledger where it is missing; the statements are idempotent."""
    await connection.execute(Path(__file__).with_name("ledger.sql").read_text("utf-8"))


async def record(connection: Connection, entry: Entry) -> None:
    """Add an entry in the current transaction, so that change and record commit together, and drop old ones.

    The first entry stamps the database with its environment; later ones leave the stamp alone.
    """
    await stamp(connection, entry.environment)
    await connection.execute(
        query("record_history"),
        entry.source.release,
        entry.source.digest,
        json.dumps(dict(entry.source.files)),
        entry.server_version,
        entry.seconds,
        entry.identity.service,
        entry.identity.instance,
        entry.identity.commit,
        entry.environment.value,
        json.dumps([dict(step) for step in entry.steps]),
        objects.to_json(entry.expected),
        entry.verification,
        entry.fingerprint,
        fingerprint.METHOD,
    )
    await connection.execute(query("prune_history"), _KEPT)


async def record_migration(
    connection: Connection, migration: Script, outcome: str, *, release: int, seconds: float = 0.0
) -> None:
    """Note in the current transaction what became of a versioned migration."""
    await connection.execute(
        query("record_migration"),
        migration.number,
        migration.name,
        migration.checksum,
        outcome,
        release,
        seconds,
    )
