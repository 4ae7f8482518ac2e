"""The ledger in schema `entrypoint`: which release was proved here, and for which environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

from entrypoint.catalog import fingerprint
from entrypoint.errors import DatabaseIncompatible
from entrypoint.postgres.connection import Connection, only_row
from entrypoint.postgres.queries import query
from entrypoint.settings.variables import Environment
from entrypoint.sqlfiles.directory import Released

APPLIED = "applied"
CONTAINED = "contained"
DEFERRED = "deferred"

NOT_WHOLE = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)


class AppliedMigration(NamedTuple):
    """A migration that this database has: APPLIED, CONTAINED in its baseline, or DEFERRED."""

    number: int
    name: str
    checksum: str
    outcome: str


class Ledger(NamedTuple):
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

    def is_of(self, source: Released, server_version: int) -> bool:
        """Return whether the newest entry is of these files, this server and this way to read it."""
        recorded = (self.release, self.digest, self.server_version, self.method)
        return recorded == (source.release, source.digest, server_version, fingerprint.METHOD)


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


class Standing(NamedTuple):
    """What is known of the database before anything is decided.

    `inhabited`: there are tables, but no ledger that lists them. Without a ledger there is nothing
    that a fingerprint could be equal to, and none is taken. `creators` may create in public and should not,
    and `shadows` are tables named like ours in another schema of the role's search_path.
    """

    ledger: Ledger | None
    fingerprint: str
    inhabited: bool = False
    creators: tuple[str, ...] = ()
    shadows: tuple[str, ...] = ()

    @property
    def verification(self) -> str:
        """The recorded verification as JSON; only a standing that proves something has one."""
        return self.ledger.verification if self.ledger else "{}"

    def proves(self, source: Released, server_version: int) -> bool:
        """Return whether these files were proved here, on this server, and nothing changed since."""
        ledger = self.ledger
        if ledger is None or ledger.unfinished:
            return False
        return ledger.is_of(source, server_version) and ledger.fingerprint == self.fingerprint

    def repeats(self, source: Released, server_version: int, outcomes: Mapping[int, str]) -> bool:
        """Return whether one more entry, and these outcomes of migrations, would add nothing.

        While a migration is deferred the entry proves nothing yet, whatever its fingerprint is.
        """
        ledger = self.ledger
        if ledger is None or not ledger.is_of(source, server_version):
            return False
        known = {migration.number: migration.outcome for migration in ledger.migrations}
        if any(known.get(number) != outcome for number, outcome in outcomes.items()):
            return False
        return ledger.unfinished or ledger.fingerprint == self.fingerprint


async def whole_standing(connection: Connection, api_role: str | None = None) -> Standing:
    """Read the same in one question; without a ledger raises one of `NOT_WHOLE`, ending the transaction."""
    live, *values = _live(api_role)
    text = query("standing").replace("$fingerprint", live).replace("$read_ledger", query("read_ledger"))
    row = await only_row(connection, text, *values)
    return Standing(
        ledger=_ledger(row),
        fingerprint=row["live"],
        creators=tuple(row["creators"]),
        shadows=tuple(row["shadows"] or ()),
    )


def _live(api_role: str | None) -> tuple[str, ...]:
    """Return the question for the live fingerprint, in which what the newest row names is ours."""
    return fingerprint.question(api_role, f"({query('recorded_names')})")


async def standing(connection: Connection, api_role: str | None = None) -> Standing:
    """Read ledger and live fingerprint in the current transaction; takes no lock on a user relation.

    The fingerprint covers what `api_role` may do, so that one that was recorded without it proves nothing.
    """
    found = await read(connection)
    if found is None:
        inhabited = bool(await connection.fetchval(query("has_tables")))
        return Standing(ledger=None, fingerprint="", inhabited=inhabited)
    live, *values = _live(api_role)
    return Standing(ledger=found, fingerprint=str(await connection.fetchval(live, *values)))
