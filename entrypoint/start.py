"""The steps of a start, one function each; `pipeline` says in which order they happen."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, replace

import asyncpg
import structlog

from entrypoint import (
    admission,
    apply,
    catalog,
    deferral,
    expectation,
    ledger,
    preflight,
    proof,
    tablelock,
    verify,
)
from entrypoint.apply import AppliedStep
from entrypoint.catalog import Catalog
from entrypoint.conditions import CommitPending
from entrypoint.database import (
    READ_ONLY,
    ask,
    connected,
    release_snapshot,
    set_local,
    transaction,
    writing_settings,
)
from entrypoint.errors import DatabaseIncompatible, FilesRefused, VerificationFailed
from entrypoint.ledger import Entry, Ledger, Standing
from entrypoint.lock import exclusive_transaction
from entrypoint.migration import Migration
from entrypoint.plan import Plan, built, decide
from entrypoint.proof import Verification
from entrypoint.queries import query
from entrypoint.report import Outcome
from entrypoint.run import Attempt, Run
from entrypoint.tablelock import naming_blockers

log = structlog.get_logger()


async def look(attempt: Attempt) -> Standing:
    """Read ledger and fingerprint in a short transaction that can write nothing."""
    async with transaction(attempt.connection, READ_ONLY):
        return await ledger.standing(attempt.connection)


def admit(run: Run, found: Ledger | None) -> str | None:
    """Return why this start must not write, if so. Raises when it must not even run like this."""
    if run.with_test_data:
        if run.source.seed is None:
            raise FilesRefused(
                "--with-test-data was given, but there is no init_test_data.sql",
                remedy="add the file to sql/, or leave the flag out",
            )
        admission.refuse_test_data(found, run.settings.environment)
    reason = admission.why_not_write(found, run.source, run.settings.environment)
    if reason is None and admission.is_unreleased_change(found, run.source, run.settings.environment):
        log.warning("release.unchanged", release=run.source.release, remedy="run `make release`")
    return reason


def nothing_to_do(attempt: Attempt, standing: Standing) -> bool:
    """Say whether the ledger proves that this catalog is what the files say."""
    run = attempt.run
    return not run.with_test_data and standing.proves(run.source, attempt.server.version)


def keep(run: Run, standing: Standing) -> None:
    """Take over the proof that the ledger holds for exactly this catalog."""
    log.info("schema.unchanged", release=run.source.release, fingerprint=standing.fingerprint)
    recorded = proof.from_json(standing.verification)
    conclude(run, verify.rejudge(recorded, run.source, strict=run.strict))
    run.journal.outcome = Outcome.APPLIED if run.journal.steps else Outcome.UNCHANGED


async def accept_interface(attempt: Attempt, reason: str) -> None:
    """Start without writing when the database has what this image's API needs."""
    run = attempt.run
    log.warning(reason, release=run.source.release, environment=run.settings.environment.value)
    expected = await expectation.recorded_or_built(attempt.connection, run.source, attempt.server)
    lost = await expectation.missing_interface(attempt.connection, expected)
    if lost:
        error = VerificationFailed if reason == "schema.ahead" else DatabaseIncompatible
        raise error(
            f"{reason}: this start must not write, and {lost[0].kind} {lost[0].name} is {lost[0].status}",
            remedy="deploy the release that the database holds, or give this service a database of its own",
            differences=[f"{item.kind} {item.name}: {item.status}" for item in lost],
        )
    run.journal.outcome = Outcome.INTERFACE


@contextlib.asynccontextmanager
async def apply_transaction(attempt: Attempt) -> AsyncIterator[None]:
    """Hold the advisory lock and a transaction in which it is safe and allowed to write."""
    run, connection = attempt.run, attempt.connection
    run.journal.transaction_attempts += 1
    async with (
        naming_blockers(connection, run.patience),
        exclusive_transaction(connection, run.patience) as waited,
    ):
        run.journal.lock_wait_seconds += waited
        run.journal.finished("lock", time.monotonic() - waited)
        remaining = run.patience.remaining
        await set_local(connection, writing_settings(run.settings.retry, attempt.server, remaining))
        await preflight.require_writable(connection)
        await preflight.require_privileges(connection)
        yield
        run.journal.in_doubt = await connection.fetchval(query("assigned_transaction"))
    run.journal.in_doubt = None


async def resolve_doubt(attempt: Attempt) -> None:
    """Ask the server what became of a COMMIT that was not answered. Raises CommitPending."""
    journal = attempt.run.journal
    if journal.in_doubt is None:
        return
    try:
        [row] = await ask(attempt.connection, query("transaction_status"), journal.in_doubt)
        status = row[0] or "unknown"
    except asyncpg.InvalidParameterValueError:
        status = "unknown"  # A standby that took over may never have heard of it.
    if status == "in progress":
        raise CommitPending
    log.warning("commit.resolved", status=status, transaction=journal.in_doubt)
    journal.in_doubt = None
    if status != "committed":
        journal.steps, journal.locks = (), ()


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
    actual = await catalog.read(attempt.connection, "public")
    before = verify.judge(expected, actual, run.source, strict=run.strict)
    plan = decide(
        expected, actual, before.differences, run.source, pending, with_test_data=run.with_test_data
    )
    return before, plan


