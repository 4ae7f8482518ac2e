"""Starts with a small budget against servers that misbehave, and the two ways in which they fail."""

from __future__ import annotations

from entrypoint.errors import ExitCode
from tests.support.cluster import Server
from tests.support.process import Completed, Event, started_entrypoint

BUDGET_SECONDS = 2
IMPATIENT = {
    "MORSE_START_BUDGET_SECONDS": str(BUDGET_SECONDS),
    "MORSE_CONNECT_TIMEOUT_SECONDS": "1",
}

# What a busy machine may take to load the program and to end it.
_LAUNCH_SECONDS = 6


async def start(url: str, *argv: str, **env: str) -> Completed:
    """Run a start to its end, `--init-only` unless told otherwise; the test's loop goes on meanwhile."""
    environ = {**IMPATIENT, "DATABASE_URL": url, **env}
    async with started_entrypoint(*(argv or ("--init-only",)), env=environ) as running:
        return await running.wait(BUDGET_SECONDS + _LAUNCH_SECONDS)


def url_at(server: Server, port: int) -> str:
    """Return a URL of a database, with a password, on which something else listens at `port`."""
    return server.url("morse").replace(f":{server.port}/", f":{port}/")


def assert_gave_up(completed: Completed, reason: str) -> Event:
    """Fail unless the start said what it waited for and ended with its budget; return its last words."""
    failed = completed.event("start.failed")
    awaited = completed.event("database.awaited")
    assert (ExitCode.UNREACHABLE, reason) == (completed.exit_code, failed["reason"]), completed.stdout
    assert (reason, "warning", 1) == (awaited["reason"], awaited["level"], awaited["attempt"])
    assert awaited["message"]
    assert awaited["remaining_seconds"] < BUDGET_SECONDS
    assert failed["attempts"] > 1
    assert failed["elapsed_seconds"] < BUDGET_SECONDS + 1.5
    return failed


def assert_refused(completed: Completed, reason: str, exit_code: ExitCode = ExitCode.UNREACHABLE) -> Event:
    """Fail unless the start ended at its first attempt, because of `reason`; return its last words."""
    failed = completed.event("start.failed")
    assert (exit_code, reason) == (completed.exit_code, failed["reason"]), completed.stdout
    assert 1 == failed["attempts"]
    assert "database.awaited" not in completed.event_names
    assert failed["elapsed_seconds"] < BUDGET_SECONDS
    assert failed["remedy"]
    return failed
