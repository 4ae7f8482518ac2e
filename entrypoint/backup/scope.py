"""What a backup holds, in the words of pg_dump: found out in the very snapshot that is dumped."""

from __future__ import annotations

import re
from typing import NamedTuple

from entrypoint.errors import BackupFailed
from entrypoint.postgres.classify import DRIVER_ERRORS, diagnose, message_of
from entrypoint.postgres.connection import ALONE, SAFE_PATH, Connection, connected, rolled_back
from entrypoint.postgres.queries import query
from entrypoint.settings.database_url import DatabaseUrl
from entrypoint.settings.settings import RetryPolicy

_SNAPSHOT = re.compile(r"[0-9A-Fa-f-]+")
_SECONDS = 10.0
# SET takes no parameters, so the name is spliced in.
_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL lock_timeout = '5s'; "
    f"SET LOCAL quote_all_identifiers = off; {SAFE_PATH}; SET TRANSACTION SNAPSHOT '{{snapshot}}'"
)


class Owned(NamedTuple):
    """What a rollback drops, and so what a backup holds, beside schema entrypoint with all it holds.

    `relations` are the names of tables, views and sequences in public; `functions` are written as the
    catalog does, name(argument types); of `extensions` the backup says that they are needed. `types` are
    domains too.
    """

    relations: frozenset[str]
    functions: frozenset[str]
    extensions: frozenset[str]
    types: frozenset[str] = frozenset()


class Scope(NamedTuple):
    """The same in pg_dump's words.

    `routines` are the names of their entries, `signatures` those in the entries of their comments and
    privileges, `strangers` the relations of public that belong to somebody else.
    """

    owned: Owned
    routines: frozenset[str]
    signatures: frozenset[str]
    statistics: frozenset[str]
    strangers: tuple[str, ...]


async def read(url: DatabaseUrl, owned: Owned, snapshot: str) -> Scope:
    """Look `owned` up in the catalog of `snapshot`. Raises BackupFailed."""
    if not _SNAPSHOT.fullmatch(snapshot):
        raise BackupFailed("the snapshot's name is not one that PostgreSQL gives")
    policy = RetryPolicy(
        budget=_SECONDS, connect_timeout=_SECONDS, lock_timeout=_SECONDS, statement_timeout=_SECONDS
    )
    try:
        async with connected(url, policy, "morse-entrypoint backup") as connection:
            await connection.execute(_BEGIN.format(snapshot=snapshot))
            return await _read(connection, owned)
    except DRIVER_ERRORS as error:
        cause = error.__cause__ or error
        raise BackupFailed(
            f"the catalog could not be read for the backup: {message_of(cause)}",
            remedy=diagnose(error).remedy,
        ) from error


async def _read(connection: Connection, owned: Owned) -> Scope:
    relations = list(owned.relations)
    strangers = await connection.fetch(query("foreign_relations"), relations)
    statistics = await connection.fetch(query("statistics_of"), relations)
    async with rolled_back(connection, "names"):
        named = await connection.fetch(query("routines_by_name"), "public", ALONE)
    by_name = {row["name"]: row["oid"] for row in named}
    if missing := sorted(owned.functions - by_name.keys()):
        raise BackupFailed(f"function {missing[0]} is not in the snapshot that was to be dumped")
    tags = await connection.fetch(query("routine_tags"), [by_name[name] for name in owned.functions])
    return Scope(
        owned=owned,
        routines=frozenset(row["name"] for row in tags),
        signatures=frozenset(row["signature"] for row in tags),
        statistics=frozenset(row["name"] for row in statistics),
        strangers=tuple(row["name"] for row in strangers),
    )
