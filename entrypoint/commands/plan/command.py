"""`plan`: report what a start would do, and change nothing."""

from __future__ import annotations

import time

from entrypoint.commands.plan import preview
from entrypoint.commands.plan.forecast import Forecast, Rehearsal
from entrypoint.deploy import pipeline
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.ledger import ledger


async def plan(run: Run) -> Forecast:
    """Return what a start would do; when asked, rehearse it: carry it out, measure it, roll it back.

    Leaves nothing behind. A rehearsal holds the locks of the start that it rehearses; on production it is
    refused unless the database is named. Raises EntrypointError when a start could not even plan.
    """
    return await run.budget.persist(lambda: _plan_once(run))


async def _plan_once(run: Run) -> Forecast:
    async with opened(run) as this:
        if run.rehearse:
            await preview.confirm_rehearsal(this)
        forecast = await preview.preview(this)
        if run.rehearse and forecast.can_be_rehearsed:
            forecast = forecast._replace(rehearsal=await _rehearse(this))
        return forecast


async def _rehearse(this: Session) -> Rehearsal:
    """Do what a start does in its transaction, and roll it back."""
    began = time.monotonic()
    async with preview.rolled_back(this):
        _, _, steps, _ = await pipeline.make_equal(this, await ledger.read(this.connection))
    return preview.measured(this, steps, time.monotonic() - began)
