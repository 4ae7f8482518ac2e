"""A finished run as plain data: the metrics, the JSON and the tests read the same facts."""

from __future__ import annotations

from typing import NamedTuple

from entrypoint.catalog.difference import Difference
from entrypoint.errors import ExitCode
from entrypoint.postgres.sizes import Sizes, TableSize
from entrypoint.report.journal import Journal, Outcome, Phase, TableLock
from entrypoint.report.steps import AppliedStep
from entrypoint.verification.result import CategoryCount, CheckResult, Verification

__all__ = [
    "AppliedStep",
    "CategoryCount",
    "CheckResult",
    "Difference",
    "Outcome",
    "Phase",
    "Report",
    "Sizes",
    "TableLock",
    "TableSize",
    "Verification",
    "of",
]


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
    steps: tuple[AppliedStep, ...]
    locks: tuple[TableLock, ...]
    verification: Verification | None
    sizes: Sizes | None
    backup: str | None
    started_at: float
    seconds: float
    server_version: str | None


def of(journal: Journal, exit_code: int = ExitCode.OK) -> Report:
    """Return the run as it stands; any other exit code than 0 makes the outcome a failure.

    Raises RuntimeError for a success that nothing vouches for.
    """
    if exit_code == ExitCode.OK and journal.outcome is Outcome.FAILED:
        raise RuntimeError("the run ended without an error and without a result")
    return Report(
        command=journal.command,
        outcome=journal.outcome if exit_code == ExitCode.OK else Outcome.FAILED,
        exit_code=exit_code,
        release=journal.release,
        digest=journal.digest,
        commit=journal.commit,
        environment=journal.environment,
        phases=tuple(journal.phases),
        connect_attempts=journal.connect_attempts,
        lock_wait_seconds=journal.lock_wait_seconds,
        transaction_attempts=journal.transaction_attempts,
        steps=journal.steps,
        locks=journal.locks,
        verification=journal.verification,
        sizes=journal.sizes,
        backup=journal.backup,
        started_at=journal.started_at,
        seconds=journal.seconds,
        server_version=journal.server_version,
    )
