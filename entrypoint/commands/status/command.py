"""`status`: report what the database is, and write nothing."""

from __future__ import annotations

from entrypoint.commands.status import inspect
from entrypoint.commands.status.status import Status
from entrypoint.deploy.run import Run, opened


async def status(run: Run) -> Status:
    """Return release, differences, sizes and usage. Writes nothing; raises EntrypointError."""
    return await run.budget.persist(lambda: _status_once(run))


async def _status_once(run: Run) -> Status:
    async with opened(run) as this:
        return await inspect.inspect(this)
