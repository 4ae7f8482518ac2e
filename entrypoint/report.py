"""What a run found and did, as plain data: the log, the metrics and the tests read the same facts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from entrypoint.difference import Difference
from entrypoint.errors import ExitCode
from entrypoint.proof import CategoryCount, CheckResult, Verification
from entrypoint.settings import Environment
from entrypoint.sizes import Sizes, TableSize
from entrypoint.steps import AppliedStep

__all__ = [
    "AppliedStep",
    "CategoryCount",
    "CheckResult",
    "Difference",
    "Journal",
    "Outcome",
    "Phase",
    "Report",
    "Sizes",
    "TableLock",
    "TableSize",
    "Verification",
]

log = structlog.get_logger()


class Outcome(StrEnum):
    """How a run ended."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    INTERFACE = "interface"
    VERIFIED = "verified"
    REMOVED = "removed"
    ABSENT = "absent"
    RESTORED = "restored"
    STAMPED = "stamped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A named part of the run; retried phases appear once for each try."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLock:
    """The strongest lock that the apply transaction held on a table, and for how long at the most."""

    table: str
    mode: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
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


@dataclass(slots=True, kw_only=True)
class Journal:
    """Collects what happens during a run; `report` freezes it, also in the middle of a failure.

    `in_doubt` is the id of a transaction whose COMMIT was sent and not answered; `locked_since` is when
    the transaction could take its first table lock, monotonic.
    """

    command: str
    environment: Environment
    commit: str = ""
    release: int = 0
    digest: str = ""
    server_version: str | None = None
    connect_attempts: int = 0
    transaction_attempts: int = 0
    lock_wait_seconds: float = 0.0
    steps: tuple[AppliedStep, ...] = ()
    locks: tuple[TableLock, ...] = ()
    locked_since: float = 0.0
    in_doubt: str | None = None
    verification: Verification | None = None
    sizes: Sizes | None = None
    backup: str | None = None
    outcome: Outcome = Outcome.FAILED
    phases: list[Phase] = field(default_factory=list)
    started_at: float = field(default_factory=time.time)
    _started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time the block and log its end, unless it raised: a failure is told once, by its error."""
        began = time.monotonic()
        yield
        self.finished(name, began)

    def finished(self, name: str, began: float) -> None:
        """Note a phase that began at `began` on the monotonic clock and ends now."""
        seconds = time.monotonic() - began
        self.phases.append(Phase(name=name, seconds=seconds))
        log.info("phase.finished", phase=name, seconds=round(seconds, 4))

    def note_locks(self, modes: Mapping[str, str]) -> None:
        """Note the mode in which each table has been held until now."""
        seconds = time.monotonic() - self.locked_since
        self.locks = tuple(
            TableLock(table=table, mode=mode, seconds=seconds) for table, mode in modes.items()
        )

    def report(self, exit_code: ExitCode = ExitCode.OK) -> Report:
        """Return the run as it stands; any other exit code than 0 makes the outcome a failure.

        Raises RuntimeError for a success that nothing vouches for.
        """
        if exit_code is ExitCode.OK and self.outcome is Outcome.FAILED:
            raise RuntimeError("the run ended without an error and without a result")
        return Report(
            command=self.command,
            outcome=self.outcome if exit_code is ExitCode.OK else Outcome.FAILED,
            exit_code=exit_code,
            release=self.release,
            digest=self.digest,
            commit=self.commit,
            environment=self.environment,
            phases=tuple(self.phases),
            connect_attempts=self.connect_attempts,
            lock_wait_seconds=self.lock_wait_seconds,
            transaction_attempts=self.transaction_attempts,
            steps=self.steps,
            locks=self.locks,
            verification=self.verification,
            sizes=self.sizes,
            backup=self.backup,
            started_at=self.started_at,
            seconds=self.seconds,
            server_version=self.server_version,
        )
