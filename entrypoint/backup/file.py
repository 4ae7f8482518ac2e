"""A backup as a file: written under another name, named when it is proved, checked before it is used."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from entrypoint.backup.blocking_io import in_thread
from entrypoint.backup.dump_reader import Item, MalformedDump, Reader
from entrypoint.backup.packing import CHUNK_BYTES, DamagedArchive, Unpacker
from entrypoint.errors import BackupFailed

_NAME = "morse_backup_%Y%m%d_%H%M%S.sql.gz"
_TRIES = 60
_SUM = re.compile(r"([0-9a-f]{64}) [ *][^\n]+\n?")
_REMEDIES = {
    errno.ENOSPC: "free space there, or name another directory with --backup-dir",
    errno.EDQUOT: "free space there, or name another directory with --backup-dir",
    errno.EPIPE: "find out why whoever read our standard output stopped, and try again",
}
_REMEDY = "name a directory with --backup-dir that this user may write to"
_RESTORE_REMEDY = "fetch backup and .sha256 again from where they were kept, or take another backup"


@dataclass(slots=True, kw_only=True)
class Partial:
    """A backup that nobody may take for one yet; whoever began it ends it with `publish` or `discard`."""

    path: Path
    final: Path
    descriptor: int
    closed: bool = field(default=False)

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def complete(self) -> None:
        """Bring what was written to the disk."""
        os.fsync(self.descriptor)
        self._close()

    def publish(self, digest: str) -> Path:
        """Give the backup its name, and put the digest beside it in the form of sha256sum.

        The digest comes first, so that a backup that has its name is complete.
        """
        beside = sum_of(self.final)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{digest}  {self.final.name}\n")
                file.flush()
                os.fsync(file.fileno())
            self.path.rename(self.final)
            _sync_directory(self.final.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        return self.final

    def discard(self) -> None:
        """Remove it. Raises nothing: there is a better reason to be told."""
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.descriptor)


def begin(directory: Path) -> Partial:
    """Create a file for a new backup, readable for its owner alone, and its directory. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    for seconds in range(_TRIES):
        final = directory / (now + timedelta(seconds=seconds)).strftime(_NAME)
        path = directory / f".{final.name}.partial"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        partial = Partial(path=path, final=final, descriptor=descriptor)
        # Looked for only now: whoever had this second before us has renamed before our name was free.
        if not final.exists() and not sum_of(final).exists():
            return partial
        partial.discard()
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(directory))


def sum_of(path: Path) -> Path:
    """Return the path of the file that holds a backup's digest."""
    return path.with_name(f"{path.name}.sha256")


def check(path: Path) -> str:
    """Return the digest of a backup, which has to be the one beside it; reads the whole file.

    Raises BackupFailed.
    """
    beside = sum_of(path)
    try:
        said = _SUM.fullmatch(beside.read_text("utf-8"))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise refusal(error, f"{error.filename or path} cannot be read", _missing(path)) from error
    except OSError as error:
        raise refusal(error, f"{error.filename or path} cannot be read", _RESTORE_REMEDY) from error
    except UnicodeDecodeError:
        said = None
    if said is None:
        raise BackupFailed(f"{beside} holds no SHA-256 in the form of sha256sum", remedy=_RESTORE_REMEDY)
    if said[1] != digest:
        raise BackupFailed(
            f"{path} is not the file that was proved: its SHA-256 is not the one in {beside.name}",
            remedy=_RESTORE_REMEDY,
            expected=said[1],
            actual=digest,
        )
    return digest


def _missing(path: Path) -> str:
    """Say what to do where a file is not there; a backup that was streamed never had a digest beside it."""
    if not path.exists():
        return "check the name of the file"
    return (
        f"fetch it from where the backup was kept; of a streamed backup compare `sha256sum {path}` with what "
        f"the log said in backup.proved, then run: sha256sum {path} > {sum_of(path)}"
    )


async def read(path: Path) -> AsyncIterator[Item]:
    """Yield what a backup holds. Raises BackupFailed when it is damaged, at the latest at its end."""
    items = _items(path)
    try:
        while (item := await in_thread(next, items, None)) is not None:
            yield item
    except OSError as error:
        raise refusal(error, f"{path} cannot be read", "check the name of the file") from error
    except (DamagedArchive, MalformedDump) as error:
        raise BackupFailed(f"{path} is damaged: {error}", remedy=_RESTORE_REMEDY) from error
    finally:
        items.close()


def _items(path: Path) -> Generator[Item, None, None]:
    unpacker, reader = Unpacker(), Reader()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            for piece in unpacker.feed(chunk):
                yield from reader.feed(piece)
    unpacker.finish()
    yield from reader.finish()


def refusal(error: OSError, message: str, remedy: str = "") -> BackupFailed:
    """Return what to tell people of an error of the operating system."""
    reason = error.strerror or str(error)
    number = error.errno or 0
    return BackupFailed(f"{message}: {reason}", remedy=remedy or _REMEDIES.get(number, _REMEDY))


def _sync_directory(directory: Path) -> None:
    """Make a rename last; some file systems cannot, and then nobody can."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
