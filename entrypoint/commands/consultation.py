"""The sentences of the commands that answer a question and change nothing: plan and status."""

from __future__ import annotations

import time

from entrypoint.commands.plan import preview
from entrypoint.commands.plan.forecast import Forecast, Rehearsal
from entrypoint.commands.status import inspect
from entrypoint.commands.status.status import Status
from entrypoint.deploy import pipeline
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.ledger import ledger


async def plan_only(run: Run) -> Forecast:
    """Say what a start would do, and when asked rehearse it: carry it out, measure it, roll it back.

    Leaves nothing behind. A rehearsal holds the locks of the start that it rehearses; on production it is
    refused unless the database is named. Raises EntrypointError when a start could not even plan.
    """
    return await run.budget.persist(lambda: _plan_once(run))


async def _plan_once(run: Run) -> Forecast:
    async with opened(run) as this:
        if run.rehearse:
            await preview.confirm_rehearsal(this)
        foreseen = await preview.preview(this)
        if run.rehearse and foreseen.can_be_rehearsed:
            foreseen = foreseen._replace(rehearsal=await _rehearse(this))
        return foreseen


async def _rehearse(this: Session) -> Rehearsal:
    """Do what a start does in its transaction, and roll it back."""
    began = time.monotonic()
    async with preview.rolled_back(this):
        _, _, steps, _ = await pipeline.make_equal(this, await ledger.read(this.connection))
    return preview.measured(this, steps, time.monotonic() - began)


async def status(run: Run) -> Status:
    """Say what the database is: release, differences, sizes, usage. Writes nothing."""
    return await run.budget.persist(lambda: _status_once(run))


async def _status_once(run: Run) -> Status:
    async with opened(run) as this:
        return await inspect.inspect(this)
