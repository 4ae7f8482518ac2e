"""What a run logs and prints at its beginning and its end: JSON, the last sentence, and the failure."""

from __future__ import annotations

import json
import signal
import traceback
from contextlib import suppress
from pathlib import Path

import structlog

from entrypoint import __version__
from entrypoint.cli.arguments import Invocation, shown
from entrypoint.cli.signals import Terminated
from entrypoint.errors import EntrypointError, ExitCode
from entrypoint.output.plain import facts
from entrypoint.report import report
from entrypoint.report.journal import Journal, Outcome
from entrypoint.report.report import Report
from entrypoint.settings.settings import Settings

log = structlog.get_logger()

_IN_DOUBT = "COMMIT was sent and not answered, so that it is not known whether the changes are there"
_LOOK = (
    "`morse-entrypoint status` shows what the database is now, and the next start does only what is missing"
)


def log_start(invocation: Invocation, settings: Settings) -> None:
    """Log what starts, where, and the warnings about the settings."""
    log.info(
        "start.begun",
        command=invocation.verb,
        version=__version__,
        environment=settings.environment.value,
        database=str(settings.database),
    )
    for warning in settings.warnings:
        log.warning("settings.warned", message=warning)


def log_success(journal: Journal, invocation: Invocation) -> None:
    """Log the sentence that ends a run; it is the last line before COMMAND takes over.

    Raises RuntimeError for a success without a conclusion.
    """
    finished = report.of(journal)
    event = "process.handed_over" if invocation.command else "start.finished"
    log.info(event, summary=sentence(finished, invocation), seconds=round(finished.seconds, 3))


def log_answered(journal: Journal) -> None:
    """Log the sentence that ends a command which only looks."""
    log.info("start.finished", summary="Nothing was changed.", seconds=round(journal.seconds, 3))


def sentence(finished: Report, invocation: Invocation) -> str:
    """Return in one sentence what the database is now and what happens next."""
    found = {
        Outcome.APPLIED: f"The database was brought to release {finished.release}",
        Outcome.UNCHANGED: f"The database already is release {finished.release}",
        Outcome.VERIFIED: f"The database is release {finished.release}",
        Outcome.INTERFACE: "The database has everything that this image needs",
        Outcome.REMOVED: "Everything that the product owned was dropped",
        Outcome.ABSENT: "Nothing of the product was there, and nothing was dropped",
        Outcome.RESTORED: "The backup was restored",
        Outcome.STAMPED: "The database is stamped anew",
        Outcome.FAILED: "The run failed",
    }[finished.outcome]
    proof = ""
    if finished.verification is not None:
        matched = sum(count.matched for count in finished.verification.counts)
        expected = sum(count.expected for count in finished.verification.counts)
        warnings = finished.verification.warnings
        proof = f", {matched} of {expected} objects and {len(finished.verification.checks)} checks verified"
        proof += f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    proof += f", backup {finished.backup} proved" if finished.backup else ""
    becoming = f"; becoming {shown(invocation.command[0])}" if invocation.command else ""
    return f"{found}{proof}, after {finished.seconds:.2f} s{becoming}."


def log_failure(error: EntrypointError, code: int, journal: Journal | None = None) -> int:
    """Log why the run fails and what to do; return the exit code that the command has for it."""
    facts = {name: fact for name, fact in error.facts.items() if fact not in (None, "", [])}
    message, remedy = error.message, error.remedy
    if journal is not None and journal.in_doubt is not None:
        message, remedy = f"{message}; {_IN_DOUBT}", f"{_LOOK}; {remedy}" if remedy else _LOOK
        facts["transaction"] = journal.in_doubt.transaction_id
    log.error("start.failed", message=message, remedy=remedy, exit_code=code, **facts)
    return code


def log_signal(terminated: Terminated, journal: Journal | None = None) -> int:
    """Log which signal ended the run, and return the exit code that stands for it."""
    doubt = {}
    if journal is not None and journal.in_doubt is not None:
        doubt = {"message": _IN_DOUBT, "remedy": _LOOK, "transaction": journal.in_doubt.transaction_id}
    log.warning("signal.received", signal=signal.Signals(terminated.signum).name, **doubt)
    return 128 + terminated.signum


def log_internal_error(error: Exception, journal: Journal | None = None) -> int:
    """Log an unexpected error, with its place, on one line."""
    doubt = journal is not None and journal.in_doubt is not None
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    log.critical(
        "start.failed",
        message=f"a mistake in the entrypoint itself: {type(error).__name__}: {error}"
        + (f"; {_IN_DOUBT}" if doubt else ""),
        remedy=f"report it with this line; {_LOOK if doubt else 'an open transaction was rolled back'}",
        place=place,
        exit_code=int(ExitCode.INTERNAL),
    )
    return int(ExitCode.INTERNAL)


def write_json(journal: Journal, code: int) -> None:
    """Print the report for a machine."""
    write_out(json.dumps(facts(report.of(journal, code)), indent=2) + "\n")


def write_out(text: str) -> int:
    """Print to standard output, even where it is closed, and return the exit code of success."""
    with suppress(OSError, ValueError):
        print(text, end="", flush=True)  # noqa: T201 - what was asked for, not a log
    return int(ExitCode.OK)
