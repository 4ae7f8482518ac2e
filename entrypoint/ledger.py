"""The ledger in schema `entrypoint`: which release was proved here, and for which environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from entrypoint import catalog
from entrypoint.catalog import Catalog, Key
from entrypoint.database import Connection, only_row
from entrypoint.errors import DatabaseIncompatible
from entrypoint.files import Released
from entrypoint.queries import method, query
from entrypoint.settings import Environment, Identity

if TYPE_CHECKING:
    from entrypoint.migration import Migration, Source

APPLIED = "applied"
CONTAINED = "contained"
DEFERRED = "deferred"

NOT_WHOLE = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedMigration:
    """A migration that this database has: APPLIED, CONTAINED in its baseline, or DEFERRED."""

    number: int
    name: str
    checksum: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The newest row and the stamp. `release` is 0 when no start was ever recorded."""

    release: int = 0
    digest: str = ""
    server_version: int = 0
    method: str = ""
    fingerprint: str = ""
    verification: str = "{}"
    stamp: Environment | None = None
    migrations: tuple[AppliedMigration, ...] = ()

    @property
    def unfinished(self) -> bool:
        """Whether a migration still waits for what runs after COMMIT."""
        return any(migration.outcome == DEFERRED for migration in self.migrations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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


async def read(connection: Connection) -> Ledger | None:
    """Return the newest entry, or None where no ledger exists.

    Raises DatabaseIncompatible when the role may not read it.
    """
    access = await connection.fetchrow(query("ledger_access"))
    if access is None:
        return None
    if not access["readable"]:
        owner, role = access["owner"], access["role"]
        grant = f"GRANT {owner} TO {role};"
        raise DatabaseIncompatible(
            f"the ledger belongs to {owner}, and {role} may not read it",
            remedy=f"as a superuser or the owner run: {grant} For a role that only verifies run: "
            f"GRANT USAGE ON SCHEMA entrypoint TO {role}; "
            f"GRANT SELECT ON ALL TABLES IN SCHEMA entrypoint TO {role};",
            grants=[grant],
        )
    if not access["whole"]:
        raise _damaged("one of its tables is missing")
    row = await connection.fetchrow(query("read_ledger"))
    return Ledger() if row is None else _ledger(row)


def _ledger(row: asyncpg.Record) -> Ledger:
    try:
        stamp = Environment(row["environment"]) if row["environment"] else None
    except ValueError as error:
        raise _damaged("its stamp is none of production, development and preview") from error
    if row["release"] is None:
        return Ledger(stamp=stamp)
    return Ledger(
        release=row["release"],
        digest=row["digest"],
        server_version=row["server_version"],
        method=row["method"],
        fingerprint=row["fingerprint"],
        verification=row["verification"],
        stamp=stamp,
        migrations=tuple(AppliedMigration(**item) for item in json.loads(row["migrations"])),
    )


def _damaged(what: str) -> DatabaseIncompatible:
    return DatabaseIncompatible(
        f"the ledger in schema entrypoint is damaged: {what}",
        remedy="restore schema entrypoint from a backup; to begin a new history, drop the whole schema, "
        "but on production set MORSE_ENVIRONMENT=production for the next start, which stamps it again",
    )


async def expected(connection: Connection, digest: str, server_version: int) -> Catalog | None:
    """Return the catalog that files of `digest` stood for when they were last proved, or None.

    Deparsed text differs between major versions of the server, so only its own major counts.
    """
    text = await connection.fetchval(query("read_expected"), digest, server_version, method())
    return catalog.from_json(text) if text is not None else None


async def owned(connection: Connection) -> frozenset[Key] | None:
    """Return the objects that the newest entry names, whichever server and release it is from, or None."""
    text = await connection.fetchval(query("read_owned"))
    return frozenset(catalog.from_json(text)) if text is not None else None


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
    """Add an entry in the current transaction, so that change and record commit together.

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
        catalog.to_json(entry.expected),
        entry.verification,
        entry.fingerprint,
        method(),
    )


async def record_migration(
    connection: Connection, migration: Migration, outcome: str, *, release: int, seconds: float = 0.0
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the database says of itself before anything is decided.

    `inhabited` says that tables are there which no ledger accounts for.
    """

    ledger: Ledger | None
    fingerprint: str
    inhabited: bool = False

    @property
    def verification(self) -> str:
        """The recorded verification as JSON; only a standing that proves something has one."""
        return self.ledger.verification if self.ledger else "{}"

    def proves(self, source: Released, server_version: int) -> bool:
        """Say whether these files were proved here, on this server, and nothing changed since."""
        ledger = self.ledger
        if ledger is None or ledger.unfinished:
            return False
        proved = (ledger.release, ledger.digest, ledger.server_version, ledger.method, ledger.fingerprint)
        return proved == (source.release, source.digest, server_version, method(), self.fingerprint)


async def whole_standing(connection: Connection, api_role: str | None = None) -> Standing:
    """Read the same in one question; without a ledger raises one of `NOT_WHOLE`, ending the transaction."""
    fingerprint, *values = catalog.fingerprint_question(api_role)
    text = (
        query("standing").replace("$fingerprint", fingerprint).replace("$read_ledger", query("read_ledger"))
    )
    row = await only_row(connection, text, *values)
    return Standing(ledger=_ledger(row), fingerprint=row["live"])


async def standing(connection: Connection, api_role: str | None = None) -> Standing:
    """Read ledger and live fingerprint in the current transaction; takes no lock on a user relation.

    The fingerprint covers what `api_role` may do, so that one that was recorded without it proves nothing.
    """
    found = await read(connection)
    return Standing(
        ledger=found,
        fingerprint=await catalog.fingerprint(connection, api_role),
        inhabited=found is None and bool(await connection.fetchval(query("has_tables"))),
    )
