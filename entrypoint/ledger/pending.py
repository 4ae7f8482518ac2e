"""Which versioned migrations a database still needs, and which histories do not fit together."""

from __future__ import annotations

from entrypoint.errors import FilesRefused
from entrypoint.ledger.ledger import DEFERRED, Ledger
from entrypoint.sqlfiles.source import Script, Source


def pending(source: Source, ledger: Ledger | None) -> tuple[Script, ...]:
    """Return the migrations that were not applied here, or only in part, in the order of their numbers.

    A database without a ledger needs them all. Raises FilesRefused when a migration that was applied here
    is missing from the files, was edited since, or would now run behind a later one.
    """
    applied = {item.number: item for item in ledger.migrations} if ledger else {}
    ours = {migration.number: migration for migration in source.migrations}
    for number, item in sorted(applied.items()):
        _refuse_changed(item.name, item.checksum, ours.get(number))
    done = [number for number, item in applied.items() if item.outcome != DEFERRED]
    waiting = tuple(item for item in source.migrations if item.number not in done)
    late = [item for item in waiting if item.number not in applied and item.number < max(done, default=0)]
    if late:
        raise FilesRefused(
            f"{late[0].name} was never applied here, but a later migration was",
            remedy="give it the next free number, then run `make release`",
        )
    return waiting


def _refuse_changed(name: str, checksum: str, file: Script | None) -> None:
    if file is None:
        raise FilesRefused(
            f"{name} was applied to this database, but is not among the files",
            remedy="put the file back as it was; to undo what it did, add a migration",
        )
    if file.checksum == checksum:
        return
    if file.name != name:
        raise FilesRefused(
            f"{file.name} has the number under which {name} was applied to this database",
            remedy=f"give it the next free number, put {name} back as it was, then run `make release`",
        )
    raise FilesRefused(
        f"{file.name} was edited after it was applied to this database",
        remedy="put the file back as it was, and make the change in a new migration",
        applied_checksum=checksum,
        checksum=file.checksum,
    )
