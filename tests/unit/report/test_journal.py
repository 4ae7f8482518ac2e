"""Changes are facts of the journal only once their transaction is known to have committed."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from entrypoint.errors import ExitCode
from entrypoint.report import report
from entrypoint.report.journal import (
    BackupProved,
    Concluded,
    ConnectAttempted,
    Connected,
    Fact,
    FilesRead,
    Journal,
    LedgerRecorded,
    LockWaited,
    Outcome,
    Phase,
    StepApplied,
    TablesLocked,
    TransactionBegun,
    TransactionEnded,
    Verified,
)
from entrypoint.settings.variables import Environment
from entrypoint.verification.result import Verification

STEP = StepApplied(action="repair", target="index a", reason="missing", seconds=0.5)
LATER = STEP._replace(target="index b")
RECORDED = LedgerRecorded(release=3, digest="d1")
VERIFIED = Verified(Verification(counts=(), differences=(), checks=(), passed=False))


class Lost(Exception):
    """The connection is gone."""


def new_journal() -> Journal:
    """Return a journal without a fact."""
    return Journal(command="init", environment=Environment.DEVELOPMENT)


def fail(journal: Journal, *facts: Fact, transaction_id: str | None = None) -> None:
    """Note facts in a transaction that ends with an error, after COMMIT was sent if it has an id."""
    with suppress(Lost), journal.transaction() as changes:
        for fact in facts:
            journal.note(fact)
        changes.transaction_id = transaction_id
        raise Lost


def test_changes_wait_for_the_end_of_their_transaction() -> None:
    """Inside the transaction its changes are no facts yet; afterwards they are, in their order."""
    journal = new_journal()
    with journal.transaction() as changes:
        journal.note(STEP)
        journal.note(LATER)
        assert ((), (STEP, LATER)) == (journal.facts, changes.steps)
        assert not journal.changed
    assert (STEP, LATER) == journal.all(StepApplied)
    assert journal.changed


def test_a_rollback_drops_changes_and_keeps_what_was_seen() -> None:
    """What was measured and found in a failed transaction stays; what it changed is not told."""
    journal = new_journal()
    locked, backup = TablesLocked(since=0.0, modes={"users": "ShareLock"}), BackupProved(path="b.sql.gz")
    fail(journal, TransactionBegun(), STEP, locked, RECORDED, VERIFIED, backup)
    assert (TransactionBegun(), VERIFIED, backup) == journal.facts
    assert journal.in_doubt is None


@pytest.mark.parametrize(("committed", "steps"), [(True, (STEP,)), (False, ())])
def test_the_doubt_about_a_commit_is_resolved(committed: bool, steps: tuple[StepApplied, ...]) -> None:
    """A COMMIT that was not answered leaves its changes in doubt until the server was asked."""
    journal = new_journal()
    fail(journal, STEP, RECORDED, transaction_id="771")
    assert "771" == journal.in_doubt.transaction_id
    assert not journal.changed

    journal.resolve(committed=committed)

    assert steps == journal.all(StepApplied)
    assert journal.in_doubt is None


def test_a_failed_attempt_takes_nothing_from_an_earlier_one() -> None:
    """What one transaction committed stays when a later one fails, and each step is told once."""
    journal = new_journal()
    with journal.transaction():
        journal.note(STEP)
    fail(journal, STEP)
    with journal.transaction():
        journal.note(LATER)
    assert (STEP, LATER) == journal.all(StepApplied)


def test_table_locks_are_held_until_the_transaction_ends() -> None:
    """Every table of a transaction was locked from its first lock to the answer to COMMIT."""
    locks = TablesLocked(since=10.0, modes={"users": "ShareLock", "workouts": "AccessExclusiveLock"})
    later = TablesLocked(since=30.0, modes={"users": "ShareLock"})
    held = report.locks_of([locks, STEP, TransactionEnded(12.5), later, TransactionEnded(31.0)])
    assert [("users", 2.5), ("workouts", 2.5), ("users", 1.0)] == [
        (lock.table, lock.seconds) for lock in held
    ]


def test_the_end_of_a_transaction_is_noted_with_its_locks() -> None:
    """The duration of a lock is that of its transaction, which the journal measures itself."""
    journal = new_journal()
    began = time.monotonic()
    with journal.transaction():
        journal.note(TablesLocked(since=began - 5, modes={"users": "ShareLock"}))
    [lock] = report.locks_of(journal.facts)
    assert 5 <= lock.seconds <= 5 + time.monotonic() - began


def test_a_report_is_derived_from_the_facts() -> None:
    """Sums and counts cover every attempt, and of what is found anew the newest counts."""
    journal = new_journal()
    for fact in (
        FilesRead(release=3, digest="d1"),
        ConnectAttempted(),
        ConnectAttempted(),
        Connected(server_version="15.1"),
        LockWaited(seconds=0.5),
        LockWaited(seconds=0.25),
        TransactionBegun(),
        Phase(name="apply", seconds=1.0),
        VERIFIED,
        Verified(VERIFIED.verification._replace(passed=True)),
        Concluded(Outcome.UNCHANGED),
        Concluded(Outcome.RESTORED),
    ):
        journal.note(fact)

    told = report.of(journal)

    assert (3, "d1", "15.1") == (told.release, told.digest, told.server_version)
    assert (2, 1, 0.75) == (told.connect_attempts, told.transaction_attempts, told.lock_wait_seconds)
    assert told.verification.passed
    assert Outcome.RESTORED is told.outcome
    assert (Phase(name="apply", seconds=1.0),) == told.phases


@pytest.mark.parametrize("code", [ExitCode.VERIFICATION, ExitCode.INTERNAL])
def test_a_failed_run_is_a_failure_whatever_it_concluded(code: ExitCode) -> None:
    """An exit code other than 0 makes the outcome a failure."""
    journal = new_journal()
    journal.note(Concluded(Outcome.APPLIED))
    assert (Outcome.FAILED, code) == report.of(journal, code)[1:3]


def test_a_success_needs_a_conclusion() -> None:
    """A run that ends without an error and without a conclusion is a mistake of the program."""
    with pytest.raises(RuntimeError, match="without a result"):
        report.of(new_journal())
