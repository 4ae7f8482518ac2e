"""The steps of a start, one function each; `pipeline` says in which order they happen."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import structlog

from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import admission, apply, deferred, planner, record, up_to_date
from entrypoint.deploy.plan import Plan
from entrypoint.deploy.run import Run, Session
from entrypoint.errors import ConfigurationError, DatabaseIncompatible, FilesRefused, VerificationFailed
from entrypoint.ledger.ledger import Ledger, Standing
from entrypoint.postgres import preflight, table_locks
from entrypoint.postgres.advisory_lock import exclusive_transaction, until_free
from entrypoint.postgres.connection import (
    connected,
    release_snapshot,
    set_local,
    writing_settings,
)
from entrypoint.postgres.queries import query
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.report.journal import Outcome
from entrypoint.report.steps import AppliedStep
from entrypoint.verification import expected as expectation

log = structlog.get_logger()


def admit(run: Run, found: Ledger | None, *, inhabited: bool = False) -> str | None:
    """Return why this start must not write, if so. Raises when it must not even run like this."""
    if run.with_test_data:
        if run.source.seed is None:
            raise FilesRefused(
                "--with-test-data was given, but there is no init_test_data.sql",
                remedy="add the file to sql/, or leave the flag out",
            )
        admission.refuse_test_data(found, run.settings.environment)
    environment = run.settings.environment
    reason = admission.why_not_write(found, run.source, environment, inhabited=inhabited)
    if reason is None and admission.is_unreleased_change(found, run.source, environment):
        log.warning("release.unchanged", release=run.source.release, remedy="run `make release`")
    return reason


async def accept_interface(session: Session, reason: str) -> None:
    """Start without writing when the database has what this image's API needs."""
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
    run.journal.outcome = Outcome.INTERFACE


@contextlib.asynccontextmanager
async def apply_transaction(session: Session, *, waits: bool = True) -> AsyncIterator[None]:
    """Hold the advisory lock and a transaction in which it is safe and allowed to write.

    Raises LockNotFree when somebody else holds the lock, unless it `waits`.
    What the block notes in the journal is taken back when it is certain that nothing was committed.
    """
    run, connection = session.run, session.connection
    steps, locks = run.journal.steps, run.journal.locks
    try:
        async with (
            naming_blockers(connection, run.budget),
            exclusive_transaction(connection, run.budget, waits=waits) as waited,
        ):
            run.journal.transaction_attempts += 1
            run.journal.waited_for_lock(waited)
            remaining = run.budget.remaining
            await set_local(connection, writing_settings(run.settings.retry, session.server, remaining))
            await preflight.require_writable(connection)
            await preflight.require_privileges(connection)
            yield
            run.journal.in_doubt = await connection.fetchval(query("assigned_transaction"))
    except BaseException:
        if run.journal.in_doubt is None:
            run.journal.steps, run.journal.locks = steps, locks
        raise
    run.journal.in_doubt = None


async def wait_for_other_start(session: Session) -> Standing:
    """Wait for whoever holds the advisory lock, and look at what that left."""
    run = session.run
    run.journal.waited_for_lock(await until_free(session.connection, run.budget))
    return await up_to_date.look(session)


async def carry_out(session: Session, plan: Plan, expected: Catalog) -> tuple[AppliedStep, ...]:
    """Apply the plan; migrations change what differs, so the repairs are planned after them."""
    connection = session.connection
    before = await table_locks.relations(connection)
    session.run.journal.locked_since = time.monotonic()
    steps = await apply.migrate(connection, plan.migrations)
    if plan.migrations:
        plan = await planner.make_plan(session, expected, plan.deferred)
    limit = session.run.settings.retry.table_lock_timeout(session.run.budget.remaining)
    steps += await apply.carry_out(connection, plan, limit)
    if plan.seed is not None:
        steps += (await apply.seed(connection, plan.seed),)
    # What the transaction created itself nobody else can wait for.
    session.run.journal.note_locks(await table_locks.held_locks(connection, before))
    return steps


async def finish_deferred(session: Session, expected: Catalog, plan: Plan) -> tuple[AppliedStep, ...]:
    """Build after COMMIT what was deferred, prove the whole catalog, and only then say applied.

    The advisory lock is held by a second connection in an idle transaction meanwhile.
    """
    run = session.run
    async with (
        naming_blockers(session.connection, run.budget),
        connected(run.settings.database, run.settings.retry, run.settings.identity.application_name) as guard,
        exclusive_transaction(guard, run.budget),
    ):
        limits = writing_settings(run.settings.retry, session.server, run.budget.remaining)
        await set_local(guard, {**limits, "idle_in_transaction_session_timeout": "0"})
        await release_snapshot(guard)
        steps = await deferred.build(session.connection, plan.deferred, run.budget.remaining)
        guarded = session._replace(connection=guard)
        finished = Plan(migrations=plan.deferred)
        proved = await record.prove(guarded, expected, finished)
        await record.record(guarded, expected, finished, steps, proved)
    return steps
