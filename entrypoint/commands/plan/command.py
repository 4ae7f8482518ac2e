"""`plan`: report what a start would do, and change nothing."""

from __future__ import annotations

import time

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
    confirm,
)
from entrypoint.commands.plan import preview
from entrypoint.commands.plan.forecast import Forecast, Rehearsal, measured_locks
from entrypoint.commands.plan.text import forecast_text
from entrypoint.deploy import pipeline
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.deploy.transaction import apply_transaction
from entrypoint.errors import ExitCode
from entrypoint.ledger import ledger
from entrypoint.output.plain import facts
from entrypoint.postgres.retry import retry
from entrypoint.report import report
from entrypoint.report.journal import Journal, StepApplied


async def plan(run: Run) -> Answer:
    """Report what a start would do; when asked, rehearse it: carry it out, measure it, roll it back.

    Leaves nothing behind. A rehearsal holds the locks of the start that it rehearses; on production it is
    refused unless the database is named. Raises EntrypointError when a start could not even plan.
    """
    forecast = await retry(run.budget, lambda: _plan_once(run))
    pending = forecast.something_to_do
    return Answer(
        facts={**facts(forecast), "something_to_do": pending},
        text=lambda color: forecast_text(forecast, rehearsed=run.rehearse, color=color),
        exit_code=ExitCode.PENDING if run.check and pending else ExitCode.OK,
    )


async def _plan_once(run: Run) -> Forecast:
    async with opened(run) as this:
        if run.rehearse:
            await preview.confirm_rehearsal(this)
        forecast = await preview.preview(this)
        if run.rehearse and forecast.can_be_rehearsed:
            forecast = forecast._replace(rehearsal=await _rehearse(this))
        return forecast


async def _rehearse(this: Session) -> Rehearsal:
    """Do what a start does in its transaction, roll it back, and return what was measured."""
    run = this.run
    journal = Journal(command="plan", environment=run.settings.environment)
    rehearsing = this._replace(run=run._replace(journal=journal))
    began = time.monotonic()
    async with apply_transaction(rehearsing, dry_run=True):
        await pipeline.make_equal(rehearsing, await ledger.read(this.connection))
    return Rehearsal(
        steps=journal.all(StepApplied),
        locks=measured_locks(report.locks_of(journal.facts)),
        seconds=round(time.monotonic() - began, 6),
    )


COMMAND = Command(
    name="plan",
    summary="report what a start would do",
    text="""\
Reports what a start of this image would do to the database, step by step, which tables it would lock, and
why it would fail. With --rehearse the plan is carried out in a transaction that is rolled back, and
measured.""",
    examples=(
        Example("plan", "what would the next deploy do?"),
        Example("plan --rehearse --confirm=morse", "how long would it lock which tables of production?"),
    ),
    run=plan,
    flags=(
        Flag("--check", "exit with code 10 when a start would have something to do"),
        Flag("--rehearse", "carry the plan out, measure it and roll it back; locks tables meanwhile"),
        confirm("the name of the database, without which production is not rehearsed on"),
        Flag("--json", "write the plan to standard output as JSON"),
    ),
    answers=True,
    exits=(
        Exit(0, "the plan is on standard output"),
        USAGE,
        UNREACHABLE,
        Exit(3, "a table, constraint or index could not be made in the rehearsal"),
        Exit(4, "a function, trigger or view could not be made in the rehearsal"),
        Exit(6, "sql/ could not be built, or the rehearsal did not verify"),
        BUSY,
        FILES,
        INCOMPATIBLE,
        Exit(10, "--check: a start would have something to do"),
        *ALWAYS,
    ),
)
