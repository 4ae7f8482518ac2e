"""The sentences of a deploy: what init, verify and wait do, step by step, in the order they do it."""

from __future__ import annotations

import time
from contextlib import suppress

from entrypoint.catalog import privileges, scratch
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import admission, planner, record, up_to_date
from entrypoint.deploy import transaction as start
from entrypoint.deploy.plan import Plan
from entrypoint.deploy.record import Proof
from entrypoint.deploy.run import Run, Session, opened, reading
from entrypoint.ledger import ledger, pending
from entrypoint.ledger.ledger import Ledger, Standing
from entrypoint.postgres.advisory_lock import LockNotFree
from entrypoint.postgres.connection import READ_ONLY, transaction
from entrypoint.postgres.obstacles import AlreadyApplied, NotReady
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.report.journal import Outcome
from entrypoint.report.steps import AppliedStep
from entrypoint.verification import expected as expectation
from entrypoint.verification import verify
from entrypoint.verification.result import CheckResult


async def change(this: Session, standing: Standing) -> None:
    """Do what a start has to do where the ledger does not prove that nothing differs.

    In one transaction under the advisory lock, build the expectation, plan by comparison, apply, verify and
    record. Whatever raises rolls all of it back. Raises EntrypointError, and what is worth another attempt.
    """
    run = this.run
    while True:
        if reason := start.admit(run, standing.ledger, inhabited=standing.inhabited):
            return await start.accept_interface(this, reason)
        with suppress(LockNotFree):
            return await _bring_up(this, standing.ledger)
        # Whoever held the lock did what was to do here, most likely: twenty starters need not queue for it.
        standing = await start.wait_for_other_start(this)
        if up_to_date.nothing_to_do(this, standing):
            return up_to_date.keep(run, standing)


async def _bring_up(this: Session, admitted: Ledger | None) -> None:
    """Do everything that writes, in one transaction under the advisory lock.

    `admitted` is the ledger by which this start was allowed to write; under another it has to ask again.
    Raises LockNotFree when another start is at it.
    """
    run, connection = this.run, this.connection
    async with start.apply_transaction(this, waits=False):
        standing = await ledger.standing(connection, run.settings.api_role)
        if up_to_date.nothing_to_do(this, standing):
            up_to_date.keep(run, standing)
            return
        if standing.ledger != admitted:
            raise AlreadyApplied("the ledger is not the one by which this start was admitted")
        expected, plan, steps, proved = await make_equal(this, standing.ledger)
        recorded = await record.record(this, expected, plan, steps, proved)
        run.journal.steps = steps
        sent = time.monotonic()
    record.log_committed(run, sent, recorded=recorded)
    if plan.deferred:
        with run.journal.phase("build"):
            run.journal.steps += await start.finish_deferred(this, expected, plan)
    run.journal.outcome = Outcome.APPLIED if run.journal.steps else Outcome.UNCHANGED


async def make_equal(
    this: Session, found: Ledger | None
) -> tuple[Catalog, Plan, tuple[AppliedStep, ...], Proof]:
    """Expect, plan, apply and verify inside the apply transaction, of a start or of its rehearsal."""
    run, connection = this.run, this.connection
    with run.journal.phase("expect"):
        expected = await scratch.build(connection, run.source, run.settings.api_role)
    with run.journal.phase("plan"):
        plan = await planner.make_plan(this, expected, pending.pending(run.source, found))
    with run.journal.phase("apply"):
        steps = await start.carry_out(this, plan, expected)
    with run.journal.phase("verify"):
        proved = await record.prove(this, expected, plan)
    return expected, plan, steps, proved


async def verify_only(run: Run) -> None:
    """Compare the live catalog with the expectation and run the checks; writes nothing.

    Raises VerificationFailed when it does not pass or cannot be done.
    """
    await run.budget.persist(lambda: _verify_once(run))


async def _verify_once(run: Run) -> None:
    async with opened(run) as this:
        with run.journal.phase("expect"):
            role = run.settings.api_role
            expected = await expectation.built_or_recorded(this.connection, run.source, this.server, role)
        with run.journal.phase("verify"):
            actual, checks = await _read(this, expected)
        up_to_date.conclude(run, verify.judge(expected, actual, run.source, checks, strict=run.strict))
        run.journal.outcome = Outcome.VERIFIED


async def _read(this: Session, expected: Catalog) -> tuple[Catalog, tuple[CheckResult, ...]]:
    """Read the live catalog and run the checks; whoever holds a table meanwhile is named."""
    run, connection = this.run, this.connection
    async with naming_blockers(connection, run.budget), reading(this):
        actual = await privileges.read(connection, run.settings.api_role, expected)
        return actual, await verify.check(connection, run.source, deep=run.deep, seconds=run.budget.remaining)


async def wait(run: Run) -> None:
    """Wait until the database holds the interface of this image. Never writes; raises EntrypointError.

    Where no start of this image will ever write, there is nothing to wait for: the interface is there or not.
    """
    await run.budget.persist(lambda: _wait_once(run))


async def _wait_once(run: Run) -> None:
    async with opened(run) as this:
        async with transaction(this.connection, READ_ONLY):
            found = await ledger.read(this.connection)
        if reason := admission.why_not_write(found, run.source, run.settings.environment):
            await start.accept_interface(this, reason)
            return
        if found is None or found.release < run.source.release:
            applied = found.release if found else "none"
            raise NotReady(f"release {run.source.release} is needed, applied is {applied}")
        role = run.settings.api_role
        lost = await expectation.missing_interface(this.connection, run.source, this.server, role)
        if lost:
            raise NotReady(f"{lost[0].kind} {lost[0].name} is {lost[0].status}")
        run.journal.outcome = Outcome.INTERFACE
