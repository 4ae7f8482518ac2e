"""A start, as far as most starts go; what the others need is loaded when one of them needs it."""

from __future__ import annotations

from entrypoint.deploy import doubt, up_to_date
from entrypoint.deploy.run import Run, opened


async def initialize(run: Run) -> None:
    """Make the database what `sql/` says and prove it, or change nothing.

    Connect; if the ledger proves that nothing differs, stop there. Otherwise `pipeline.change` takes the
    advisory lock and does the rest. Whatever raises rolls all of it back; busy tables and lost connections
    are tried again within the budget. Data are never scanned and extra objects never dropped. Raises
    EntrypointError.
    """
    if run.with_test_data:
        from entrypoint.deploy import transaction  # noqa: PLC0415 - see the module

        transaction.admit(run, None)
    await run.budget.persist(lambda: _initialize_once(run))


async def _initialize_once(run: Run) -> None:
    async with opened(run) as this:
        await doubt.resolve(this)
        standing = await up_to_date.look(this)
        if up_to_date.nothing_to_do(this, standing):
            up_to_date.keep(run, standing)
        elif run.force:
            from entrypoint.commands import reinstall  # noqa: PLC0415 - see the module

            await reinstall.reinstall(this)
        else:
            from entrypoint.deploy import pipeline  # noqa: PLC0415 - see the module

            await pipeline.change(this, standing)
