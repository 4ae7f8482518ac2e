"""Restore a backup: check it, replay it in one transaction, prove what came back, and say what is next."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import structlog

from entrypoint import (
    admission,
    backup,
    catalog,
    conclusion,
    fingerprint,
    ledger,
    proof,
    records,
    scratch,
    splitter,
    verdict,
    verify,
)
from entrypoint.catalog import Catalog
from entrypoint.conclusion import Proof
from entrypoint.database import DAY_SECONDS, Connection, reading_settings, set_local, unlimited
from entrypoint.dump import CopyBegin, CopyChunk, CopyEnd, Entry, Item
from entrypoint.errors import (
    BackupFailed,
    DatabaseIncompatible,
    EntrypointError,
    ExitCode,
    StatementFailed,
    VerificationFailed,
)
from entrypoint.execution import run_statement, without_values
from entrypoint.forecast import Forecast
from entrypoint.journal import Outcome
from entrypoint.migration import Statement
from entrypoint.plan import Plan, is_fresh
from entrypoint.proof import Verification
from entrypoint.run import Attempt, Run
from entrypoint.steps import AppliedStep
from entrypoint.threads import in_thread

log = structlog.get_logger()

_OWN = frozenset({"table", "view", "sequence", "function"})
# What pg_dump sets for its session at the top of a dump; the session may be a pooler's, so here it is local.
_SETTINGS = {
    "search_path": "",
    "check_function_bodies": "off",
    "row_security": "off",
    "xmloption": "content",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
}
# What to do about a statement of the backup, which nobody can correct, by SQLSTATE.
_CONTRADICTED = (
    "the rows contradict a constraint that was not in force when they were backed up: restore into an empty "
    "database with psql, without -1 and ON_ERROR_STOP, which leaves out this constraint alone"
)
_MISSING = "create what is missing, a role by CREATE ROLE with its name, then restore again"
_IN_THE_WAY = "rename what is in the way, or restore into an empty database"
_REMEDIES = {
    **dict.fromkeys(("23502", "23503", "23505", "23514", "23P01"), _CONTRADICTED),
    **dict.fromkeys(("42704", "42883", "42P01", "3F000"), _MISSING),
    **dict.fromkeys(("42710", "42723", "42P06", "42P07"), _IN_THE_WAY),
}
# pg_dump writes none of them. Behind a COMMIT a failure would leave half a database.
_OF_TRANSACTIONS = re.compile(
    r"(?:ABORT|BEGIN|COMMIT|END|PREPARE|RELEASE|ROLLBACK|SAVEPOINT|START)\b", re.IGNORECASE
)


async def check(run: Run) -> str:
    """Return the digest of the backup, before anything connects. Raises BackupFailed."""
    digest = await in_thread(backup.check, Path(run.operand))
    log.info("backup.checked", path=run.operand, sha256=digest)
    return digest


async def expect(attempt: Attempt) -> Catalog:
    """Return what the files stand for; refuse unless the database was named, and nothing is in the way.

    Raises ConfigurationError and DatabaseIncompatible.
    """
    run, connection = attempt.run, attempt.connection
    found = await ledger.read(connection)
    admission.refuse_unconfirmed(found, run.settings.environment, attempt.server.database, run.confirmed)
    expected = await scratch.build(connection, run.source)
    actual = await catalog.read(connection, "public")
    if found is not None or not is_fresh(expected, actual):
        present = [f"{kind} {name}" for kind, name in expected if kind in _OWN and (kind, name) in actual]
        names = ["the ledger in schema entrypoint"] * (found is not None) + sorted(present)
        raise DatabaseIncompatible(
            f"{names[0]}" + (f" and {len(names) - 1} more" if names[1:] else "") + " would be in the way; "
            "nothing was restored",
            remedy="restore into an empty database, or first run `morse-entrypoint rollback "
            f"--confirm={attempt.server.database} --save-backup`",
            objects=names,
        )
    return expected


async def replay(attempt: Attempt, digest: str) -> tuple[AppliedStep, ...]:
    """Run what the backup holds in the current transaction. Raises BackupFailed and StatementFailed."""
    run, connection = attempt.run, attempt.connection
    path, began = Path(run.operand), time.monotonic()
    await set_local(connection, {**unlimited(attempt.server), **_SETTINGS})
    with run.journal.phase("restore"), run.patience.paused():
        rows = await _replay(attempt, path)
    await set_local(connection, reading_settings("public"))
    await _refuse_other_dumps(connection)
    log.info("backup.replayed", path=str(path), rows=rows)
    seconds = round(time.monotonic() - began, 6)
    return (AppliedStep(action="restore", target=path.name, reason=f"sha256 {digest}", seconds=seconds),)


async def _replay(attempt: Attempt, path: Path) -> int:
    items, rows = backup.read(path), 0
    attempt.run.patience.due("restore")  # The first word is due after a while.
    async for item in items:
        if isinstance(item, CopyBegin):
            rows += await _copy(attempt, item, items, path)
        elif isinstance(item, Entry) and item.kind not in ("PREAMBLE", "END"):
            await _execute(attempt.connection, item, path)
    return rows


async def _execute(connection: Connection, entry: Entry, path: Path) -> None:
    for statement in splitter.split(entry.text):
        text = statement.text
        if found := _OF_TRANSACTIONS.match(text):
            raise BackupFailed(
                f"{path} holds {found[0].upper()}, and a restore is one transaction",
                remedy="restore it with psql, then run `morse-entrypoint --init-only`, which adopts it",
            )
        if text.upper().startswith("SET "):
            text = f"SET LOCAL {text[4:]}"
        try:
            await run_statement(
                connection,
                Statement(text=text, line=0),
                file=f"{path.name}, {entry.kind.lower()} {entry.name}",
                exit_code=ExitCode.ROUTINES,
                seconds=DAY_SECONDS,
            )
        except StatementFailed as error:
            known = _REMEDIES.get(str(error.facts.get("sqlstate")))
            error.remedy = f"{known}; nothing was restored" if known else error.remedy
            raise


async def _copy(attempt: Attempt, begin: CopyBegin, items: AsyncIterator[Item], path: Path) -> int:
    """Stream the rows of one table and return how many the server took, which must be all of them."""
    sent, sent_bytes = 0, 0

    async def rows() -> AsyncIterator[bytes]:
        nonlocal sent, sent_bytes
        async for item in items:
            if isinstance(item, CopyEnd):
                sent = item.rows
                return
            if isinstance(item, CopyChunk):
                yield item.data
                sent_bytes += len(item.data)
            if attempt.run.patience.due("restore"):
                log.info("restore.progressed", table=begin.table, bytes=sent_bytes)

    try:
        answer = await attempt.connection.copy_to_table(
            begin.table,
            schema_name=begin.schema,
            columns=list(begin.columns),
            source=rows(),
            timeout=DAY_SECONDS,
        )
    except asyncpg.DataError as error:
        raise _not_taken(path, begin, without_values(str(error)) or "") from error
    if answer != f"COPY {sent}":
        raise _not_taken(path, begin, f"{sent} rows were sent, and the server answered {answer}")
    return sent


def _not_taken(path: Path, begin: CopyBegin, reason: str) -> StatementFailed:
    return StatementFailed(
        f"{path.name}, rows of {begin.schema}.{begin.table}: {reason}",
        exit_code=ExitCode.ROUTINES,
        remedy="restore into an empty database of the same or a newer PostgreSQL; nothing was restored",
    )


async def _refuse_other_dumps(connection: Connection) -> None:
    found = await ledger.read(connection)
    if found is None or not found.release:
        raise DatabaseIncompatible(
            "the backup holds no ledger of a finished start, so it is none of this product's",
            remedy="restore it with psql, then run `morse-entrypoint --init-only`, which adopts it",
        )


async def prove(attempt: Attempt, expected: Catalog) -> Verification | None:
    """Compare what came back with what it was proved to be, and run every check where the release is ours.

    The answer is recorded when it is that of a start of these files. None where there is nothing to compare
    with: the backup is of another release and of another major version of the server.
    """
    run, connection = attempt.run, attempt.connection
    found = await ledger.read(connection)
    ours = found is not None and found.digest == run.source.digest
    recorded = None
    if found is not None and not ours:
        recorded = await records.expected(connection, found.digest, attempt.server.version)
    if not ours and recorded is None:
        return None
    with run.journal.phase("verify"), run.patience.paused():
        live = await fingerprint.read(connection)
        actual = await catalog.read(connection, "public")
        checks = await verify.check(connection, run.source, deep=True, seconds=DAY_SECONDS) if ours else ()
        verification = verify.judge(expected if ours else recorded or {}, actual, run.source, checks)
    run.journal.verification = verification
    if ours and verification.passed:
        proved = Proof(verification=_lasting(verification, run), fingerprint=live)
        await conclusion.record(attempt, expected, Plan(), run.journal.steps, proved)
    return verification


def _lasting(verification: Verification, run: Run) -> Verification:
    """Leave out the deep checks, which prove the rows as they are now: later starts read the record."""
    deep = {check.name for check in run.source.checks if check.deep}
    return replace(verification, checks=tuple(item for item in verification.checks if item.name not in deep))


def tell_next(foreseen: Forecast) -> None:
    """Log what the next start of this image will do to the restored database."""
    log.info(
        "restore.foreseen",
        steps=[f"{step.action} {step.target}" for step in (*foreseen.steps, *foreseen.deferred)]
        or ["nothing"],
        withheld=foreseen.withheld,
        remedy="run `morse-entrypoint --init-only` to do it now" if foreseen.something_to_do else None,
    )
    if foreseen.stamp not in (None, foreseen.environment):
        log.warning(
            "environment.mismatched",
            environment=foreseen.environment,
            remedy=f"the backup is stamped {foreseen.stamp}; if this database is not that environment any "
            f"more, run `morse-entrypoint stamp {foreseen.environment} --confirm={foreseen.database}`",
        )


def tell_unforeseen(error: EntrypointError) -> None:
    """Log that the next start of this image will fail, and why."""
    log.warning("restore.foreseen", message=error.message, remedy=error.remedy)


def conclude(run: Run) -> None:
    """Tell what was proved of the restored database. Raises VerificationFailed when it did not pass."""
    verification = run.journal.verification
    if verification is None:
        log.warning(
            "restore.unverified",
            remedy="the rows are complete, but there is nothing to compare the objects with; run "
            "`morse-entrypoint --init-only`",
        )
        return
    proof.tell(verification)
    if not verification.passed:
        raise _restored_but(verdict.failure(verification))


async def start_on_top(run: Run, start: Callable[[Run], Awaitable[None]]) -> None:
    """Do what a start does. Raises VerificationFailed, whatever fails: the restore itself stays."""
    try:
        await start(run)
    except EntrypointError as error:
        raise _restored_but(error) from error
    run.journal.outcome = Outcome.RESTORED


def _restored_but(error: EntrypointError) -> VerificationFailed:
    return VerificationFailed(
        f"the backup was restored as it is and committed, but {error.message}",
        remedy=error.remedy,
        **error.facts,
    )
