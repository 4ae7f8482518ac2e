"""Restore a backup: check it, see that nothing is in the way, prove what came back, and say what is next."""

from __future__ import annotations

from pathlib import Path

import structlog

from entrypoint.backup import file
from entrypoint.backup.blocking_io import in_thread
from entrypoint.catalog import fingerprint, objects, other_objects, privileges, scratch
from entrypoint.catalog.objects import Catalog
from entrypoint.commands.init import initialize
from entrypoint.commands.plan.forecast import Forecast
from entrypoint.deploy import admission, record
from entrypoint.deploy.plan import Plan, present
from entrypoint.deploy.record import Proof
from entrypoint.deploy.run import Run, Session
from entrypoint.errors import (
    DatabaseIncompatible,
    EntrypointError,
    VerificationFailed,
)
from entrypoint.ledger import entries, ledger
from entrypoint.output.plain import first_of
from entrypoint.postgres.connection import DAY_SECONDS
from entrypoint.report.journal import Concluded, Outcome, StepApplied, Verified
from entrypoint.verification import derived_checks, result, verdict, verify
from entrypoint.verification.result import CheckResult, Verification
from entrypoint.verification.verdict import known_extras

log = structlog.get_logger()


async def check(run: Run) -> str:
    """Return the digest of the backup, before anything connects. Raises BackupFailed."""
    digest = await in_thread(file.check, Path(run.operand))
    log.info("backup.checked", path=run.operand, sha256=digest)
    return digest


async def expect(session: Session) -> Catalog:
    """Return what the files stand for; refuse unless the database was named, and nothing is in the way.

    Raises ConfigurationError and DatabaseIncompatible.
    """
    run, connection = session.run, session.connection
    found = await ledger.read(connection)
    admission.refuse_unconfirmed(found, run.settings.environment, session.server.database, run.confirmed)
    expected = await scratch.build(connection, run.source)
    actual = await objects.read(connection, "public")
    names = ["the ledger in schema entrypoint"] * (found is not None) + present(expected, actual)
    if names:
        raise DatabaseIncompatible(
            f"{first_of(names, brackets=False)} would be in the way; nothing was restored",
            remedy="restore into an empty database, or first run `morse-entrypoint rollback "
            f"--confirm={session.server.database} --save-backup`",
            objects=names,
        )
    return expected


async def prove(session: Session, expected: Catalog, steps: tuple[StepApplied, ...]) -> None:
    """Compare what came back with what it was proved to be, and run every check where the release is ours.

    The answer is noted in the journal, and recorded when it is that of a start of these files. There is none
    where there is nothing to compare with: the backup is of another release, and of another major version.
    """
    run, connection = session.run, session.connection
    found = await ledger.read(connection)
    ours = found is not None and found.digest == run.source.digest
    recorded = None
    if found is not None and not ours:
        recorded = await entries.expected(connection, found.digest, session.server.version)
    if not ours and recorded is None:
        return
    with run.journal.phase("verify"), run.budget.paused():
        live = await fingerprint.read(connection, objects.names(expected))
        known = expected if ours else recorded or {}
        actual = await privileges.read(connection, None, known)
        checks: tuple[CheckResult, ...] = ()
        if ours:
            checks = await verify.check(connection, run.source, expected, deep=True, seconds=DAY_SECONDS)
        others = await other_objects.read(connection, known, known_extras(run.source))
        verification = verify.judge(known, actual, run.source, checks, others)
    run.journal.note(Verified(verification))
    if ours and verification.passed:
        proved = Proof(verification=_still_there(verification, run), fingerprint=live)
        await record.record(session, expected, Plan(), steps, proved)


def _still_there(verification: Verification, run: Run) -> Verification:
    """Leave out the deep checks, which prove the rows as they are now: later starts read the record."""
    deep = derived_checks.DEEP | {check.name for check in run.source.checks if check.deep}
    return verification._replace(checks=tuple(item for item in verification.checks if item.name not in deep))


def log_next_start(foreseen: Forecast) -> None:
    """Log what the next start of this image will do to the restored database."""
    log.info(
        "restore.foreseen",
        steps=[f"{step.action} {step.target}" for step in (*foreseen.steps, *foreseen.deferred)]
        or ["nothing"],
        withheld=foreseen.withheld,
        remedy="run `morse-entrypoint --init-only` to do it now" if foreseen.something_to_do else None,
    )
    if foreseen.stamp not in (None, foreseen.environment):
        log.warning(
            "environment.mismatched",
            environment=foreseen.environment,
            remedy=f"the backup is stamped {foreseen.stamp}; if this database is not that environment any "
            f"more, run `morse-entrypoint stamp {foreseen.environment} --confirm={foreseen.database}`",
        )


def log_unpreviewed(error: EntrypointError) -> None:
    """Log that the next start of this image will fail, and why."""
    log.warning("restore.foreseen", message=error.message, remedy=error.remedy)


def conclude(run: Run) -> None:
    """Tell what was proved of the restored database. Raises VerificationFailed when it did not pass."""
    verified = run.journal.last(Verified)
    if verified is None:
        log.warning(
            "restore.unverified",
            remedy="the rows are complete, but there is nothing to compare the objects with; run "
            "`morse-entrypoint --init-only`",
        )
        return
    result.tell(verified.verification)
    if not verified.verification.passed:
        raise _restored_but(verdict.failure(verified.verification))


async def start_on_top(run: Run) -> None:
    """Do what a start does. Raises VerificationFailed, whatever fails: the restore itself stays."""
    try:
        await initialize(run)
    except EntrypointError as error:
        raise _restored_but(error) from error
    run.journal.note(Concluded(Outcome.RESTORED))


def _restored_but(error: EntrypointError) -> VerificationFailed:
    return VerificationFailed(
        f"the backup was restored as it is and committed, but {error.message}",
        remedy=error.remedy,
        **error.facts,
    )
