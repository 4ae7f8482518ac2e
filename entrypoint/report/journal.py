"""What a run found and did, noted while it happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import structlog

from entrypoint.settings.settings import Environment
from entrypoint.verification.result import Verification

if TYPE_CHECKING:
    from entrypoint.postgres.sizes import Sizes
    from entrypoint.report.steps import AppliedStep

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


class Phase(NamedTuple):
    """A named part of the run; retried phases appear once for each try."""

    name: str
    seconds: float


class TableLock(NamedTuple):
    """The strongest lock that the apply transaction held on a table, and for how long at the most."""

    table: str
    mode: str
    seconds: float


class Journal:
    """Collects what happens during a run; `report.of` freezes it, also in the middle of a failure.

    `in_doubt` is the id of a transaction whose COMMIT was sent and not answered; `locked_since` is when
    the transaction could take its first table lock, monotonic.
    """

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

    def __init__(self, *, command: str, environment: Environment, commit: str = "") -> None:
        self.command = command
        self.environment = environment
        self.commit = commit
        self.phases: list[Phase] = []
        self.started_at = time.time()
        self._started = time.monotonic()

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

    def waited_for_lock(self, seconds: float) -> None:
        """Note a wait for the advisory lock that ends now."""
        self.lock_wait_seconds += seconds
        self.finished("lock", time.monotonic() - seconds)

    def note_locks(self, modes: Mapping[str, str]) -> None:
        """Note the mode in which each table has been held until now."""
        seconds = time.monotonic() - self.locked_since
        self.locks = tuple(
            TableLock(table=table, mode=mode, seconds=seconds) for table, mode in modes.items()
        )
