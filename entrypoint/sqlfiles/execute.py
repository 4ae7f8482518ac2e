"""Run the statements of a file one by one, so that every error names file, line and statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import asyncpg

from entrypoint.errors import ExitCode, StatementFailed
from entrypoint.output.plain import shortened
from entrypoint.postgres.classify import diagnose, message_of
from entrypoint.postgres.conditions import Retry
from entrypoint.postgres.connection import SAFE_PATH, Connection, path_through, resolving, savepoint
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import Script
from entrypoint.sqlfiles.splitter import Statement

_EXIT_CODES = {
    Role.BASELINE: ExitCode.SCHEMA,
    Role.VERSIONED: ExitCode.SCHEMA,
    Role.FUNCTIONS: ExitCode.ROUTINES,
    Role.TRIGGERS: ExitCode.ROUTINES,
    Role.VIEWS: ExitCode.ROUTINES,
    Role.SEED: ExitCode.TEST_DATA,
    Role.ROLLBACK: ExitCode.ROUTINES,
}
# What an existing object forbids: dependents, another result type or view column, NOT NULL over NULLs.
# ME009 is raised by our own migrations, with the list of what a person has to decide as its detail.
_DECISION = "ME009"
_NEEDS_DECISION = frozenset({"2BP01", "42P13", "42P16", "23502", _DECISION})
_SUMMARY_LENGTH = 160
_REMEDIES = {
    "53100": "free disk space on the database server, then start again; nothing was changed",
    "42501": "grant the role of DATABASE_URL what the message names, or connect as the owner",
}


async def run(connection: Connection, files: Iterable[Script], schema: str = "public") -> None:
    """Run `files` in order in the current transaction. Raises StatementFailed, or what is worth a retry.

    The names in them are found in `schema`.
    """
    async with resolving(connection, schema):
        for file in files:
            for statement in file.statements:
                await run_statement(connection, statement, file=file.name, exit_code=_EXIT_CODES[file.role])


async def run_whole(connection: Connection, files: Sequence[Script], schema: str = "public") -> None:
    """Run `files` in order in the current transaction, as one message, which saves what waiting costs.

    What fails is rolled back and run again by its statements, of which one says what was wrong; so is what
    takes longer in one piece than a single command may. Raises StatementFailed, or what is worth a retry.
    """
    try:
        async with savepoint(connection, "whole_files"):
            texts = (file.text for file in files)
            await connection.execute("\n".join([f"{path_through(schema)};", *texts, SAFE_PATH]))
    except (asyncpg.PostgresError, TimeoutError) as error:
        if isinstance(error, asyncpg.PostgresError) and diagnose(error).retry is not Retry.NEVER:
            raise
        await run(connection, files, schema)


async def run_statement(
    connection: Connection,
    statement: Statement,
    *,
    file: str,
    exit_code: ExitCode,
    seconds: float | None = None,
) -> None:
    """Run one statement as a simple query, for `seconds`, or as long as any command may take.

    Raises StatementFailed with file, line and statement; conditions that may pass are raised as they are.
    """
    try:
        await connection.execute(statement.text, timeout=seconds)
    except asyncpg.PostgresError as error:
        if diagnose(error).retry is not Retry.NEVER:
            raise
        raise _located(error, statement, file, exit_code) from error


def _located(
    error: asyncpg.PostgresError, statement: Statement, file: str, exit_code: ExitCode
) -> StatementFailed:
    # Only parse errors carry a position; for the others the statement itself is the place.
    position = getattr(error, "position", None)
    line = statement.line_at(int(position)) if position else statement.line
    place = f"{file}:{line}" if statement.line else file
    # A repair has no line: what stands in its way is in the database, not in a file.
    correct = "the statement named here" if statement.line else "the rows or objects that stand in its way"
    facts = {"detail": without_values(error.detail), "hint": error.hint, "context": error.context}
    return StatementFailed(
        f"{place}: {message_of(error)}",
        exit_code=_exit_code(error, exit_code),
        remedy=(error.hint if error.sqlstate == _DECISION else None)
        or _REMEDIES.get(error.sqlstate or "", f"correct {correct}, then start again; nothing was changed"),
        file=file,
        line=line,
        statement=summary(statement.text),
        sqlstate=error.sqlstate,
        **{name: fact for name, fact in facts.items() if fact},
    )


def _exit_code(error: asyncpg.PostgresError, exit_code: ExitCode) -> ExitCode:
    undecided = exit_code != ExitCode.TEST_DATA and error.sqlstate in _NEEDS_DECISION
    return ExitCode.INCOMPATIBLE if undecided else exit_code


def summary(text: str) -> str:
    """Return the beginning of a statement on one line."""
    line = " ".join(text.split())
    return shortened(line, _SUMMARY_LENGTH)


def without_values(detail: str | None) -> str | None:
    """Remove column values from an error's detail: "Key (email)=(a@b) exists" holds user data."""
    if detail is None:
        return None
    hidden = re.sub(r"=\(.*\)", "=(…)", detail, flags=re.DOTALL)
    return re.sub(r"(Failing row contains) \(.*\)", r"\1 (…)", hidden, flags=re.DOTALL)
