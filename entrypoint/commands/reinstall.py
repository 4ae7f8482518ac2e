"""`init --force`: drop everything and create it again."""

from __future__ import annotations

import time

from entrypoint.commands.rollback import drop
from entrypoint.deploy import admission, pipeline, record, transaction
from entrypoint.deploy.run import Session
from entrypoint.ledger import ledger
from entrypoint.report.journal import Outcome


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
