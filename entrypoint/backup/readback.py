"""What a finished backup really holds, found by reading it back to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from entrypoint.backup.dump_reader import CopyBegin, CopyChunk, CopyEnd, Entry, Item, MalformedDump, Reader
from entrypoint.backup.filter import RELATIONS, ROUTINES, TYPES
from entrypoint.backup.packing import DamagedArchive, Unpacker
from entrypoint.backup.scope import Scope
from entrypoint.errors import BackupFailed
from entrypoint.output.plain import first_of

_REMEDY = "try again; nothing was dropped"
_NAMED = 10


class Readback(NamedTuple):
    """What was found; `rows` by schema.table, `size_bytes` and `sha256` of the compressed form."""

    rows: Mapping[str, int]
    relations: frozenset[str]
    routines: frozenset[str]
    types: frozenset[str]
    size_bytes: int
    sha256: str


class RowCounter:
    """Reads a compressed backup from its beginning to its end and remembers what it saw."""

    def __init__(self) -> None:
        self._unpacker, self._reader, self._digest = Unpacker(), Reader(), hashlib.sha256()
        self._size = 0
        self._table = ""
        self._rows: dict[str, int] = {}
        self._seen: dict[str, set[str]] = {"relation": set(), "routine": set(), "type": set()}
        self.rows_seen = 0

    def feed(self, packed: bytes) -> None:
        """Read on. Raises BackupFailed for what is no backup of ours."""
        self._digest.update(packed)
        self._size += len(packed)
        try:
            for piece in self._unpacker.feed(packed):
                for item in self._reader.feed(piece):
                    self._remember(item)
        except (DamagedArchive, MalformedDump) as error:
            raise _unreadable(error) from error

    def finish(self) -> Readback:
        """Return what was seen. Raises BackupFailed when the end was not there."""
        try:
            self._unpacker.finish()
            for item in self._reader.finish():
                self._remember(item)
        except (DamagedArchive, MalformedDump) as error:
            raise _unreadable(error) from error
        return Readback(
            rows=self._rows,
            relations=frozenset(self._seen["relation"]),
            routines=frozenset(self._seen["routine"]),
            types=frozenset(self._seen["type"]),
            size_bytes=self._size,
            sha256=self._digest.hexdigest(),
        )

    def _remember(self, item: Item) -> None:
        match item:
            case CopyBegin(schema=schema, table=table):
                self._table = f"{schema}.{table}"
            case CopyChunk(data=data):
                self.rows_seen += data.count(b"\n")
            case CopyEnd(rows=rows):
                # A table that came twice would be restored twice.
                self._rows[self._table] = self._rows.get(self._table, 0) + rows
            case Entry(kind=kind, name=name, schema="public") if kind in RELATIONS:
                self._seen["relation"].add(name)
            case Entry(kind=kind, name=name, schema="public") if kind in TYPES:
                self._seen["type"].add(name)
            case Entry(kind=kind, name=name, schema="public") if kind in ROUTINES:
                self._seen["routine"].add(name)


def judge(found: Readback, scope: Scope, counts: Mapping[str, int]) -> None:
    """Raise BackupFailed unless the backup holds the whole product and nothing else."""
    wrong = [
        f"{table} has {counts.get(table, 'no')} rows, the backup {found.rows.get(table, 'none')}"
        for table in sorted(counts.keys() | found.rows.keys())
        if counts.get(table) != found.rows.get(table)
    ]
    wrong += _unequal("relation", scope.owned.relations, found.relations)
    wrong += _unequal("function", scope.routines, found.routines)
    wrong += _unequal("type", scope.owned.types, found.types)
    if wrong:
        raise BackupFailed(
            f"the backup is not what is in the database: {first_of(wrong)}",
            remedy=_REMEDY,
            differences=wrong[:_NAMED],
        )


def _unequal(word: str, expected: frozenset[str], found: frozenset[str]) -> list[str]:
    return [f"{word} {name} is missing in the backup" for name in sorted(expected - found)]


def _unreadable(error: Exception) -> BackupFailed:
    return BackupFailed(f"the backup cannot be read back: {error}", remedy=_REMEDY)
