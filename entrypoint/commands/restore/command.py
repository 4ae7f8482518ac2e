"""`restore`: bring back a backup, prove it, and report what a start would do with it."""

from __future__ import annotations

import time

from entrypoint.commands.plan import preview
from entrypoint.commands.restore import replay
from entrypoint.commands.restore import restore as restoration
from entrypoint.deploy import doubt, record, transaction
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.errors import EntrypointError
from entrypoint.report.journal import Outcome


async def restore(run: Run) -> None:
    """Bring back what a backup holds, prove it, and log what a start would do with it.

    With `migrate` do that too. Raises EntrypointError; before COMMIT nothing is left of it, afterwards the
    database is what the backup holds, and a VerificationFailed says what is odd about it.
    """
    digest = await restoration.check(run)
    await run.budget.persist(lambda: _restore_once(run, digest))
    restoration.conclude(run)
    if run.migrate:
        await restoration.start_on_top(run)


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
    """Log what the next start does here; that it could not is no failure of what is done already."""
    try:
        restoration.log_next_start(await preview.preview(this))
    except EntrypointError as error:
        restoration.log_unpreviewed(error)
