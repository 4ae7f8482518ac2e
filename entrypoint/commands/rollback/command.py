"""`rollback`: drop what the product owns, or report what that would be."""

from __future__ import annotations

import time

from entrypoint.commands.rollback import drop
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.deploy import doubt, record, transaction
from entrypoint.deploy.run import Run, opened
from entrypoint.report.journal import Outcome


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
