"""What a rollback would drop, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Content(NamedTuple):
    """A table with its exact number of rows and its size in bytes, indexes and TOAST included."""

    table: str
    rows: int
    size_bytes: int


class Inventory(NamedTuple):
    """What the product owns in a database; `release` is 0 and all is empty where that is nothing.

    `objects` counts by category what is dropped beside the tables. `production` says that the name of the
    database is asked for.
    """

    database: str
    server_version: str
    stamp: str | None
    production: bool
    release: int
    tables: tuple[Content, ...]
    objects: Mapping[str, int]
