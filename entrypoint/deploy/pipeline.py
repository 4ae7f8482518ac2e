"""A start that has something to do: its steps, in the order in which they happen."""

from __future__ import annotations

from contextlib import suppress

from entrypoint.catalog import scratch
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import admission, apply, deferred, interface, planner, record, transaction, up_to_date
from entrypoint.deploy.plan import Plan
from entrypoint.deploy.record import Proof
from entrypoint.deploy.run import Session
from entrypoint.ledger import ledger, pending
from entrypoint.ledger.ledger import Ledger, Standing
from entrypoint.postgres.advisory_lock import LockNotFree
from entrypoint.postgres.obstacles import AlreadyApplied


async def change(this: Session, standing: Standing) -> None:
    """Do what a start has to do where the ledger does not prove that nothing differs.

    In one transaction under the advisory lock, build the expectation, plan by comparison, apply, verify and
    record. Whatever raises rolls all of it back. Raises EntrypointError, and what is worth another attempt.
    """
    while True:
        if reason := admission.admit(this.run, standing.ledger, inhabited=standing.inhabited):
            return await interface.accept(this, reason)
        with suppress(LockNotFree):
            return await _bring_up(this, standing.ledger)
        # The holder of the lock most likely did the same work, so that twenty starts need not queue for it.
        standing = await transaction.wait_for_other_start(this)
        if up_to_date.nothing_to_do(this, standing):
            return up_to_date.keep(this.run, standing)


async def _bring_up(this: Session, admitted: Ledger | None) -> None:
    """Do everything that writes, in one transaction under the advisory lock.

    `admitted` is the ledger by which this start was allowed to write; under another it has to ask again.
    Raises LockNotFree when another start is at it.
    """
    async with transaction.apply_transaction(this, waits=False) as changes:
        standing = await ledger.standing(this.connection, this.run.settings.api_role)
        if up_to_date.nothing_to_do(this, standing):
            up_to_date.keep(this.run, standing)
            return
        if standing.ledger != admitted:
            raise AlreadyApplied("the ledger is not the one by which this start was admitted")
        expected, plan, proved = await make_equal(this, standing.ledger)
        await record.record(this, expected, plan, changes.steps, proved)
    if admitted is None:  # Without a ledger nobody knew what to look for.
        up_to_date.warn_of_others(this.run, await up_to_date.look(this))
    if plan.deferred:
        with this.run.journal.phase("build"):
            await deferred.finish(this, expected, plan)
    up_to_date.conclude(this.run)


async def make_equal(this: Session, found: Ledger | None) -> tuple[Catalog, Plan, Proof]:
    """Expect, plan, apply and verify inside the apply transaction, of a start or of its rehearsal."""
    run, connection = this.run, this.connection
    with run.journal.phase("expect"):
        expected = await scratch.build(connection, run.source, run.settings.api_role)
    with run.journal.phase("plan"):
        plan = await planner.make_plan(this, expected, pending.pending(run.source, found))
    with run.journal.phase("apply"):
        await apply.carry_out(this, plan, expected)
    with run.journal.phase("verify"):
        proved = await record.prove(this, expected, plan)
    return expected, plan, proved