async def refuse_impossible(attempt: Attempt, expected: Catalog, before: Verification, plan: Plan) -> None:
    """Raise when a pooler, a foreign owner, or somebody else's objects stand in the way of the plan."""
    deferral.refuse_pooler(plan.deferred, pooled=attempt.server.pooled)
    if not plan.empty:
        await preflight.require_ownership(attempt.connection, expected)
    if plan.repairs or plan.files:
        verify.refuse_harmful(before)


async def carry_out(attempt: Attempt, plan: Plan, expected: Catalog) -> tuple[AppliedStep, ...]:
    """Apply the plan; migrations change what differs, so the repairs are planned after them."""
    connection = attempt.connection
    before = await tablelock.relations(connection)
    attempt.run.journal.locked_since = time.monotonic()
    steps = await apply.migrate(connection, plan.migrations)
    if plan.migrations:
        plan = await make_plan(attempt, expected, plan.deferred)
    limit = attempt.run.settings.retry.patience_with_tables(attempt.run.patience.remaining)
    steps += await apply.carry_out(connection, plan, limit)
    if plan.seed is not None:
        steps += (await apply.seed(connection, plan.seed),)
    # What the transaction created itself nobody else can wait for.
    attempt.run.journal.note_locks(await tablelock.held_locks(connection, before))
    return steps


async def prove(attempt: Attempt, expected: Catalog, plan: Plan) -> Verification:
    """Compare and check before COMMIT, so that a start that does not verify leaves no trace.

    Indexes that are built after COMMIT are not missed yet, nor are the invalid ones of a killed build;
    the integrity checks wait with them.
    """
    run, later = attempt.run, built(plan.deferred)
    actual = catalog.without(await catalog.read(attempt.connection, "public"), later)
    checks = () if later else await verify.check(attempt.connection, run.source)
    verification = verify.judge(
        catalog.without(expected, later), actual, run.source, checks, strict=run.strict, tolerant=plan.empty
    )
    conclude(run, verification)
    return verification


def conclude(run: Run, verification: Verification) -> None:
    """Tell what was found. Raises VerificationFailed when it does not pass."""
    run.journal.verification = verification
    proof.tell(verification)
    if not verification.passed:
        raise verify.failure(verification)


async def record(
    attempt: Attempt,
    expected: Catalog,
    plan: Plan,
    steps: tuple[AppliedStep, ...],
    verification: Verification,
) -> bool:
    """Write the ledger entry of a start that changed something, or proved what the newest one does not."""
    run, connection = attempt.run, attempt.connection
    standing = await ledger.standing(connection)
    if not steps and standing.proves(run.source, attempt.server.version):
        return False
    if standing.ledger is None:
        await ledger.create(connection)
    await _record_migrations(attempt, plan, steps)
    entry = Entry(
        source=run.source,
        server_version=attempt.server.version,
        seconds=run.journal.seconds,
        identity=run.settings.identity,
        environment=run.settings.environment,
        steps=tuple(asdict(step) for step in steps),
        expected=expected,
        verification=proof.to_json(verification),
        fingerprint=standing.fingerprint,
    )
    await ledger.record(connection, entry)
    return True


async def _record_migrations(attempt: Attempt, plan: Plan, steps: tuple[AppliedStep, ...]) -> None:
    seconds = {step.target: step.seconds for step in steps}
    became = [
        *((migration, ledger.CONTAINED) for migration in plan.contained),
        *((migration, ledger.APPLIED) for migration in plan.migrations),
        *((migration, ledger.DEFERRED) for migration in plan.deferred),
    ]
    for migration, outcome in became:
        await ledger.record_migration(
            attempt.connection,
            migration,
            outcome,
            release=attempt.run.source.release,
            seconds=seconds.get(migration.name, 0.0),
        )


def tell_committed(run: Run, proved: float, *, recorded: bool) -> None:
    """Log what is true now that COMMIT was answered; `proved` is when it was sent, monotonic."""
    run.journal.finished("commit", proved)
    run.journal.note_locks({lock.table: lock.mode for lock in run.journal.locks})
    for lock in run.journal.locks:
        log.info("table.locked", table=lock.table, mode=lock.mode, seconds=round(lock.seconds, 4))
    if recorded:
        log.info("ledger.recorded", release=run.source.release, digest=run.source.digest)


async def finish_deferred(attempt: Attempt, expected: Catalog, plan: Plan) -> tuple[AppliedStep, ...]:
    """Build after COMMIT what was deferred, prove the whole catalog, and only then say applied.

    The advisory lock is held by a second connection in an idle transaction meanwhile.
    """
    run = attempt.run
    async with (
        naming_blockers(attempt.connection, run.patience),
        connected(run.settings.database, run.settings.retry, run.settings.identity.application_name) as guard,
        exclusive_transaction(guard, run.patience),
    ):
        limits = writing_settings(run.settings.retry, attempt.server, run.patience.remaining)
        await set_local(guard, {**limits, "idle_in_transaction_session_timeout": "0"})
        await release_snapshot(guard)
        steps = await deferral.build(attempt.connection, plan.deferred, run.patience.remaining)
        guarded = replace(attempt, connection=guard)
        finished = Plan(migrations=plan.deferred)
        verification = await prove(guarded, expected, finished)
        await record(guarded, expected, finished, steps, verification)
    return steps
