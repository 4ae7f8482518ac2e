"""Plan a start from the live catalog, and refuse beforehand what could not be carried out."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from entrypoint.catalog import foreign, other_objects, privileges, replacing
from entrypoint.catalog.difference import Difference
from entrypoint.catalog.objects import Catalog
from entrypoint.deploy.plan import Plan, decide
from entrypoint.deploy.run import Session, reading
from entrypoint.errors import DatabaseIncompatible
from entrypoint.sqlfiles.source import Script
from entrypoint.verification import expected as expectation
from entrypoint.verification import verify
from entrypoint.verification.result import Verification
from entrypoint.verification.verdict import known_extras

log = structlog.get_logger()


async def make_plan(session: Session, expected: Catalog, pending: tuple[Script, ...]) -> Plan:
    """Compare and decide. Raises when what was decided cannot be carried out."""
    before, plan = await compare(session, expected, pending)
    log.info(
        "plan.made",
        files=len(plan.files),
        migrations=len(plan.migrations),
        deferred=len(plan.deferred),
        repairs=len(plan.repairs),
    )
    await refuse_impossible(session, expected, before, plan)
    return plan


async def compare(
    session: Session, expected: Catalog, pending: tuple[Script, ...]
) -> tuple[Verification, Plan]:
    """Return how the live catalog differs and what a start does about it, in the current transaction."""
    run = session.run
    actual = await privileges.read(session.connection, run.settings.api_role, expected)
    others = await other_objects.read(session.connection, expected, known_extras(run.source))
    before = verify.judge(expected, actual, run.source, others=others, strict=run.strict)
    plan = decide(
        expected,
        actual,
        before.differences,
        run.source,
        pending,
        with_test_data=run.with_test_data,
        dependents=await replacing.in_the_way(session.connection, expected, actual),
    )
    return before, plan


async def unrecorded(session: Session) -> tuple[Difference, ...]:
    """Return what belongs to others, which no record names, where the ledger proves all the rest."""
    run, connection = session.run, session.connection
    expected = await expectation.recorded(connection, run.source, session.server, run.settings.api_role)
    async with reading(session):
        others = await other_objects.read(connection, expected or {}, known_extras(run.source))
    return tuple(item for item in others.differences if item.unowned)


async def refuse_impossible(session: Session, expected: Catalog, before: Verification, plan: Plan) -> None:
    """Raise when a pooler, a foreign owner, or an object of others makes the plan impossible."""
    _refuse_pooler(plan.deferred, pooled=session.server.pooled)
    if plan.seed is not None or not plan.empty:
        await foreign.refuse_namesakes(session.connection)
    if not plan.empty:
        await privileges.require_ownership(session.connection, expected)
    granted = [(repair.name, repair.statement) for repair in plan.repairs if repair.kind == privileges.GRANT]
    if granted:
        await privileges.require_grantable(session.connection, granted)
    if plan.repairs or plan.files:
        verify.refuse_harmful(before)


def _refuse_pooler(migrations: Iterable[Script], *, pooled: bool) -> None:
    """Raise DatabaseIncompatible where a pooler would spread a session over several servers."""
    names = [migration.name for migration in migrations]
    if names and pooled:
        raise DatabaseIncompatible(
            f"{names[0]} runs outside a transaction, which a connection pooler cannot do safely",
            remedy="set MORSE_ADMIN_DATABASE_URL to the database itself",
        )
