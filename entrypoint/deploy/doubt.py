"""What became of a COMMIT whose answer was lost."""

from __future__ import annotations

import asyncpg
import structlog

from entrypoint.deploy.run import Session
from entrypoint.postgres.connection import ask
from entrypoint.postgres.obstacles import CommitPending
from entrypoint.postgres.queries import query

log = structlog.get_logger()


async def resolve(session: Session) -> None:
    """Ask the server what became of a COMMIT that was not answered. Raises CommitPending."""
    journal = session.run.journal
    if journal.in_doubt is None:
        return
    try:
        [row] = await ask(session.connection, query("transaction_status"), journal.in_doubt)
        status = row[0] or "unknown"
    except asyncpg.InvalidParameterValueError:
        status = "unknown"  # A standby that took over may never have heard of it.
    if status == "in progress":
        raise CommitPending
    log.warning("commit.resolved", status=status, transaction=journal.in_doubt)
    journal.in_doubt = None
    if status != "committed":
        journal.steps, journal.locks = (), ()
