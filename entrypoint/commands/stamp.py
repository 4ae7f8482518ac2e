"""`stamp`: change the environment with which a database is stamped; nothing else ever does."""

from __future__ import annotations

import structlog

from entrypoint.deploy import admission, transaction
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.errors import ConfigurationError, DatabaseIncompatible
from entrypoint.ledger import entries, ledger
from entrypoint.report.journal import Outcome
from entrypoint.settings.settings import Environment

log = structlog.get_logger()


async def stamp(run: Run) -> None:
    """Stamp the database with another environment. Raises EntrypointError and changes nothing then."""
    environment = _asked_for(run.operand)
    await run.budget.persist(lambda: _stamp_once(run, environment))


def _asked_for(word: str) -> Environment:
    """Return the environment that was asked for. Raises ConfigurationError for a word that is none."""
    try:
        return Environment(word)
    except ValueError:
        raise ConfigurationError(
            "a database is stamped with production, development or preview, and none of them was given",
            remedy="write `morse-entrypoint stamp development --confirm=DATABASE`",
        ) from None


async def _stamp_once(run: Run, environment: Environment) -> None:
    async with opened(run) as this, transaction.apply_transaction(this):
        await _change(this, environment)
    run.journal.outcome = Outcome.STAMPED


async def _change(session: Session, environment: Environment) -> None:
    """Stamp the database in the current transaction, which holds the advisory lock.

    Raises DatabaseIncompatible where no start was recorded, and ConfigurationError unless it was confirmed:
    production is neither left nor entered without the name of the database.
    """
    found = await ledger.read(session.connection)
    if found is None or found.stamp is None:
        raise DatabaseIncompatible(
            "there is no ledger to stamp",
            remedy="run `morse-entrypoint --init-only`: the first start stamps the database",
        )
    run = session.run
    for concerned in (environment, run.settings.environment):
        admission.refuse_unconfirmed(found, concerned, session.server.database, run.confirmed)
    await entries.change_stamp(session.connection, environment)
    log.warning("stamp.changed", before=found.stamp.value, environment=environment.value)
