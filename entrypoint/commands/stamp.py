"""`stamp`: change the environment with which a database is stamped; nothing else ever does."""

from __future__ import annotations

import structlog

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
    confirm,
)
from entrypoint.deploy import admission, transaction
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.errors import ConfigurationError, DatabaseIncompatible
from entrypoint.ledger import entries, ledger
from entrypoint.postgres.retry import retry
from entrypoint.report.journal import Concluded, Outcome
from entrypoint.settings.variables import Environment

log = structlog.get_logger()


async def stamp(run: Run) -> None:
    """Stamp the database with another environment. Raises EntrypointError and changes nothing then."""
    environment = _asked_for(run.operand)
    await retry(run.budget, lambda: _stamp_once(run, environment))


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
    async with opened(run) as this:
        await transaction.resolve(this)
        async with transaction.apply_transaction(this):
            await _change(this, environment)
    run.journal.note(Concluded(Outcome.STAMPED))


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


COMMAND = Command(
    name="stamp",
    summary="set the environment that it belongs to",
    text="""\
Changes the environment with which the database is stamped: production, development or preview. A start
never writes to a database that is stamped with another environment than its own.""",
    examples=(
        Example("stamp development --confirm=morse", "a copy of production becomes a test database"),
        Example("stamp production --confirm=morse", "a database that was prepared on a desk goes live"),
    ),
    run=stamp,
    flags=(confirm("required; where production is left or entered with the name of the database"),),
    operand="ENVIRONMENT",
    writes=True,
    confirmed=True,
    exits=(Exit(0, "stamped"), USAGE, UNREACHABLE, BUSY, FILES, INCOMPATIBLE, *ALWAYS),
)
