"""A finished run as plain data, from which the closing sentence, the metrics and the JSON are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from entrypoint.errors import ExitCode
from entrypoint.report.journal import (
    BackupProved,
    Concluded,
    ConnectAttempted,
    Connected,
    Fact,
    FilesRead,
    Journal,
    LockWaited,
    Outcome,
    Phase,
    SizesRead,
    StepApplied,
    TablesLocked,
    TransactionBegun,
    TransactionEnded,
    Verified,
)

if TYPE_CHECKING:
    from entrypoint.postgres.sizes import Sizes
    from entrypoint.verification.result import Verification


class TableLock(NamedTuple):
    """The strongest lock that a committed transaction held on a table, and for how long at the most."""

    table: str
    mode: str
    seconds: float


class Report(NamedTuple):
    """A finished run. `started_at` is in Unix seconds, every duration in seconds.

    `sizes` are None unless metrics are wanted, and where they could not be asked. `backup` is the path of
    the one that was proved, - for standard output.
    """

    command: str
    outcome: Outcome
    exit_code: int
    release: int
    digest: str
    commit: str
    environment: str
    phases: tuple[Phase, ...]
    connect_attempts: int
    lock_wait_seconds: float
    transaction_attempts: int
    steps: tuple[StepApplied, ...]
    locks: tuple[TableLock, ...]
    verification: Verification | None
    sizes: Sizes | None
    backup: str | None
    started_at: float
    seconds: float
    server_version: str | None


def of(journal: Journal, exit_code: int = ExitCode.OK) -> Report:
    """Return the run as it stands; any other exit code than 0 makes the outcome a failure.

    Raises RuntimeError for a success without a conclusion.
    """
    concluded = journal.last(Concluded)
    succeeded = exit_code == ExitCode.OK
    if succeeded and concluded is None:
        raise RuntimeError("the run ended without an error and without a result")
    files = journal.last(FilesRead) or FilesRead(release=0, digest="")
    connected, verified = journal.last(Connected), journal.last(Verified)
    sizes, backup = journal.last(SizesRead), journal.last(BackupProved)
    return Report(
        command=journal.command,
        outcome=concluded.outcome if succeeded and concluded else Outcome.FAILED,
        exit_code=exit_code,
        release=files.release,
        digest=files.digest,
        commit=journal.commit,
        environment=journal.environment,
        phases=journal.all(Phase),
        connect_attempts=len(journal.all(ConnectAttempted)),
        lock_wait_seconds=sum(wait.seconds for wait in journal.all(LockWaited)),
        transaction_attempts=len(journal.all(TransactionBegun)),
        steps=journal.all(StepApplied),
        locks=locks_of(journal.facts),
        verification=verified.verification if verified else None,
        sizes=sizes.sizes if sizes else None,
        backup=backup.path if backup else None,
        started_at=journal.started_at,
        seconds=journal.seconds,
        server_version=connected.server_version if connected else None,
    )


def locks_of(facts: Iterable[Fact]) -> tuple[TableLock, ...]:
    """Return the table locks of the transactions that committed, held until COMMIT was answered."""
    taken: list[TablesLocked] = []
    held: list[TableLock] = []
    for fact in facts:
        if isinstance(fact, TablesLocked):
            taken.append(fact)
        elif isinstance(fact, TransactionEnded):
            held += [
                TableLock(table=table, mode=mode, seconds=fact.moment - lock.since)
                for lock in taken
                for table, mode in lock.modes.items()
            ]
            taken = []
    return tuple(held)
