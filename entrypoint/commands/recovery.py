"""The sentences of what a person asks for: rollback, reinstallation, restore and stamp."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from entrypoint.commands import stamping
from entrypoint.commands.plan import preview
from entrypoint.commands.restore import replay
from entrypoint.commands.restore import restore as restoration
from entrypoint.commands.rollback import drop
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.deploy import admission, doubt, pipeline, record, transaction
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.errors import EntrypointError
from entrypoint.ledger import ledger
from entrypoint.report.journal import Outcome
from entrypoint.settings.settings import Environment


async def reinstall(this: Session) -> None:
    """Roll back and initialize in one transaction: whatever fails leaves the old database."""
    run = this.run
    async with transaction.apply_transaction(this):
        before = await ledger.read(this.connection)
        if run.with_test_data:
            admission.refuse_test_data(before, run.settings.environment)
        removed = await drop.remove(this)
        await drop.keep_stamp(this, before)
        expected, plan, steps, proved = await pipeline.make_equal(this, await ledger.read(this.connection))
        recorded = await record.record(this, expected, plan, removed + steps, proved)
        run.journal.steps = removed + steps
        sent = time.monotonic()
    record.log_committed(run, sent, recorded=recorded)
    run.journal.outcome = Outcome.APPLIED


async def roll_back(run: Run) -> Inventory | None:
    """Drop what the product owns and nothing else, in one transaction, or change nothing.

    Returns what would be dropped when it was not confirmed. Raises EntrypointError.
    """
    return await run.budget.persist(lambda: _roll_back_once(run))


async def _roll_back_once(run: Run) -> Inventory | None:
    async with opened(run) as this:
        await doubt.resolve(this)
        if run.confirmed is None:
            return await drop.survey(this)
        # A COMMIT in doubt that came true is not done again: what is there now was made since.
        if not run.journal.steps:
            async with transaction.apply_transaction(this):
                run.journal.steps = await drop.remove(this)
                sent = time.monotonic()
            record.log_committed(run, sent, recorded=False)
        run.journal.outcome = Outcome.REMOVED if run.journal.steps else Outcome.ABSENT
        return None


async def restore(run: Run, start_on_top: Callable[[Run], Awaitable[None]]) -> None:
    """Bring back what a backup holds, prove it, and say what a start would do with it.

    With `migrate` do that too, by `start_on_top`. Raises EntrypointError; before COMMIT nothing is left of
    it, afterwards the database is what the backup holds, and a VerificationFailed says what is odd about it.
    """
    digest = await restoration.check(run)
    await run.budget.persist(lambda: _restore_once(run, digest))
    restoration.conclude(run)
    if run.migrate:
        await restoration.start_on_top(run, start_on_top)


async def _restore_once(run: Run, digest: str) -> None:
    async with opened(run) as this:
        await doubt.resolve(this)
        if not run.journal.steps:
            async with transaction.apply_transaction(this):
                expected = await restoration.expect(this)
                run.journal.steps = await replay.replay(this, digest)
                await restoration.prove(this, expected)
                sent = time.monotonic()
            record.log_committed(run, sent, recorded=False)
        run.journal.outcome = Outcome.RESTORED
        await _preview(this)


async def _preview(this: Session) -> None:
    """Say what the next start does here; that it could not is no failure of what is done already."""
    try:
        restoration.log_next_start(await preview.preview(this))
    except EntrypointError as error:
        restoration.log_unpreviewed(error)


async def stamp(run: Run) -> None:
    """Stamp the database with another environment. Raises EntrypointError and changes nothing then."""
    environment = stamping.wanted(run.operand)
    await run.budget.persist(lambda: _stamp_once(run, environment))


async def _stamp_once(run: Run, environment: Environment) -> None:
    async with opened(run) as this, transaction.apply_transaction(this):
        await stamping.change(this, environment)
    run.journal.outcome = Outcome.STAMPED
