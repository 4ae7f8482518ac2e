"""The start that most starts are: the ledger proves that nothing has to be done."""

from __future__ import annotations

import contextlib

import structlog

from entrypoint.deploy import admission
from entrypoint.deploy.run import Run, Session
from entrypoint.ledger import ledger
from entrypoint.ledger.ledger import Standing
from entrypoint.postgres.connection import READ_ONLY, transaction
from entrypoint.report.journal import Concluded, Outcome, Verified
from entrypoint.verification import result, verdict
from entrypoint.verification.result import Verification

log = structlog.get_logger()

_SHOWN = 20


async def look(session: Session) -> Standing:
    """Read ledger and fingerprint in a short transaction that can write nothing.

    Most databases have a ledger, and for them one question is enough.
    """
    connection, api_role = session.connection, session.run.settings.api_role
    with contextlib.suppress(*ledger.NOT_WHOLE):
        async with transaction(connection, READ_ONLY):
            return await ledger.whole_standing(connection, api_role)
    async with transaction(connection, READ_ONLY):
        return await ledger.standing(connection, api_role)


def warn_of_others(run: Run, standing: Standing) -> None:
    """Log who could have something called in the place of ours, and what could be read instead of it."""
    if standing.creators and run.budget.due("creators"):
        revoked = ", ".join(standing.creators)
        log.warning(
            "schema.exposed",
            roles=list(standing.creators),
            remedy=f"as the owner of schema public run: REVOKE CREATE ON SCHEMA public FROM {revoked};",
        )
    if standing.shadows and run.budget.due("shadows"):
        log.warning(
            "schema.shadowed",
            tables=list(standing.shadows[:_SHOWN]),
            count=len(standing.shadows),
            remedy="rename or move them, or take their schema out of the role's search_path: the API may "
            "read them, while only those in public are proved",
        )


def nothing_to_do(session: Session, standing: Standing) -> bool:
    """Return whether the ledger proves that nothing differs, and nothing more was asked for."""
    run = session.run
    more = run.with_test_data or (run.force and not run.journal.changed)
    proved = standing.proves(run.files, session.server.version)
    if not proved or more or not result.is_readable(standing.verification):
        return False
    # The record does not name what belongs to others, and some of it may be gone: a strict start looks again.
    return not (run.strict and result.counts_extras(standing.verification))


def keep(run: Run, standing: Standing) -> None:
    """Take over the proof that the ledger holds for exactly this catalog."""
    if reason := admission.why_not_write(standing.ledger, run.files, run.settings.environment):
        log.warning(reason, release=run.files.release, environment=run.settings.environment.value)
    log.info("schema.unchanged", release=run.files.release, fingerprint=standing.fingerprint)
    recorded = result.from_json(standing.verification)
    note_verification(run, verdict.forbid_extras(recorded, run.source) if run.strict else recorded)
    conclude(run)


def conclude(run: Run) -> None:
    """Note that the database is what `sql/` says, whether this run changed it or not."""
    run.journal.note(Concluded(Outcome.APPLIED if run.journal.changed else Outcome.UNCHANGED))


def note_verification(run: Run, verification: Verification) -> None:
    """Note and log what was found. Raises VerificationFailed when it does not pass."""
    run.journal.note(Verified(verification))
    result.tell(verification)
    if not verification.passed:
        raise verdict.failure(verification)
