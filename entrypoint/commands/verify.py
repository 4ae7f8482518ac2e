"""`verify`: compare the database with sql/ and run the checks, and write nothing."""

from __future__ import annotations

from entrypoint.catalog import privileges
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import up_to_date
from entrypoint.deploy.run import Run, Session, opened, reading
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.report.journal import Outcome
from entrypoint.verification import expected as expectation
from entrypoint.verification import verify as verification
from entrypoint.verification.result import CheckResult


async def verify(run: Run) -> None:
    """Compare the live catalog with the expectation and run the checks; writes nothing.

    Raises VerificationFailed when it does not pass or cannot be done.
    """
    await run.budget.persist(lambda: _verify_once(run))


async def _verify_once(run: Run) -> None:
    async with opened(run) as this:
        with run.journal.phase("expect"):
            role = run.settings.api_role
            expected = await expectation.built_or_recorded(this.connection, run.source, this.server, role)
        with run.journal.phase("verify"):
            actual, checks = await _read(this, expected)
        up_to_date.conclude(run, verification.judge(expected, actual, run.source, checks, strict=run.strict))
        run.journal.outcome = Outcome.VERIFIED


async def _read(this: Session, expected: Catalog) -> tuple[Catalog, tuple[CheckResult, ...]]:
    """Read the live catalog and run the checks; whoever holds a table meanwhile is named."""
    run, connection = this.run, this.connection
    async with naming_blockers(connection, run.budget), reading(this):
        actual = await privileges.read(connection, run.settings.api_role, expected)
        return actual, await verification.check(
            connection, run.source, deep=run.deep, seconds=run.budget.remaining
        )
