"""Prove what a start did, and record it in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from entrypoint.catalog import fingerprint, objects, other_objects, privileges
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy import up_to_date
from entrypoint.deploy.plan import Plan, built
from entrypoint.deploy.run import Session
from entrypoint.errors import DatabaseIncompatible, VerificationFailed
from entrypoint.ledger import entries, ledger
from entrypoint.ledger.entries import Entry
from entrypoint.ledger.ledger import Standing
from entrypoint.output.plain import facts, first_of
from entrypoint.report.journal import LedgerRecorded, StepApplied
from entrypoint.sqlfiles.source import Script
from entrypoint.verification import result, verify
from entrypoint.verification.result import Verification
from entrypoint.verification.verdict import known_extras


class Proof(NamedTuple):
    """A verification, and the fingerprint of a catalog that is at least as old as the one it looked at."""

    verification: Verification
    fingerprint: str


async def prove(session: Session, expected: Catalog, plan: Plan) -> Proof:
    """Compare and check before COMMIT, so that a start that does not verify commits nothing.

    Indexes that are built after COMMIT are not missed yet, nor are the invalid ones of a killed build;
    the integrity checks wait with them.
    """
    run, later = session.run, built(plan.deferred)
    # Taken first: what others change from here on makes the next start look again.
    role = run.settings.api_role
    names = objects.names(privileges.without_grants(expected))
    live = await fingerprint.read(session.connection, names, role)
    actual = objects.without(await privileges.read(session.connection, role, expected), later)
    known = known_extras(run.source)
    others = await other_objects.read(session.connection, privileges.without_grants(expected), known)
    checks = () if later else await verify.check(session.connection, run.source, expected)
    verification = verify.judge(
        objects.without(expected, later),
        actual,
        run.source,
        checks,
        others,
        strict=run.strict,
        tolerant=plan.empty,
    )
    try:
        up_to_date.note_verification(run, verification)
    except VerificationFailed as error:
        if plan.repairs or any(migration.transactional for migration in plan.migrations):
            _refuse_unrestored(verification, error)
        raise
    return Proof(verification=verification, fingerprint=live)


def _refuse_unrestored(verification: Verification, error: VerificationFailed) -> None:
    """Raise DatabaseIncompatible where statements ran, and something of ours is not what it should be."""
    failing = (item for item in verification.differences if item.severity == "failure")
    left = [item for item in failing if item.status != "extra"]
    if left:
        names = [f"{item.kind} {item.name} is still {item.status}" for item in left]
        raise DatabaseIncompatible(
            f"{first_of(names)}, after what should have restored it",
            remedy="change it by hand to what sql/ says, or write a migration; nothing was changed",
            differences=names,
        ) from error


async def record(
    session: Session,
    expected: Catalog,
    plan: Plan,
    steps: tuple[StepApplied, ...],
    proved: Proof,
) -> None:
    """Write the ledger entry of a start that changed something, or proved what the newest one does not."""
    run, connection = session.run, session.connection
    standing = Standing(ledger=await ledger.read(connection), fingerprint=proved.fingerprint)
    outcomes = _outcomes(plan)
    numbered = {migration.number: outcome for migration, outcome in outcomes}
    if not steps and standing.repeats(run.source, session.server.version, numbered):
        return
    if standing.ledger is None:
        await entries.create(connection)
    await _record_migrations(session, outcomes, steps)
    entry = Entry(
        source=run.source,
        server_version=session.server.version,
        seconds=run.journal.seconds,
        identity=run.settings.identity,
        environment=run.settings.environment,
        steps=tuple(facts(step) for step in steps),
        expected=privileges.without_grants(expected),
        verification=result.to_json(proved.verification),
        fingerprint=proved.fingerprint,
    )
    await entries.record(connection, entry)
    run.journal.note(LedgerRecorded(release=run.source.release, digest=run.source.digest))


def _outcomes(plan: Plan) -> list[tuple[Script, str]]:
    """Return what becomes of each migration of the plan."""
    return [
        *((migration, ledger.CONTAINED) for migration in plan.contained),
        *((migration, ledger.APPLIED) for migration in plan.migrations),
        *((migration, ledger.DEFERRED) for migration in plan.deferred),
    ]


async def _record_migrations(
    session: Session, outcomes: Iterable[tuple[Script, str]], steps: tuple[StepApplied, ...]
) -> None:
    seconds = {step.target: step.seconds for step in steps}
    for migration, outcome in outcomes:
        await entries.record_migration(
            session.connection,
            migration,
            outcome,
            release=session.run.source.release,
            seconds=seconds.get(migration.name, 0.0),
        )
