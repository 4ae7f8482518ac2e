"""A start that must not write: the API may run if the database holds the interface that it needs."""

from __future__ import annotations

import structlog

from entrypoint.deploy.run import Session
from entrypoint.errors import ConfigurationError, DatabaseIncompatible, VerificationFailed
from entrypoint.report.journal import Concluded, Outcome
from entrypoint.verification import expected as expectation

log = structlog.get_logger()


async def accept(session: Session, reason: str) -> None:
    """Start without writing when the database has what this image's API needs. Raises as `require` does."""
    await require(session, reason)
    session.run.journal.note(Concluded(Outcome.INTERFACE))


async def require(session: Session, reason: str) -> None:
    """Log that this start must not write, and refuse it unless the database has what its API needs.

    `reason` is the warning under which this start must not write. Raises VerificationFailed or
    DatabaseIncompatible when something is missing, and ConfigurationError when there are test data to add.
    """
    run = session.run
    log.warning(reason, release=run.source.release, environment=run.settings.environment.value)
    if run.with_test_data:
        raise ConfigurationError(
            f"{reason}: this start must not write, so there is nowhere to put the test data",
            remedy="leave --with-test-data out, or connect to a database of this environment and release",
        )
    lost = await expectation.missing_interface(
        session.connection, run.source, session.server, run.settings.api_role
    )
    if lost:
        ahead = reason == "schema.ahead"
        raise (VerificationFailed if ahead else DatabaseIncompatible)(
            f"{reason}: this start must not write, and {lost[0].kind} {lost[0].name} is {lost[0].status}",
            remedy="deploy the release that the database holds, or a newer one"
            if ahead
            else "give this service a database of its own; if the stamp is wrong, run "
            f"`morse-entrypoint stamp {run.settings.environment.value} --confirm={session.server.database}`",
            differences=[f"{item.kind} {item.name}: {item.status}" for item in lost],
        )
