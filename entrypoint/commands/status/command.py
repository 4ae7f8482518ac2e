"""`status`: report what the database is, and write nothing."""

from __future__ import annotations

from entrypoint.commands.answer import Answer
from entrypoint.commands.command import (
    ALWAYS,
    BUSY,
    FILES,
    INCOMPATIBLE,
    UNREACHABLE,
    USAGE,
    Command,
    Example,
    Exit,
    Flag,
)
from entrypoint.commands.status import inspect
from entrypoint.commands.status.status import Status
from entrypoint.commands.status.text import status_text
from entrypoint.deploy.run import Run, opened
from entrypoint.output.plain import facts
from entrypoint.postgres.retry import retry


async def status(run: Run) -> Answer:
    """Report release, differences, sizes and usage. Writes nothing; raises EntrypointError."""
    found = await retry(run.budget, lambda: _status_once(run))
    return Answer(facts=facts(found), text=lambda color: status_text(found, color=color))


async def _status_once(run: Run) -> Status:
    async with opened(run) as this:
        return await inspect.inspect(this)


COMMAND = Command(
    name="status",
    summary="report what the database is",
    text="""\
Reports the release that the database holds and who applied it, pending migrations, differences from sql/,
sizes of tables, use of indexes, and the slowest statements.""",
    examples=(
        Example("status", "which release is it, how large, and is anything odd?"),
        Example("status --json", "the same for a program"),
    ),
    run=status,
    flags=(Flag("--json", "write the status to standard output as JSON"),),
    answers=True,
    exits=(
        Exit(0, "the status is on standard output"),
        USAGE,
        UNREACHABLE,
        BUSY,
        FILES,
        INCOMPATIBLE,
        *ALWAYS,
    ),
)
