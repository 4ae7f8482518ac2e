"""From argv and environment to an exit code: the only module that reads either."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import structlog

from entrypoint import __version__
from entrypoint.cli import arguments, handoff, outcome
from entrypoint.cli.arguments import Invocation
from entrypoint.cli.flags import STANDARD_OUTPUT
from entrypoint.cli.signals import Signals, Terminated
from entrypoint.commands import init
from entrypoint.deploy.run import BackupTarget, Run, read_files
from entrypoint.errors import ConfigurationError, EntrypointError, ExitCode
from entrypoint.postgres.budget import Budget
from entrypoint.report import publish
from entrypoint.report.journal import Journal
from entrypoint.settings.settings import ADMIN_URL, API_URL, PUSHGATEWAY_URL, TEXTFILE, Settings

if TYPE_CHECKING:
    from entrypoint.cli.answers import Answer

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
# What Render runs; the other commands are typed by a person, who would wait for nothing.
_STARTS = frozenset({"init", "wait"})
# The module and the function of each command but init, loaded when it is asked for.
_COMMANDS = {
    "verify": ("verify", "verify"),
    "plan": ("plan.command", "plan"),
    "status": ("status.command", "status"),
    "wait": ("wait", "wait"),
    "rollback": ("rollback.command", "roll_back"),
    "restore": ("restore.command", "restore"),
    "stamp": ("stamp", "stamp"),
}


def main(signals: Signals) -> int:
    """Run the command line of this process and return its exit code, unless it becomes COMMAND."""
    outcome.log_before_settings(os.environ)
    try:
        return _run(sys.argv[1:], dict(os.environ), signals)
    except Terminated as terminated:
        log.warning("signal.received", signal=signal.Signals(terminated.signum).name)
        return 128 + terminated.signum
    except EntrypointError as error:
        return outcome.log_failure(error)
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        return outcome.log_internal_error(error)


def _run(argv: Sequence[str], environ: dict[str, str], signals: Signals) -> int:
    invocation = arguments.parse(argv)
    outcome.log_before_settings(environ, beside_answer=invocation.answers)
    if invocation.flags & {"--help", "-h"}:
        from entrypoint.cli import help as help_text  # noqa: PLC0415 - no start reads it

        return outcome.write_out(help_text.text())
    if invocation.has("--version"):
        return outcome.write_out(f"morse-entrypoint {__version__}\n")
    if invocation.has("--embedded"):
        environ[API_URL] = _start_embedded(environ)
    settings = Settings.from_environ(environ)
    outcome.log_with_settings(settings, beside_answer=invocation.answers)
    _ = settings.database  # That there is none is told before anything else.
    code = _perform(invocation, settings, signals)
    if code is ExitCode.OK and invocation.command:
        handoff.execute(invocation.command, _environ_of_command(environ, settings))
    return code


def _perform(invocation: Invocation, settings: Settings, signals: Signals) -> int:
    """Run the command's pipeline, then log, measure and print how it ended."""
    journal = Journal(
        command=invocation.verb, environment=settings.environment, commit=settings.identity.commit
    )
    outcome.log_start(invocation, settings)
    try:
        run = _prepare(invocation, settings, journal)
        found = _supervise(_work(run, invocation.verb), signals)
    except EntrypointError as error:
        return _fail(error, invocation, settings, journal)
    except Exception:
        if not invocation.asks:
            publish.publish(journal, ExitCode.INTERNAL, settings)
        raise
    if found is not None:
        from entrypoint.cli import answers as answer  # noqa: PLC0415 - a start gives none

        return answer.give(found, invocation, settings, journal)
    _publish(journal, ExitCode.OK, invocation, settings)
    outcome.log_success(journal, invocation)
    return ExitCode.OK


def _work(run: Run, verb: str) -> Coroutine[Any, Any, Answer | None]:
    """Return what the command does; a start loads only what it turns out to need."""
    if verb == "init":
        return init.initialize(run)
    module, function = _COMMANDS[verb]
    command = getattr(importlib.import_module(f"entrypoint.commands.{module}"), function)
    return cast("Coroutine[Any, Any, Answer | None]", command(run))


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
        from entrypoint.cli import answers as answer  # noqa: PLC0415 - a start gives none

        return answer.refuse(error, invocation, settings)
    code = outcome.exit_code(error, invocation.verb)
    _publish(journal, ExitCode(code), invocation, settings)
    outcome.log_failure(error, verb=invocation.verb)
    if settings.on_render and invocation.verb in _STARTS and error.exit_code in _PAUSED:
        log.info("exit.delayed", seconds=_PAUSE_SECONDS)
        time.sleep(_PAUSE_SECONDS)
    return code


def _publish(journal: Journal, code: ExitCode, invocation: Invocation, settings: Settings) -> None:
    publish.publish(journal, code, settings)
    if invocation.has("--json"):
        outcome.write_json(journal, code)


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
    url = server.start(Path(".postgres"))
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
