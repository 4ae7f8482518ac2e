"""Back up what a rollback drops: dump it, write it, and prove it by reading it back."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog

from entrypoint.backup import file as archive
from entrypoint.backup import pg_dump, readback, scope
from entrypoint.backup.blocking_io import in_thread, wait_until_read, write_stream
from entrypoint.backup.dump_reader import CopyBegin, CopyChunk, CopyEnd, Entry, Item, MalformedDump, Reader
from entrypoint.backup.file import Partial, refusal
from entrypoint.backup.filter import Selection
from entrypoint.backup.packing import CHUNK_BYTES, Packer
from entrypoint.backup.pg_dump import Program
from entrypoint.backup.readback import Readback, RowCounter
from entrypoint.backup.scope import Owned
from entrypoint.errors import BackupFailed
from entrypoint.output import progress
from entrypoint.output.progress import Progress
from entrypoint.settings.database_url import DatabaseUrl

log = structlog.get_logger()

_STANDARD_OUTPUT = 1


class Backup(NamedTuple):
    """A backup that was proved. `path` is None when it went to standard output; `rows` by schema.table."""

    path: Path | None
    rows: Mapping[str, int]
    size_bytes: int
    sha256: str
    seconds: float
    program: str


class Client(NamedTuple):
    """How pg_dump is found and connects, and how many seconds it waits for a table."""

    url: DatabaseUrl
    environ: Mapping[str, str]
    lock_timeout: float


class _Task(NamedTuple):
    """What is to be dumped, by what, and how far it is."""

    client: Client
    program: Program
    arguments: tuple[str, ...]
    selection: Selection
    counts: Mapping[str, int]
    progress: Progress


async def take(
    client: Client,
    *,
    snapshot: str,
    owned: Owned,
    known_settings: frozenset[str],
    server_version: int,
    counts: Mapping[str, int],
    directory: Path | None,
) -> Backup:
    """Dump, write and prove. Raises BackupFailed and leaves nothing behind then.

    The caller's transaction exported `snapshot` and keeps writers out of the tables until it is done
    with them; it must not time out while idle. `counts` names every table whose rows have to be in the
    backup, as schema.table, with their number; the backup holds these tables and no other.
    `server_version` is server_version_num. None for `directory` writes to standard output, where what
    was written before a failure stays.
    """
    began = time.monotonic()
    program = await pg_dump.choose(server_version, client.environ)
    held = await scope.read(client.url, owned, snapshot)
    task = _Task(
        client=client,
        program=program,
        arguments=pg_dump.options(held, snapshot, client.lock_timeout),
        selection=Selection(scope=held, known_settings=known_settings),
        counts=counts,
        progress=Progress(activity="writing", total=sum(counts.values())),
    )
    async with progress.shown(task.progress):
        path, found = await (_to_directory(task, directory) if directory else _to_standard_output(task))
    taken = Backup(
        path=path,
        rows=found.rows,
        size_bytes=found.size_bytes,
        sha256=found.sha256,
        seconds=round(time.monotonic() - began, 3),
        program=str(program),
    )
    log.info(
        "backup.proved",
        path=str(path) if path else None,
        rows=sum(found.rows.values()),
        bytes=found.size_bytes,
        sha256=found.sha256,
        program=taken.program,
        seconds=taken.seconds,
    )
    return taken


async def _to_directory(task: _Task, directory: Path) -> tuple[Path, Readback]:
    """Write under another name, read that back, and give it its name only when it is right."""
    try:
        partial = await in_thread(archive.begin, directory)
    except OSError as error:
        raise refusal(error, f"no backup can be written to {directory}") from error

    async def write(data: bytes) -> None:
        await in_thread(partial.write, data)

    try:
        await _dump(task, write)
        await in_thread(partial.complete)
        task.progress.begin("proving")
        found = await _read_back(task, partial)
        readback.judge(found, task.selection.scope, task.counts)
        return await in_thread(partial.publish, found.sha256), found
    except OSError as error:
        raise refusal(error, f"the backup could not be written to {directory}") from error
    finally:
        partial.discard()


async def _to_standard_output(task: _Task) -> tuple[None, Readback]:
    """Write while a second decompressor reads along, since what has left cannot be read back."""
    if sys.stdout is None:
        # Its number belongs by now to whatever was opened first, the database's socket perhaps.
        raise BackupFailed("standard output is closed", remedy="redirect it to a file, or name a directory")
    witness = RowCounter()

    async def write(data: bytes) -> None:
        await in_thread(witness.feed, data)
        await write_stream(_STANDARD_OUTPUT, data)

    try:
        await _dump(task, write)
        await wait_until_read(_STANDARD_OUTPUT)
    except OSError as error:
        raise refusal(error, "the backup could not be written to standard output") from error
    readback.judge(found := witness.finish(), task.selection.scope, task.counts)
    return None, found


async def _dump(task: _Task, write: Callable[[bytes], Awaitable[None]]) -> None:
    """Run pg_dump, keep of its output what belongs to the product, and write it compressed."""
    reader, packer = Reader(), Packer()

    async def pack(text: bytes) -> None:
        packed = await in_thread(packer.feed, text)
        await write(packed)
        task.progress.bytes += len(packed)

    try:
        async with pg_dump.running(
            task.program, task.client.url, task.arguments, task.client.environ
        ) as output:
            waiting = b""
            while chunk := await output.read(CHUNK_BYTES):
                waiting += b"".join(_kept(task, reader.feed(chunk)))
                if len(waiting) >= CHUNK_BYTES:
                    await pack(waiting)
                    waiting = b""
        await pack(waiting + b"".join(_kept(task, reader.finish())))
        await write(packer.finish())
    except MalformedDump as error:
        raise BackupFailed(
            f"what {task.program} wrote cannot be understood: {error}",
            remedy="take a backup with pg_dump by hand; nothing was dropped",
        ) from error


def _kept(task: _Task, items: Iterator[Item]) -> Iterator[bytes]:
    for item in items:
        match item:
            case Entry():
                yield task.selection.edit(item).text.encode()
            case CopyBegin(text=text):
                yield text.encode()
            case CopyChunk(data=data):
                task.progress.rows += data.count(b"\n")
                yield data
            case CopyEnd():
                yield b"\\.\n"


async def _read_back(task: _Task, partial: Partial) -> Readback:
    witness = RowCounter()
    with partial.path.open("rb", buffering=0) as file:
        while chunk := await in_thread(file.read, CHUNK_BYTES):
            await in_thread(witness.feed, chunk)
            task.progress.rows = witness.rows_seen
    return witness.finish()
