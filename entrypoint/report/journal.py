"""What a run found and did: facts in the order in which they were noted, and never changed again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import structlog

from entrypoint.settings.variables import Environment

if TYPE_CHECKING:
    from entrypoint.postgres.sizes import Sizes
    from entrypoint.verification.result import Verification

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


class FilesRead(NamedTuple):
    """The files under `sql/` were read and keep their contract."""

    release: int
    digest: str


class ConnectAttempted(NamedTuple):
    """The run began to connect."""


class Connected(NamedTuple):
    """A server answered and identified itself."""

    server_version: str


class Phase(NamedTuple):
    """A named part of the run ended; retried phases appear once for each try."""

    name: str
    seconds: float


class LockWaited(NamedTuple):
    """A wait for the advisory lock ended."""

    seconds: float


class TransactionBegun(NamedTuple):
    """The run may write from here on: it holds the advisory lock in a transaction."""


class StepApplied(NamedTuple):
    """A step of the plan was carried out."""

    action: str
    target: str
    reason: str
    seconds: float


class TablesLocked(NamedTuple):
    """The strongest lock held on each table until the transaction ends; `since` is monotonic."""

    since: float
    modes: Mapping[str, str]


class LedgerRecorded(NamedTuple):
    """An entry was added to the ledger."""

    release: int
    digest: str


class TransactionEnded(NamedTuple):
    """The transaction of the changes noted before this one ended; `moment` is monotonic."""

    moment: float


class Verified(NamedTuple):
    """The database was compared with what it should be."""

    verification: Verification


class BackupProved(NamedTuple):
    """A backup was written and read back; - is standard output."""

    path: str


class SizesRead(NamedTuple):
    """The sizes of the database and its tables were read."""

    sizes: Sizes


class Concluded(NamedTuple):
    """The command reached its end."""

    outcome: Outcome


# What a rollback takes back.
Change = StepApplied | TablesLocked | LedgerRecorded
Fact = (
    FilesRead
    | ConnectAttempted
    | Connected
    | Phase
    | LockWaited
    | TransactionBegun
    | Change
    | TransactionEnded
    | Verified
    | BackupProved
    | SizesRead
    | Concluded
)
F = TypeVar("F", bound=Fact)


class Changes:
    """What one transaction changed; `transaction_id` is set when COMMIT is about to be sent."""

    def __init__(self) -> None:
        self.facts: list[Change | TransactionEnded] = []
        self.transaction_id: str | None = None

    @property
    def steps(self) -> tuple[StepApplied, ...]:
        """The steps applied in this transaction so far."""
        return tuple(fact for fact in self.facts if isinstance(fact, StepApplied))


class Journal:
    """Collects facts during a run; `report.of` derives everything else, also in the middle of a failure.

    `in_doubt` are the changes of a transaction whose COMMIT was sent and not answered.
    """

    def __init__(self, *, command: str, environment: Environment, commit: str = "") -> None:
        self.command = command
        self.environment = environment
        self.commit = commit
        self.started_at = time.time()
        self.in_doubt: Changes | None = None
        self._started = time.monotonic()
        self._facts: list[Fact] = []
        self._open: Changes | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact that is certain, in order."""
        return tuple(self._facts)

    def all(self, kind: type[F]) -> tuple[F, ...]:
        """Return the facts of one kind, in order."""
        return tuple(fact for fact in self._facts if isinstance(fact, kind))

    def last(self, kind: type[F]) -> F | None:
        """Return the newest fact of one kind."""
        return next((fact for fact in reversed(self._facts) if isinstance(fact, kind)), None)

    @property
    def changed(self) -> bool:
        """Whether this run committed a step."""
        return self.last(StepApplied) is not None

    def note(self, fact: Fact) -> None:
        """Add a fact; a change inside a `transaction` waits until that one is known to be committed."""
        if self._open is not None and isinstance(fact, Change):
            self._open.facts.append(fact)
        else:
            self._facts.append(fact)

    @contextmanager
    def transaction(self) -> Iterator[Changes]:
        """Keep the block's changes apart: they become facts when it ends, are dropped when it raises.

        They are kept as `in_doubt` when it raises after COMMIT was sent.
        """
        changes = self._open = Changes()
        try:
            yield changes
        except BaseException:
            self._close(changes)
            if changes.transaction_id is not None:
                self.in_doubt = changes
            raise
        self._close(changes)
        self._facts += changes.facts

    def resolve(self, *, committed: bool) -> None:
        """Settle the COMMIT in doubt: its changes become facts, or are dropped."""
        changes, self.in_doubt = self.in_doubt, None
        if committed and changes is not None:
            self._facts += changes.facts

    def _close(self, changes: Changes) -> None:
        self._open = None
        if changes.facts:
            changes.facts.append(TransactionEnded(time.monotonic()))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time the block and log its end, unless it raised: a failure is logged once, by its error."""
        began = time.monotonic()
        yield
        self.finished(name, began)

    def finished(self, name: str, began: float) -> None:
        """Note a phase that began at `began` on the monotonic clock and ends now."""
        seconds = time.monotonic() - began
        self.note(Phase(name=name, seconds=seconds))
        log.info("phase.finished", phase=name, seconds=round(seconds, 4))

    def waited_for_lock(self, seconds: float) -> None:
        """Note a wait for the advisory lock that ends now."""
        self.note(LockWaited(seconds))
        self.finished("lock", time.monotonic() - seconds)
