"""What a database is, as plain data: release, differences, sizes, usage."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from entrypoint.catalog.difference import Difference
from entrypoint.postgres.sizes import TableSize


class Applied(NamedTuple):
    """The newest entry of the ledger."""

    release: int
    at: datetime
    service: str
    instance: str
    commit: str


class IndexUse(NamedTuple):
    """How often an index was scanned; one that `enforces` uniqueness is needed without any scan."""

    name: str
    table: str
    scans: int
    enforces: bool


class SlowQuery(NamedTuple):
    """A statement as pg_stat_statements counts it, its literals removed; times in seconds."""

    text: str
    calls: int
    mean_seconds: float
    total_seconds: float


class Status(NamedTuple):
    """Everything that `status` reports.

    `proved` is whether the ledger proves the catalog as it is now. `differences`, `slow_queries` and
    `pending` are None where they could not be found out, and `notes` then say why. `counted_since` is
    when the server began to count scans, None for since the database exists.
    """

    database: str
    role: str
    server_version: str
    environment: str
    stamp: str | None
    release: int
    applied: Applied | None
    proved: bool
    pending: tuple[str, ...] | None
    differences: tuple[Difference, ...] | None
    database_bytes: int
    tables: tuple[TableSize, ...]
    indexes: tuple[IndexUse, ...]
    counted_since: datetime | None
    slow_queries: tuple[SlowQuery, ...] | None
    notes: tuple[str, ...] = ()
