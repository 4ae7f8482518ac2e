"""Plan a start from the live catalog, and refuse beforehand what could not be carried out."""

from __future__ import annotations

import structlog

from entrypoint.catalog import privileges
from entrypoint.deploy import deferred
from entrypoint.postgres import preflight
from entrypoint.verification import verify
from entrypoint.catalog.objects import Catalog
from entrypoint.sqlfiles.source import Migration
from entrypoint.deploy.plan import Plan, decide
from entrypoint.verification.result import Verification
from entrypoint.deploy.run import Attempt

log = structlog.get_logger()


async def make_plan(attempt: Attempt, expected: Catalog, pending: tuple[Migration, ...]) -> Plan:
    """Compare and decide. Raises when what was decided cannot be carried out."""
    before, plan = await compare(attempt, expected, pending)
    log.info(
        "plan.made",
        files=len(plan.files),
        migrations=len(plan.migrations),
        deferred=len(plan.deferred),
        repairs=len(plan.repairs),
    )
    await refuse_impossible(attempt, expected, before, plan)
    return plan


async def compare(
    attempt: Attempt, expected: Catalog, pending: tuple[Migration, ...]
) -> tuple[Verification, Plan]:
    """Return how the live catalog differs and what a start does about it, in the current transaction."""
    run = attempt.run
    actual = await privileges.read(attempt.connection, run.settings.api_role, expected)
    before = verify.judge(expected, actual, run.source, strict=run.strict)
    plan = decide(
        expected, actual, before.differences, run.source, pending, with_test_data=run.with_test_data
    )
    return before, plan


async def refuse_impossible(attempt: Attempt, expected: Catalog, before: Verification, plan: Plan) -> None:
    """Raise when a pooler, a foreign owner, or somebody else's objects stand in the way of the plan."""
    deferred.refuse_pooler(plan.deferred, pooled=attempt.server.pooled)
    if not plan.empty:
        await preflight.require_ownership(attempt.connection, expected)
    granted = [(repair.name, repair.statement) for repair in plan.repairs if repair.kind == privileges.GRANT]
    if granted:
        await privileges.require_grantable(attempt.connection, granted)
    if plan.repairs or plan.files:
        verify.refuse_harmful(before)
