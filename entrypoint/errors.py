"""Everything that can stop a start, each with its exit code and the remedy for the operator."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of a start; a command that has others names them in its record."""

    OK = 0
    USAGE = 1
    UNREACHABLE = 2
    SCHEMA = 3
    ROUTINES = 4
    TEST_DATA = 5
    VERIFICATION = 6
    BUSY = 7
    FILES = 8
    INCOMPATIBLE = 9
    PENDING = 10
    INTERNAL = 70
    NOT_EXECUTABLE = 126
    NOT_FOUND = 127


class EntrypointError(Exception):
    """Carry what happened, what to do about it, and the exit code that says so.

    `facts` become fields of the log line. No part of it may hold a password.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, *, remedy: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.facts = facts


class ConfigurationError(EntrypointError):
    """A variable, a flag or their combination is wrong; nothing was connected to."""

    exit_code = ExitCode.USAGE


class DatabaseUnavailable(EntrypointError):
    """The database could not be reached, refused the login, or may not be written."""

    exit_code = ExitCode.UNREACHABLE


class StatementFailed(EntrypointError):
    """A statement of `sql/` failed; its transaction was rolled back."""

    exit_code = ExitCode.SCHEMA

    def __init__(self, message: str, *, exit_code: ExitCode, remedy: str = "", **facts: object) -> None:
        super().__init__(message, remedy=remedy, **facts)
        self.exit_code = exit_code


class ApplyFailed(EntrypointError):
    """The apply transaction failed outside a statement of `sql/`, and was rolled back."""

    exit_code = ExitCode.SCHEMA


class BackupFailed(EntrypointError):
    """A backup could not be taken, or is not the one that was proved; nothing was dropped or restored."""

    exit_code = ExitCode.SCHEMA


class VerificationFailed(EntrypointError):
    """The database is not what `sql/` says, or an integrity check returned violations."""

    exit_code = ExitCode.VERIFICATION


class DatabaseBusy(EntrypointError):
    """The advisory lock or a table lock was not obtained within the budget."""

    exit_code = ExitCode.BUSY


class FilesRefused(EntrypointError):
    """The files under `sql/` break their contract; nothing was connected to or written."""

    exit_code = ExitCode.FILES


class DatabaseIncompatible(EntrypointError):
    """The database needs a person's decision: ownership, privileges, version, history or shape."""

    exit_code = ExitCode.INCOMPATIBLE


class HandoffFailed(EntrypointError):
    """The command could not be executed; 127 when it was not found, 126 when it cannot run."""

    def __init__(self, message: str, *, exit_code: ExitCode, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.exit_code = exit_code
