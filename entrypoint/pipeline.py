"""The product's sentences: what each command does, step by step, in the order in which it happens."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from entrypoint import (
    admission,
    conclusion,
    doubt,
    expectation,
    foresight,
    grants,
    history,
    inspection,
    ledger,
    planning,
    removal,
    replaying,
    restoration,
    scratch,
    stamping,
    start,
    unchanged,
    verify,
)
from entrypoint.catalog import Catalog
from entrypoint.conclusion import Proof
from entrypoint.database import READ_ONLY, transaction
from entrypoint.errors import EntrypointError
from entrypoint.forecast import Forecast, Rehearsal
from entrypoint.inventory import Inventory
from entrypoint.journal import Outcome
from entrypoint.ledger import Ledger, Standing
from entrypoint.obstacles import NotReady, Overtaken
from entrypoint.plan import Plan
from entrypoint.proof import CheckResult
from entrypoint.run import Attempt, Run, attempt, reading
from entrypoint.settings import Environment
from entrypoint.status import Status
from entrypoint.steps import AppliedStep
from entrypoint.tablelock import naming_blockers


async def change(this: Attempt, standing: Standing) -> None:
    """Do what a start has to do where the ledger does not prove that nothing differs.

    In one transaction under the advisory lock, build the expectation, plan by comparison, apply, verify and
    record. Whatever raises rolls all of it back. Raises EntrypointError, and what is worth another attempt.
    """
    run = this.run
    if run.force:
        await _reinstall(this)
    elif reason := start.admit(run, standing.ledger, inhabited=standing.inhabited):
        await start.accept_interface(this, reason)
    else:
        await _bring_up(this, standing.ledger)


async def _reinstall(this: Attempt) -> None:
    """Roll back and initialize in one transaction: whatever fails leaves the old database."""
    run = this.run
    async with start.apply_transaction(this):
        before = await ledger.read(this.connection)
        if run.with_test_data:
            admission.refuse_test_data(before, run.settings.environment)
        removed = await removal.remove(this)
        await removal.keep_stamp(this, before)
        expected, plan, steps, proved = await _make_equal(this, await ledger.read(this.connection))
        recorded = await conclusion.record(this, expected, plan, removed + steps, proved)
        run.journal.steps = removed + steps
        sent = time.monotonic()
    conclusion.tell_committed(run, sent, recorded=recorded)
    run.journal.outcome = Outcome.APPLIED


async def _bring_up(this: Attempt, admitted: Ledger | None) -> None:
    """Do everything that writes, in one transaction under the advisory lock.

    `admitted` is the ledger by which this start was allowed to write; under another it has to ask again.
    """
    run, connection = this.run, this.connection
    async with start.apply_transaction(this):
        standing = await ledger.standing(connection, run.settings.api_role)
        if unchanged.nothing_to_do(this, standing):
            unchanged.keep(run, standing)
            return
        if standing.ledger != admitted:
            raise Overtaken("the ledger is not the one by which this start was admitted")
        expected, plan, steps, proved = await _make_equal(this, standing.ledger)
        recorded = await conclusion.record(this, expected, plan, steps, proved)
        run.journal.steps = steps
        sent = time.monotonic()
    conclusion.tell_committed(run, sent, recorded=recorded)
    if plan.deferred:
        with run.journal.phase("build"):
            run.journal.steps += await start.finish_deferred(this, expected, plan)
    run.journal.outcome = Outcome.APPLIED if run.journal.steps else Outcome.UNCHANGED


async def _make_equal(
    this: Attempt, found: Ledger | None
) -> tuple[Catalog, Plan, tuple[AppliedStep, ...], Proof]:
    """Expect, plan, apply and verify inside the apply transaction, of a start or of its rehearsal."""
    run, connection = this.run, this.connection
    with run.journal.phase("expect"):
        expected = await scratch.build(connection, run.source, run.settings.api_role)
    with run.journal.phase("plan"):
        plan = await planning.make_plan(this, expected, history.pending(run.source, found))
    with run.journal.phase("apply"):
        steps = await start.carry_out(this, plan, expected)
    with run.journal.phase("verify"):
        proved = await conclusion.prove(this, expected, plan)
    return expected, plan, steps, proved


async def plan_only(run: Run) -> Forecast:
    """Say what a start would do, and when asked rehearse it: carry it out, measure it, roll it back.

    Leaves nothing behind. A rehearsal holds the locks of the start that it rehearses; on production it is
    refused unless the database is named. Raises EntrypointError when a start could not even plan.
    """
    return await run.patience.persist(lambda: _plan_once(run))


async def _plan_once(run: Run) -> Forecast:
    async with attempt(run) as this:
        if run.rehearse:
            await foresight.confirm_rehearsal(this)
        foreseen = await foresight.foresee(this)
        if run.rehearse and foreseen.can_be_rehearsed:
            foreseen = replace(foreseen, rehearsal=await _rehearse(this))
        return foreseen


async def _rehearse(this: Attempt) -> Rehearsal:
    """Do what a start does in its transaction, and roll it back."""
    began = time.monotonic()
    async with foresight.rolled_back(this):
        _, _, steps, _ = await _make_equal(this, await ledger.read(this.connection))
    return foresight.measured(this, steps, time.monotonic() - began)


async def status(run: Run) -> Status:
    """Say what the database is: release, differences, sizes, usage. Writes nothing."""
    return await run.patience.persist(lambda: _status_once(run))


async def _status_once(run: Run) -> Status:
    async with attempt(run) as this:
        return await inspection.inspect(this)


async def verify_only(run: Run) -> None:
    """Compare the live catalog with the expectation and run the checks; writes nothing.

    Raises VerificationFailed when it does not pass or cannot be done.
    """
    await run.patience.persist(lambda: _verify_once(run))


async def _verify_once(run: Run) -> None:
    async with attempt(run) as this:
        with run.journal.phase("expect"):
            role = run.settings.api_role
            expected = await expectation.built_or_recorded(this.connection, run.source, this.server, role)
        with run.journal.phase("verify"):
            actual, checks = await _read(this, expected)
        unchanged.conclude(run, verify.judge(expected, actual, run.source, checks, strict=run.strict))
        run.journal.outcome = Outcome.VERIFIED


async def _read(this: Attempt, expected: Catalog) -> tuple[Catalog, tuple[CheckResult, ...]]:
    """Read the live catalog and run the checks; whoever holds a table meanwhile is named."""
    run, connection = this.run, this.connection
    async with naming_blockers(connection, run.patience), reading(this):
        actual = await grants.read(connection, run.settings.api_role, expected)
        return actual, await verify.check(
            connection, run.source, deep=run.deep, seconds=run.patience.remaining
        )


async def wait(run: Run) -> None:
    """Wait until the database holds the interface of this image. Never writes; raises EntrypointError.

    Where no start of this image will ever write, there is nothing to wait for: the interface is there or not.
    """
    await run.patience.persist(lambda: _wait_once(run))


async def _wait_once(run: Run) -> None:
    async with attempt(run) as this:
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


async def roll_back(run: Run) -> Inventory | None:
    """Drop what the product owns and nothing else, in one transaction, or change nothing.

    Returns what would be dropped when it was not confirmed. Raises EntrypointError.
    """
    return await run.patience.persist(lambda: _roll_back_once(run))


async def _roll_back_once(run: Run) -> Inventory | None:
    async with attempt(run) as this:
        await doubt.resolve(this)
        if run.confirmed is None:
            return await removal.survey(this)
        # A COMMIT in doubt that came true is not done again: what is there now was made since.
        if not run.journal.steps:
            async with start.apply_transaction(this):
                run.journal.steps = await removal.remove(this)
                sent = time.monotonic()
            conclusion.tell_committed(run, sent, recorded=False)
        run.journal.outcome = Outcome.REMOVED if run.journal.steps else Outcome.ABSENT
        return None


async def restore(run: Run, start_on_top: Callable[[Run], Awaitable[None]]) -> None:
    """Bring back what a backup holds, prove it, and say what a start would do with it.

    With `migrate` do that too, by `start_on_top`. Raises EntrypointError; before COMMIT nothing is left of
    it, afterwards the database is what the backup holds, and a VerificationFailed says what is odd about it.
    """
    digest = await restoration.check(run)
    await run.patience.persist(lambda: _restore_once(run, digest))
    restoration.conclude(run)
    if run.migrate:
        await restoration.start_on_top(run, start_on_top)


async def _restore_once(run: Run, digest: str) -> None:
    async with attempt(run) as this:
        await doubt.resolve(this)
        if not run.journal.steps:
            async with start.apply_transaction(this):
                expected = await restoration.expect(this)
                run.journal.steps = await replaying.replay(this, digest)
                await restoration.prove(this, expected)
                sent = time.monotonic()
            conclusion.tell_committed(run, sent, recorded=False)
        run.journal.outcome = Outcome.RESTORED
        await _foresee(this)


async def _foresee(this: Attempt) -> None:
    """Say what the next start does here; that it could not is no failure of what is done already."""
    try:
        restoration.tell_next(await foresight.foresee(this))
    except EntrypointError as error:
        restoration.tell_unforeseen(error)


async def stamp(run: Run) -> None:
    """Stamp the database with another environment. Raises EntrypointError and changes nothing then."""
    environment = stamping.wanted(run.operand)
    await run.patience.persist(lambda: _stamp_once(run, environment))


async def _stamp_once(run: Run, environment: Environment) -> None:
    async with attempt(run) as this, start.apply_transaction(this):
        await stamping.change(this, environment)
    run.journal.outcome = Outcome.STAMPED
