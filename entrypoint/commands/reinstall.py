"""`init --force`: drop everything and create it again."""

from __future__ import annotations

from entrypoint.catalog import foreign
from entrypoint.commands.rollback import drop
from entrypoint.deploy import admission, pipeline, record, transaction, up_to_date
from entrypoint.deploy.run import Session
from entrypoint.ledger import ledger


async def reinstall(this: Session) -> None:
    """Roll back and initialize in one transaction: whatever fails leaves the old database."""
    run = this.run
    async with transaction.apply_transaction(this) as changes:
        await foreign.refuse_namesakes(this.connection)
        before = await ledger.read(this.connection)
        if run.with_test_data:
            admission.refuse_test_data(before, run.settings.environment)
        await drop.remove(this)
        await drop.keep_stamp(this, before)
        expected, plan, proved = await pipeline.make_equal(this, await ledger.read(this.connection))
        await record.record(this, expected, plan, changes.steps, proved)
    up_to_date.conclude(run)
