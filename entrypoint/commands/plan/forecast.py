"""What a start would do, as plain data, made from the plan without a driver, clock or log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from entrypoint.catalog.difference import Difference
from entrypoint.deploy.plan import Plan, Step
from entrypoint.ledger.ledger import Standing
from entrypoint.report.journal import StepApplied
from entrypoint.report.report import TableLock
from entrypoint.sqlfiles.source import Source

# What waits for a session that holds the mode, in the words of an operator whose application is slow.
BLOCKED: Mapping[str, str] = {
    "ROW SHARE": "exclusive locks",
    "ROW EXCLUSIVE": "index builds and DDL",
    "SHARE UPDATE EXCLUSIVE": "DDL and VACUUM",
    "SHARE": "writes",
    "SHARE ROW EXCLUSIVE": "writes",
    "EXCLUSIVE": "writes",
    "ACCESS EXCLUSIVE": "reads and writes",
}


class PredictedLock(NamedTuple):
    """The strongest lock that the repairs need on an existing table, and what waits for it."""

    table: str
    mode: str
    blocks: str


class MeasuredLock(NamedTuple):
    """The strongest lock that a rehearsal held on a table, and for how long at the most."""

    table: str
    mode: str
    blocks: str
    seconds: float


class Refusal(NamedTuple):
    """How a start would fail, known before it begins."""

    exit_code: int
    message: str
    remedy: str
    details: tuple[str, ...] = ()


class Rehearsal(NamedTuple):
    """What was measured while the plan was carried out and rolled back; durations in seconds."""

    steps: tuple[StepApplied, ...]
    locks: tuple[MeasuredLock, ...]
    seconds: float


class Forecast(NamedTuple):
    """What a start of this image would do to this database.

    `steps` commit together, `deferred` run after COMMIT. `withheld` names the warning under which the
    start would write nothing. In a `fresh` database nothing of ours is there yet. Repairs are unknown while
    `repairs_follow`: migrations run before them. `locks` are what the repairs need; for migrations only a
    rehearsal knows.
    """

    database: str
    server_version: str
    environment: str
    stamp: str | None
    release: int
    recorded_release: int | None
    withheld: str | None = None
    fresh: bool = False
    steps: tuple[Step, ...] = ()
    deferred: tuple[Step, ...] = ()
    contained: tuple[str, ...] = ()
    repairs_follow: bool = False
    locks: tuple[PredictedLock, ...] = ()
    differences: tuple[Difference, ...] = ()
    undecided: tuple[Difference, ...] = ()
    refusal: Refusal | None = None
    rehearsal: Rehearsal | None = None

    @property
    def something_to_do(self) -> bool:
        """Whether a start would write, or a person has to before it can."""
        return bool(self.steps or self.deferred or self.undecided or self.refusal)

    @property
    def can_be_rehearsed(self) -> bool:
        """Whether there is a transaction to carry out, and nothing known that would end it."""
        return bool(self.steps) and not (self.undecided or self.refusal)


def steps_of(plan: Plan, unproved: str, release: int) -> tuple[Step, ...]:
    """Return what would commit in one transaction, its record in the ledger at the end."""
    record = Step(action="record", target=f"release {release}", reason=unproved)
    return (*(step for step, _ in (*plan.migration_tasks, *plan.tasks)), record)


def predicted_locks(plan: Plan) -> tuple[PredictedLock, ...]:
    """Return the table locks that a start takes before its repairs, in the order in which it takes them."""
    return tuple(
        PredictedLock(table=table, mode=mode.sql, blocks=BLOCKED[mode.sql]) for table, mode in plan.locks
    )


def why_unproved(standing: Standing, source: Source, server_version: int) -> str:
    """Return why the ledger does not prove this catalog, so that a start records it anew."""
    ledger = standing.ledger
    if ledger is None or not ledger.release:
        return "no start is recorded here"
    if ledger.unfinished:
        return "a migration still waits for what runs after COMMIT"
    if ledger.release != source.release:
        return f"release {ledger.release} is recorded"
    if ledger.digest != source.digest:
        return "other files are recorded under this release"
    if ledger.server_version != server_version:
        return "another version of the server is recorded"
    return "the catalog is not the one that is recorded"


def measured_locks(held: Iterable[TableLock]) -> tuple[MeasuredLock, ...]:
    """Return the locks that other sessions may wait for, their modes as LOCK TABLE spells them."""
    named = ((lock, _sql(lock.mode)) for lock in held)
    return tuple(
        MeasuredLock(table=lock.table, mode=mode, blocks=BLOCKED[mode], seconds=round(lock.seconds, 6))
        for lock, mode in named
        if mode in BLOCKED
    )


def _sql(mode: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()
