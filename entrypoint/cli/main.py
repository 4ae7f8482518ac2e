"""From argv and environment to an exit code: the only module that reads either."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from entrypoint.cli import arguments, handoff, log_setup, outcome
from entrypoint.cli.arguments import Invocation
from entrypoint.cli.signals import Signals, Terminated
from entrypoint.commands import command, init  # noqa: F401 - most starts need init, and all of it at once
from entrypoint.commands.command import STANDARD_OUTPUT
from entrypoint.deploy.run import BackupTarget, Run, read_files
from entrypoint.errors import ConfigurationError, EntrypointError, ExitCode
from entrypoint.postgres.budget import Budget
from entrypoint.report.journal import Journal
from entrypoint.settings.settings import Settings
from entrypoint.settings.variables import ADMIN_URL, API_URL, PUSHGATEWAY_URL, TEXTFILE

if TYPE_CHECKING:
    from entrypoint.commands.answer import Answer
    from entrypoint.commands.command import Command

T = TypeVar("T")
log = structlog.get_logger()

# Render starts a failed process again at once, for fifteen minutes, and each start builds and rolls back.
_PAUSE_SECONDS = 10.0
_PAUSED = frozenset(
    {
        ExitCode.SCHEMA,
        ExitCode.ROUTINES,
        ExitCode.VERIFICATION,
        ExitCode.FILES,
        ExitCode.INCOMPATIBLE,
    }
)


def main(signals: Signals) -> int:
    """Run the command line of this process and return its exit code, unless it becomes COMMAND."""
    log_setup.log_before_settings(os.environ)
    try:
        return _run(sys.argv[1:], dict(os.environ), signals)
    except Terminated as terminated:
        return outcome.log_signal(terminated)
    except EntrypointError as error:
        return outcome.log_failure(error, int(error.exit_code))
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        return outcome.log_internal_error(error)


def _run(argv: Sequence[str], environ: dict[str, str], signals: Signals) -> int:
    invocation = arguments.parse(argv)
    log_setup.log_before_settings(environ, beside_answer=invocation.answers)
    if printed := _printed(invocation):
        return outcome.write_out(printed)
    if invocation.has("--embedded"):
        environ[API_URL] = _start_embedded(environ)
    settings = Settings.from_environ(environ)
    log_setup.log_with_settings(settings, environ, beside_answer=invocation.answers)
    _ = settings.database  # Raises at once where none was given.
    code = _perform(invocation, settings, environ, signals)
    if code == ExitCode.OK and invocation.command:
        handoff.execute(invocation.command, _environ_of_command(environ, settings))
    return code


def _printed(invocation: Invocation) -> str:
    """Return what a command prints that needs no database, empty for every other command."""
    if invocation.flags & {"--help", "-h"}:
        return _text_of("help", invocation.verb if invocation.named else "")
    if invocation.has("--version"):
        return _text_of("version", "")
    return _text_of(invocation.verb, invocation.operand) if invocation.record.prints else ""


def _text_of(name: str, operand: str) -> str:
    prints = command.load(name).prints
    return prints(operand) if prints else ""


def _perform(invocation: Invocation, settings: Settings, environ: Mapping[str, str], signals: Signals) -> int:
    """Run the command, then log, measure and print how it ended."""
    journal = Journal(
        command=invocation.verb, environment=settings.environment, commit=settings.identity.commit
    )
    outcome.log_start(invocation, settings)
    try:
        run = _prepare(invocation, settings, journal)
        answer = _supervise(_work(invocation.record, run), signals)
    except EntrypointError as error:
        return _fail(error, invocation, settings, journal)
    except Terminated as terminated:
        return outcome.log_signal(terminated, journal)
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        if not invocation.asks:
            _publish(journal, ExitCode.INTERNAL, settings)
        return outcome.log_internal_error(error, journal)
    if answer is not None:
        from entrypoint.cli import answers  # noqa: PLC0415 - a start gives none

        return answers.give(answer, invocation, settings, environ, journal)
    _report(journal, ExitCode.OK, invocation, settings)
    outcome.log_success(journal, invocation)
    return ExitCode.OK


def _work(record: Command, run: Run) -> Coroutine[Any, Any, Answer | None]:
    if record.run is None:
        raise TypeError(f"{record.name} neither runs nor prints")
    return record.run(run)


def _prepare(invocation: Invocation, settings: Settings, journal: Journal) -> Run:
    files = read_files(settings, journal)
    return Run(
        settings=settings,
        journal=journal,
        budget=Budget(settings.retry.budget, grace=settings.on_render),
        files=files,
        strict=invocation.has("--strict"),
        with_test_data=invocation.has("--with-test-data"),
        deep=invocation.has("--deep"),
        rehearse=invocation.has("--rehearse"),
        check=invocation.has("--check"),
        confirmed=invocation.confirmed,
        force=invocation.has("--force"),
        backup=_backup_target(invocation),
        operand=invocation.operand,
        migrate=invocation.has("--migrate"),
    )


def _backup_target(invocation: Invocation) -> BackupTarget | None:
    """Return where a backup goes, or None where none was asked for."""
    if not invocation.has("--save-backup"):
        return None
    named = invocation.values.get("--backup-dir", "backups")
    return BackupTarget(None if named == STANDARD_OUTPUT else Path(named))


def _fail(error: EntrypointError, invocation: Invocation, settings: Settings, journal: Journal) -> int:
    if invocation.asks:
        from entrypoint.cli import answers  # noqa: PLC0415 - a start gives none

        return answers.refuse(error, invocation, settings)
    code = invocation.record.exit_code(error)
    _report(journal, code, invocation, settings)
    outcome.log_failure(error, code, journal)
    # Only what a platform runs and starts again: a person would wait for nothing.
    if settings.on_render and invocation.record.execs and error.exit_code in _PAUSED:
        log.info("exit.delayed", seconds=_PAUSE_SECONDS)
        time.sleep(_PAUSE_SECONDS)
    return code


def _report(journal: Journal, code: int, invocation: Invocation, settings: Settings) -> None:
    _publish(journal, code, settings)
    if invocation.has("--json"):
        outcome.write_json(journal, code)


def _publish(journal: Journal, code: int, settings: Settings) -> None:
    if settings.measured:
        from entrypoint.report import publish  # noqa: PLC0415 - most starts are not measured

        publish.publish(journal, code, settings)


def _supervise(work: Coroutine[Any, Any, T], signals: Signals) -> T:
    """Run `work` in an event loop of its own; a signal cancels it and is raised as Terminated."""

    async def supervised() -> T:
        task = asyncio.ensure_future(work)
        signals.attach(asyncio.get_running_loop(), task)
        try:
            return await task
        finally:
            signals.detach()

    return asyncio.run(supervised())


def _start_embedded(environ: Mapping[str, str]) -> str:
    """Start the embedded server and return its URL, unless this environment has a database."""
    if environ.get("RENDER") == "true":
        raise ConfigurationError(
            "--embedded is refused on Render: its data would be lost with the next deploy",
            remedy="connect the service to a Render PostgreSQL and set DATABASE_URL",
        )
    named = [name for name in (API_URL, ADMIN_URL) for name in (name, f"{name}_FILE") if name in environ]
    if named:
        raise ConfigurationError(
            f"--embedded and {named[0]} are both given",
            remedy=f"leave out --embedded to use that database, or unset {named[0]}",
        )
    from entrypoint.postgres.embedded import server  # noqa: PLC0415 - only developers' machines have what it needs

    began = time.monotonic()
    url = server.start(Path(".postgres"), environ)
    log.info("embedded.started", directory=".postgres", seconds=round(time.monotonic() - began, 3))
    return url


def _environ_of_command(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the environment of COMMAND: DATABASE_URL in its plain form, no login that is only ours.

    COMMAND may change its working directory, so that it gets the absolute path of the metrics.
    """
    ours = (ADMIN_URL, PUSHGATEWAY_URL)
    hidden = {*ours, *(f"{name}_FILE" for name in (*ours, API_URL))}
    handed_on = {name: value for name, value in environ.items() if name not in hidden}
    if settings.api_url is not None:
        handed_on[API_URL] = settings.api_url
    if settings.metrics_textfile is not None:
        handed_on[TEXTFILE] = str(settings.metrics_textfile)
    return handed_on
