"""Find out what a start would do: read everything that it would look at, and change nothing."""

from __future__ import annotations

from entrypoint.catalog.objects import Catalog
from entrypoint.commands.plan import forecast
from entrypoint.commands.plan.forecast import Forecast, Refusal
from entrypoint.deploy import admission, interface, planner, up_to_date
from entrypoint.deploy.apply import refuse_undecided
from entrypoint.deploy.plan import Plan
from entrypoint.deploy.run import Session, reading
from entrypoint.errors import EntrypointError
from entrypoint.ledger import pending as history
from entrypoint.ledger.ledger import Standing
from entrypoint.postgres import preflight
from entrypoint.postgres.connection import READ_ONLY, transaction
from entrypoint.postgres.table_locks import naming_blockers
from entrypoint.verification import expected as expectation
from entrypoint.verification import result
from entrypoint.verification.result import Verification


async def preview(session: Session) -> Forecast:
    """Return what a start would do here. DDL runs in the scratch schema only, and is rolled back.

    Raises what would stop a start before it could plan: FilesRefused, DatabaseIncompatible for missing
    privileges, and VerificationFailed where the files cannot be built, as on a standby.
    """
    run = session.run
    standing = await up_to_date.look(session)
    found = _forecast_of(session, standing)
    if up_to_date.nothing_to_do(session, standing):
        recorded = result.from_json(standing.verification).differences
        return found._replace(differences=recorded + await planner.unrecorded(session))
    if reason := admission.admit(run, standing.ledger, inhabited=standing.inhabited):
        return found._replace(withheld=reason, refusal=await _interface_refusal(session, reason))
    async with transaction(session.connection, READ_ONLY):
        await preflight.require_privileges(session.connection)
    expected = await expectation.built(session.connection, run.source, run.settings.api_role)
    return await _compared(session, standing, expected)


async def _compared(session: Session, standing: Standing, expected: Catalog) -> Forecast:
    """Compare and decide as a start does, in a transaction that can write nothing."""
    run, connection = session.run, session.connection
    pending = history.pending(run.source, standing.ledger)
    async with naming_blockers(connection, run.budget), reading(session):
        before, plan = await planner.compare(session, expected, pending)
        refusal = await _refusal(session, expected, before, plan)
    unproved = forecast.why_unproved(standing, run.source, session.server.version)
    return _forecast_of(session, standing)._replace(
        fresh=bool(plan.files),
        steps=forecast.steps_of(plan, unproved, run.source.release),
        deferred=tuple(step for step, _ in plan.deferred_tasks),
        contained=tuple(migration.name for migration in plan.contained),
        repairs_follow=bool(plan.migrations),
        locks=forecast.predicted_locks(plan),
        differences=before.differences,
        undecided=plan.undecided,
        refusal=refusal,
    )


def _forecast_of(session: Session, standing: Standing) -> Forecast:
    run, ledger = session.run, standing.ledger
    return Forecast(
        database=session.server.database,
        server_version=session.server.version_text,
        environment=run.settings.environment.value,
        stamp=ledger.stamp.value if ledger and ledger.stamp else None,
        release=run.source.release,
        recorded_release=(ledger.release or None) if ledger else None,
    )


async def _refusal(session: Session, expected: Catalog, before: Verification, plan: Plan) -> Refusal | None:
    try:
        await planner.refuse_impossible(session, expected, before, plan)
        refuse_undecided(plan)
    except EntrypointError as error:
        return _refusal_of(error)
    return None


async def _interface_refusal(session: Session, reason: str) -> Refusal | None:
    try:
        await interface.require(session, reason)
    except EntrypointError as error:
        return _refusal_of(error)
    return None


def _refusal_of(error: EntrypointError) -> Refusal:
    details = next((fact for fact in error.facts.values() if isinstance(fact, list)), [])
    return Refusal(
        exit_code=int(error.exit_code),
        message=error.message,
        remedy=error.remedy,
        details=tuple(str(detail) for detail in details),
    )


async def confirm_rehearsal(session: Session) -> None:
    """Refuse to lock the tables of production without the name of its database."""
    run = session.run
    standing = await up_to_date.look(session)
    admission.refuse_rehearsal(
        standing.ledger, run.settings.environment, session.server.database, run.confirmed
    )
