"""Print the answer of a command that only looks, as text or as JSON, or why there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from entrypoint.cli import log_setup, outcome
from entrypoint.cli.arguments import Invocation
from entrypoint.commands.answer import Answer
from entrypoint.errors import EntrypointError
from entrypoint.output.json_lines import Json
from entrypoint.output.redaction import redactor
from entrypoint.report.journal import Journal
from entrypoint.settings.settings import Settings


def give(
    answer: Answer, invocation: Invocation, settings: Settings, environ: Mapping[str, str], journal: Journal
) -> int:
    """Print the answer and return the exit code that it stands for."""
    redact = redactor(settings.secrets)
    if invocation.has("--json"):
        _print_json(invocation.verb, answer.exit_code, redact, **{invocation.verb: answer.facts})
    else:
        color = log_setup.colored(environ, sys.stdout)
        outcome.write_out(str(redact(answer.text(color))))
    outcome.log_answered(journal)
    return int(answer.exit_code)


def refuse(error: EntrypointError, invocation: Invocation, settings: Settings) -> int:
    """Log why there is no answer, and print it in the document too when one was asked for."""
    code = invocation.record.exit_code(error)
    if invocation.has("--json"):
        found = {"message": error.message, "remedy": error.remedy}
        _print_json(invocation.verb, code, redactor(settings.secrets), error=found)
    return outcome.log_failure(error, code)


def _print_json(verb: str, code: int, redact: Callable[[Json], Json], **found: object) -> None:
    document = json.dumps({"command": verb, "exit_code": int(code), **found}, default=_moment)
    outcome.write_out(json.dumps(redact(cast(Json, json.loads(document))), indent=2) + "\n")


def _moment(value: datetime) -> str:
    return value.isoformat()
