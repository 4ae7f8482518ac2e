"""Carry out a plan inside the apply transaction: locks first, then step by step, nothing else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Iterable

import asyncpg
import structlog

from entrypoint.catalog.repair import Repair
from entrypoint.deploy.plan import Plan
from entrypoint.errors import DatabaseIncompatible
from entrypoint.postgres.connection import Connection
from entrypoint.postgres.table_locks import lock_tables
from entrypoint.report.steps import AppliedStep
from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.source import Role, Script, Statement

log = structlog.get_logger()


# SQLSTATEs of RAISE NOTICE and RAISE WARNING without a code of their own.
_RAISED = frozenset({"00000", "01000"})


async def carry_out(connection: Connection, plan: Plan, lock_timeout: float) -> tuple[AppliedStep, ...]:
    """Carry out `plan` in the current transaction and return its steps with their durations.

    Raises DatabaseIncompatible when the plan leaves something undecided, StatementFailed when a statement
    fails, and TableBusy when its tables are not free within `lock_timeout` seconds: the caller rolls back
    and tries again.
    """
    refuse_undecided(plan)
    await lock_tables(connection, plan.locks, lock_timeout)
    steps = [
        await timed(
            file.role.value, file.name, "the database is empty", execute.run_whole(connection, (file,))
        )
        for file in plan.files
    ]
    steps += [await _repair(connection, repair) for repair in plan.repairs]
    return tuple(steps)


async def migrate(connection: Connection, migrations: Iterable[Script]) -> tuple[AppliedStep, ...]:
    """Run versioned migrations in order; what they say with RAISE is logged as it comes."""
    steps = []
    for migration in migrations:
        listener = _NoticeLogger(migration.name)
        connection.add_log_listener(listener.log_notice)
        try:
            steps.append(
                await timed(
                    migration.role.value,
                    migration.name,
                    "not applied here yet",
                    execute.run(connection, (migration,)),
                )
            )
        finally:
            connection.remove_log_listener(listener.log_notice)
    return tuple(steps)


class _NoticeLogger:
    """Logs the notices of one migration; other notices of the server say nothing new."""

    def __init__(self, name: str) -> None:
        self._name = name

    def log_notice(self, _connection: object, message: asyncpg.PostgresLogMessage) -> None:
        """Log what a DO block raised; the server's own notices carry another SQLSTATE."""
        if message.sqlstate in _RAISED:
            log.info("migration.noticed", migration=self._name, message=message.message)


async def seed(connection: Connection, file: Script) -> AppliedStep:
    """Run the test data; running them again changes nothing but dates relative to the run."""
    return await timed(Role.SEED.value, file.name, "--with-test-data", execute.run(connection, (file,)))


async def _repair(connection: Connection, repair: Repair) -> AppliedStep:
    return await timed(
        "repair",
        f"{repair.kind} {repair.name}",
        repair.reason,
        execute.run_statement(
            connection,
            Statement(text=repair.statement, line=0),
            file=f"repair of {repair.kind} {repair.name}",
            exit_code=repair.exit_code,
        ),
    )


async def timed(action: str, target: str, reason: str, work: Awaitable[None]) -> AppliedStep:
    """Await `work` as one step, and log it with its duration."""
    started = time.monotonic()
    await work
    step = AppliedStep(
        action=action, target=target, reason=reason, seconds=round(time.monotonic() - started, 6)
    )
    log.info("step.applied", action=action, target=target, reason=reason, seconds=round(step.seconds, 3))
    return step


def refuse_undecided(plan: Plan) -> None:
    """Raise DatabaseIncompatible with the list of what a person has to decide, if there is any."""
    items = [
        f"{item.kind} {item.name}: expected {item.expected}, found {item.actual or 'nothing'}"
        for item in plan.undecided
    ]
    if not items:
        return
    more = f" (and {len(items) - 1} more)" if len(items) > 1 else ""
    raise DatabaseIncompatible(
        f"{items[0]}{more}; no statement can make this equal without a decision about the data",
        remedy="write a migration that converts it, or change it by hand; nothing was changed",
        differences=items,
    )
