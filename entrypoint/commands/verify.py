"""`verify`: compare the database with sql/ and run the checks, and write nothing."""

from __future__ import annotations

from entrypoint.catalog import other_objects, privileges
from entrypoint.catalog.objects import Catalog
from entrypoint.commands.command import ALWAYS, STRICT, UNREACHABLE, Command, Example, Exit, Flag
from entrypoint.deploy import up_to_date
from entrypoint.deploy.run import Run, Session, opened, reading
from entrypoint.errors import EntrypointError
from entrypoint.postgres.retry import retry
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.report.journal import Concluded, Outcome
from entrypoint.verification import expected as expectation
from entrypoint.verification import verify as verification
from entrypoint.verification.result import Verification
from entrypoint.verification.verdict import known_extras


async def verify(run: Run) -> None:
    """Compare the live catalog with the expectation and run the checks; writes nothing.

    Raises VerificationFailed when it does not pass or cannot be done.
    """
    await retry(run.budget, lambda: _verify_once(run))


async def _verify_once(run: Run) -> None:
    async with opened(run) as this:
        with run.journal.phase("expect"):
            role = run.settings.api_role
            expected = await expectation.built_or_recorded(this.connection, run.source, this.server, role)
        with run.journal.phase("verify"):
            found = await _judged(this, expected)
        up_to_date.note_verification(run, found)
        run.journal.note(Concluded(Outcome.VERIFIED))


async def _judged(this: Session, expected: Catalog) -> Verification:
    """Read the live catalog, run the checks and decide; a session that holds a table is named."""
    run, connection = this.run, this.connection
    async with naming_blockers(connection, run.budget), reading(this):
        actual = await privileges.read(connection, run.settings.api_role, expected)
        others = await other_objects.read(connection, expected, known_extras(run.source))
        checks = await verification.check(
            connection, run.source, expected, deep=run.deep, seconds=run.budget.remaining
        )
    return verification.judge(expected, actual, run.source, checks, others, strict=run.strict)


COMMAND = Command(
    name="verify",
    summary="compare every object with sql/",
    text="""\
Compares every object of the database with what sql/ says, and runs the integrity checks.""",
    examples=(
        Example("verify", "is the database what this image needs?"),
        Example("verify --deep --json", "look through whole tables too, and give the result to a program"),
    ),
    run=verify,
    flags=(
        Flag("--deep", "also run the checks that read whole tables"),
        STRICT,
        Flag("--json", "write the result to standard output as JSON, the log to standard error"),
    ),
    exits=(
        Exit(0, "passed"),
        Exit(1, "usage or configuration; not passed, or not possible", (EntrypointError,)),
        UNREACHABLE._replace(meaning="database not reachable, or login refused"),
        *ALWAYS,
    ),
)
