"""Starts with a small budget against servers that misbehave, as tests/faults need them."""

from __future__ import annotations

from dataclasses import dataclass, fields

from entrypoint.errors import ExitCode
from tests.support.cluster import Server
from tests.support.process import Completed, Event, started_entrypoint
from tests.support.waiting import PATIENCE_SECONDS

_BUDGET = "MORSE_START_BUDGET_SECONDS"
BUDGET_SECONDS = 2
IMPATIENT = {
    _BUDGET: str(BUDGET_SECONDS),
    "MORSE_CONNECT_TIMEOUT_SECONDS": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Completed):
    """A start that ended, and the `budget` that it had."""

    budget: float


async def start(url: str, *argv: str, **env: str) -> Ended:
    """Run a start to its end, `--init-only` unless told otherwise; the test's loop goes on meanwhile.

    Where the machine was too busy to let it run for most of a small budget, it runs again with a larger one.
    """
    budget = float(env.get(_BUDGET, BUDGET_SECONDS))
    while True:
        environ = {**IMPATIENT, "DATABASE_URL": url, **env, _BUDGET: str(budget)}
        async with started_entrypoint(*(argv or ("--init-only",)), env=environ) as running:
            ended = await running.wait()
        if ended.waited < budget / 4 or budget > PATIENCE_SECONDS / 4:
            return Ended(**{field.name: getattr(ended, field.name) for field in fields(ended)}, budget=budget)
        budget *= 4


def url_at(server: Server, port: int) -> str:
    """Return a URL of a database, with a password, on which something else listens at `port`."""
    return server.url("morse").replace(f":{server.port}/", f":{port}/")


def assert_gave_up(completed: Ended, reason: str) -> Event:
    """Fail unless the start said what it waited for and ended with its budget; return its last words."""
    failed = completed.event("start.failed")
    awaited = completed.event("database.awaited")
    assert (ExitCode.UNREACHABLE, reason) == (completed.exit_code, failed["reason"]), completed.stdout
    assert (reason, "warning", 1) == (awaited["reason"], awaited["level"], awaited["attempt"])
    assert awaited["message"]
    assert awaited["remaining_seconds"] < completed.budget
    assert failed["attempts"] > 1
    assert failed["elapsed_seconds"] < completed.budget + 1.5 + completed.waited
    return failed


def assert_refused(completed: Ended, reason: str, exit_code: ExitCode = ExitCode.UNREACHABLE) -> Event:
    """Fail unless the start ended at its first attempt, because of `reason`; return its last words."""
    failed = completed.event("start.failed")
    assert (exit_code, reason) == (completed.exit_code, failed["reason"]), completed.stdout
    assert 1 == failed["attempts"]
    assert "database.awaited" not in completed.event_names
    assert failed["elapsed_seconds"] < completed.budget + completed.waited
    assert failed["remedy"]
    return failed
