"""Carry out a plan inside the apply transaction: locks first, then step by step, nothing else."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Awaitable, Iterable

import asyncpg
import structlog

from entrypoint.catalog.kinds.kind import Phase
from entrypoint.catalog.objects import Catalog
from entrypoint.catalog.repair import Repair
from entrypoint.deploy import planner
from entrypoint.deploy.plan import Plan, Step, Task
from entrypoint.deploy.run import Session
from entrypoint.errors import DatabaseIncompatible, ExitCode, StatementFailed
from entrypoint.output.plain import first_of
from entrypoint.postgres import table_locks
from entrypoint.postgres.connection import Connection, resolving
from entrypoint.report.journal import Journal, StepApplied, TablesLocked
from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import Script
from entrypoint.sqlfiles.splitter import Statement

log = structlog.get_logger()

# SQLSTATEs of RAISE NOTICE and RAISE WARNING without a code of their own.
_RAISED = frozenset({"00000", "01000"})
# SQLSTATEs and their classes by which a repair fails because of rows or other objects: a person decides.
_DECISIONS = ("22", "23", "0A", "2B", "42P16", "42501", "55P04")


async def carry_out(session: Session, plan: Plan, expected: Catalog) -> None:
    """Apply the plan; migrations change what differs, so the repairs are planned after them.

    Raises DatabaseIncompatible when the plan leaves something undecided, StatementFailed when a statement
    fails, and TableBusy when its tables are not free in time: the caller rolls back and tries again.
    """
    run, connection = session.run, session.connection
    before = await table_locks.relations(connection)
    began = time.monotonic()
    if plan.migrations:
        await _carry_out(session, plan.migration_tasks)
        plan = await planner.make_plan(session, expected, plan.deferred)
    refuse_undecided(plan)
    limit = run.settings.retry.table_lock_timeout(run.budget.remaining)
    await table_locks.lock_tables(connection, plan.locks, limit)
    await _carry_out(session, plan.tasks)
    # No other session can wait for what this transaction created itself.
    held = await table_locks.held_locks(connection, before)
    run.journal.note(TablesLocked(since=began, modes=held))


async def _carry_out(session: Session, tasks: Iterable[Task[Script] | Task[Repair]]) -> None:
    connection = session.connection
    for repairs, group in itertools.groupby(tasks, key=lambda task: isinstance(task.work, Repair)):
        # A file sets the path for itself.
        async with resolving(connection) if repairs else contextlib.nullcontext():
            for step, work in group:
                await applied(session.run.journal, step, _done(connection, work))


async def applied(journal: Journal, step: Step, work: Awaitable[None]) -> None:
    """Await `work` as one step, then note and log it with its duration."""
    began = time.monotonic()
    await work
    fact = StepApplied(
        action=step.action,
        target=step.target,
        reason=step.reason,
        seconds=round(time.monotonic() - began, 6),
    )
    journal.note(fact)
    log.info("step.applied", **{**fact._asdict(), "seconds": round(fact.seconds, 3)})


async def _done(connection: Connection, work: Script | Repair) -> None:
    if isinstance(work, Repair):
        await _repair(connection, work)
    elif work.role is Role.VERSIONED:
        await _migrate(connection, work)
    elif work.role is Role.SEED:
        await execute.run(connection, (work,))
    else:
        await execute.run_whole(connection, (work,))


async def _migrate(connection: Connection, migration: Script) -> None:
    """Run a versioned migration; what it raises as a notice is logged as it comes."""

    def log_notice(_connection: object, message: asyncpg.PostgresLogMessage) -> None:
        # The server's own notices carry another SQLSTATE.
        if message.sqlstate in _RAISED:
            log.info("migration.noticed", migration=migration.name, message=message.message)

    connection.add_log_listener(log_notice)
    try:
        await execute.run(connection, (migration,))
    finally:
        connection.remove_log_listener(log_notice)


async def _repair(connection: Connection, repair: Repair) -> None:
    try:
        await execute.run_statement(
            connection,
            Statement(text=repair.statement, line=0),
            file=f"repair of {repair.kind} {repair.name}",
            exit_code=repair.exit_code,
        )
    except StatementFailed as error:
        if repair.phase is Phase.OTHERS or str(error.facts.get("sqlstate")).startswith(_DECISIONS):
            error.exit_code = ExitCode.INCOMPATIBLE
        raise


def refuse_undecided(plan: Plan) -> None:
    """Raise DatabaseIncompatible with the list of what a person has to decide, if there is any."""
    _refuse_obstacles(plan)
    items = [
        f"{item.kind} {item.name}: expected {item.expected}, found {item.actual or 'nothing'}"
        for item in plan.undecided
    ]
    if not items:
        return
    raise DatabaseIncompatible(
        f"{first_of(items)}; no statement can make this equal without a decision about the data",
        remedy="write a migration that converts it, or change it by hand; nothing was changed",
        differences=items,
    )


def _refuse_obstacles(plan: Plan) -> None:
    items = [f"{item.kind} {item.name}: {item.dependent} depends on it" for item in plan.obstacles]
    if items:
        raise DatabaseIncompatible(
            f"{first_of(items)}; it would have to be dropped and made anew",
            remedy="drop what depends on it, start, and create that anew if need be; nothing was changed",
            obstacles=items,
        )
