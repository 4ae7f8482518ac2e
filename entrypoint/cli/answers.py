"""What `plan` and `status` print: one answer on standard output, as text or JSON, and an exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import cast

from entrypoint.cli import outcome
from entrypoint.cli.arguments import Invocation
from entrypoint.commands.plan.forecast import Forecast
from entrypoint.commands.plan.text import forecast_text
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.commands.rollback.text import inventory_text
from entrypoint.commands.status.status import Status
from entrypoint.commands.status.text import status_text
from entrypoint.errors import EntrypointError, ExitCode
from entrypoint.output.json_lines import Json
from entrypoint.output.plain import facts
from entrypoint.output.redaction import redactor
from entrypoint.report.journal import Journal
from entrypoint.settings.settings import Settings

Answer = Forecast | Status | Inventory


def give(answer: Answer, invocation: Invocation, settings: Settings, journal: Journal) -> int:
    """Print the answer and return the exit code, which --check makes PENDING.

    What a rollback would drop is USAGE: whoever asked for the rollback did not get it.
    """
    pending = isinstance(answer, Forecast) and answer.something_to_do
    code = ExitCode.PENDING if pending and invocation.has("--check") else ExitCode.OK
    if isinstance(answer, Inventory):
        code = ExitCode.USAGE
    redact = redactor(settings.secrets)
    if invocation.has("--json"):
        told = {**facts(answer), **({"something_to_do": pending} if isinstance(answer, Forecast) else {})}
        _print_json(invocation.verb, code, redact, **{invocation.verb: told})
    else:
        outcome.write_out(str(redact(_text(answer, invocation))))
    outcome.log_answered(journal)
    return code


def refuse(error: EntrypointError, invocation: Invocation, settings: Settings) -> int:
    """Tell why there is no answer, in the document too when one was asked for."""
    if invocation.has("--json"):
        told = {"message": error.message, "remedy": error.remedy}
        code = outcome.exit_code(error, invocation.verb)
        _print_json(invocation.verb, code, redactor(settings.secrets), error=told)
    return outcome.log_failure(error, verb=invocation.verb)


def _text(answer: Answer, invocation: Invocation) -> str:
    color = outcome.colored(os.environ, sys.stdout)
    if isinstance(answer, Forecast):
        return forecast_text(answer, rehearsed=invocation.has("--rehearse"), color=color)
    if isinstance(answer, Inventory):
        return inventory_text(answer, color=color)
    return status_text(answer, color=color)


def _print_json(verb: str, code: int, redact: Callable[[Json], Json], **found: object) -> None:
    document = json.dumps({"command": verb, "exit_code": int(code), **found}, default=_moment)
    outcome.write_out(json.dumps(redact(cast(Json, json.loads(document))), indent=2) + "\n")


def _moment(value: datetime) -> str:
    return value.isoformat()
