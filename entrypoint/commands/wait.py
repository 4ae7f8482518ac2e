"""`wait`: for workers, which start once the database holds what their image needs."""

from __future__ import annotations

from entrypoint.commands.command import (
    ALWAYS,
    BUSY,
    FILES,
    INCOMPATIBLE,
    NO_EXEC,
    UNREACHABLE,
    USAGE,
    VERIFICATION,
    Command,
    Example,
    Exit,
)
from entrypoint.deploy import admission, interface
from entrypoint.deploy.run import Run, opened
from entrypoint.ledger import ledger
from entrypoint.postgres.connection import READ_ONLY
from entrypoint.postgres.connection import transaction as read_only
from entrypoint.postgres.obstacles import NotReady
from entrypoint.postgres.retry import retry
from entrypoint.report.journal import Concluded, Outcome
from entrypoint.verification import expected as expectation


async def wait(run: Run) -> None:
    """Wait until the database holds the interface of this image. Never writes; raises EntrypointError.

    Where no start of this image will ever write, there is nothing to wait for: the interface is there or not.
    """
    await retry(run.budget, lambda: _wait_once(run))


async def _wait_once(run: Run) -> None:
    async with opened(run) as this:
        async with read_only(this.connection, READ_ONLY):
            found = await ledger.read(this.connection)
        if reason := admission.why_not_write(found, run.source, run.settings.environment):
            await interface.accept(this, reason)
            return
        if found is None or found.release < run.source.release:
            applied = found.release if found else "none"
            raise NotReady(f"release {run.source.release} is needed, applied is {applied}")
        role = run.settings.api_role
        lost = await expectation.missing_interface(this.connection, run.source, this.server, role)
        if lost:
            raise NotReady(f"{lost[0].kind} {lost[0].name} is {lost[0].status}")
        run.journal.note(Concluded(Outcome.INTERFACE))


COMMAND = Command(
    name="wait",
    summary="for workers: exec COMMAND once it is ready",
    text="""\
Waits until the database holds the interface of this image, which the start of another service brings, then
becomes COMMAND.""",
    examples=(
        Example("wait node src/worker.js", "start a worker once the API's service has prepared the database"),
        Example("wait -- true", "the same in a script"),
    ),
    run=wait,
    execs=True,
    exits=(
        Exit(0, "the interface is there"),
        USAGE,
        UNREACHABLE,
        VERIFICATION._replace(meaning="the database is ahead of this image, and lacks what it needs"),
        BUSY,
        FILES,
        INCOMPATIBLE._replace(meaning="not ready in time, or the database needs a decision"),
        *ALWAYS,
        *NO_EXEC,
    ),
)
