"""What the files stand for on this server: as the ledger recorded it, else built anew."""

from __future__ import annotations

import asyncpg

from entrypoint.catalog import privileges, scratch
from entrypoint.catalog.compare import interface_differences
from entrypoint.catalog.difference import Difference
from entrypoint.catalog.objects import Catalog
from entrypoint.errors import VerificationFailed
from entrypoint.ledger import entries, ledger
from entrypoint.postgres.classify import message_of
from entrypoint.postgres.connection import READ_CATALOG, READ_ONLY, Connection, Server, transaction
from entrypoint.postgres.obstacles import NotWritable
from entrypoint.postgres.preflight import require_writable
from entrypoint.sqlfiles.source import Source


async def recorded(
    connection: Connection, source: Source, server: Server, api_role: str | None
) -> Catalog | None:
    """Return what the ledger recorded for exactly these files on this major version, or None.

    The record is the same for every role; what `api_role` needs is added to it.
    """
    async with transaction(connection, READ_ONLY):
        if await ledger.read(connection) is None:
            return None
        known = await entries.expected(connection, source.digest, server.version)
        return None if known is None else await privileges.expected(connection, api_role, known)


async def recorded_or_built(
    connection: Connection, source: Source, server: Server, api_role: str | None
) -> Catalog:
    """Return the recorded expectation, else build it in a transaction that leaves nothing behind.

    Raises VerificationFailed where neither is possible: on a standby, or without the right to build.
    """
    known = await recorded(connection, source, server, api_role)
    return known if known is not None else await built(connection, source, api_role)


async def built_or_recorded(
    connection: Connection, source: Source, server: Server, api_role: str | None
) -> Catalog:
    """Build the expectation where that is allowed, so that no record has to be trusted, else take the record.

    Raises VerificationFailed where neither is possible.
    """
    try:
        return await built(connection, source, api_role)
    except VerificationFailed:
        known = await recorded(connection, source, server, api_role)
        if known is None:
            raise
        return known


async def built(connection: Connection, source: Source, api_role: str | None = None) -> Catalog:
    """Build the expectation, with the statements that restore each object, and leave nothing behind.

    Raises VerificationFailed where that is impossible: on a standby, or without the right to build.
    """
    try:
        async with transaction(connection):
            await require_writable(connection)
            return await scratch.build(connection, source, api_role)
    except (NotWritable, asyncpg.InsufficientPrivilegeError) as error:
        raise VerificationFailed(
            f"the database cannot be compared with these files: no recorded start of them will do, and "
            f"they cannot be built here: {message_of(error)}",
            remedy="run `morse-entrypoint --init-only` with this image against the primary, as the owner",
        ) from error


async def missing_interface(
    connection: Connection, source: Source, server: Server, api_role: str | None
) -> tuple[Difference, ...]:
    """Return what an API of this image would miss in schema public. Leaves nothing behind."""
    expected = await recorded_or_built(connection, source, server, api_role)
    async with transaction(connection, READ_CATALOG):
        return interface_differences(expected, await privileges.read(connection, api_role, expected))
