"""Mistakes in the environment and on the command line: told at once, before anything is connected to."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import CANARY, CANARY_MARK
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, state_of
from tests.support.process import Completed, run_entrypoint

_AT_ONCE_SECONDS = 5
_NOBODY = "postgresql://morse@127.0.0.1:9/morse"


def _assert_told(completed: Completed) -> str:
    """Fail unless the run did nothing but to tell a mistake; return the message."""
    assert ExitCode.USAGE == completed.exit_code, completed.stdout
    assert ["start.failed"] == completed.event_names
    assert completed.seconds < _AT_ONCE_SECONDS
    failed = completed.events[0]
    assert ("error", ExitCode.USAGE) == (failed["level"], failed["exit_code"])
    assert failed["remedy"]
    return str(failed["message"])


def test_url_is_missing() -> None:
    """Without any database the variable is named, and the flag that needs none."""
    completed = run_entrypoint("--init-only")

    assert "DATABASE_URL is not set" == _assert_told(completed)
    assert "--embedded" in completed.events[0]["remedy"]


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("", "is empty"),
        (" \t\n", "is empty"),
        (CANARY, "is not a URL"),
        (f"mysql://morse:{CANARY_MARK}@db/morse", "scheme"),
        (f"postgresql+asyncpg://morse:{CANARY_MARK}@db/morse", "write postgresql://"),
        (f"postgresql://morse:{CANARY}@db/morse", "percent-encode"),
        (f"postgresql://morse:4/{CANARY_MARK}@db/morse", "percent-encode"),
        (f"postgresql://morse:{CANARY_MARK}@db:{CANARY_MARK}/morse", "port"),
        (f"postgresql://morse:{CANARY_MARK}@db:5432", "names no database"),
    ],
)
def test_url_is_malformed(url: str, mistake: str) -> None:
    """A URL that is none is told by its variable and its mistake, never by its text."""
    message = _assert_told(run_entrypoint("--init-only", env={"DATABASE_URL": url}))

    assert message.startswith("DATABASE_URL ")
    assert mistake in message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """One run names every mistake in the environment, so that one deploy is enough to correct them."""
    env = {
        "DATABASE_URL": f"mysql://morse:{CANARY_MARK}@db/morse",
        "MORSE_ADMIN_DATABASE_URL": _NOBODY,
        "MORSE_ADMIN_DATABASE_URL_FILE": str(tmp_path),
        "MORSE_LOCK_TIMEOUT_SECONDS": "-1",
        "MORSE_LOG_FORMAT": "xml",
        "MORSE_LOG_LEVLE": "debug",
    }
    completed = run_entrypoint("--init-only", env=env)

    assert "(and 4 more)" in _assert_told(completed)
    told = [problem.split()[0] for problem in completed.events[0]["problems"]]
    expected = {*env} - {"MORSE_ADMIN_DATABASE_URL_FILE"}
    assert (expected, 5) == ({*told}, len(told))


@pytest.mark.representative("argv0-no COMMAND was given", "argv6-unknown flag [redacted]")
@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "no COMMAND was given"),
        (("wait",), "no COMMAND was given"),
        (("--init-olny",), "unknown flag --init-olny; did you mean --init-only?"),
        (("verify", "--init-only"), "--init-only belongs to init, not to verify"),
        (("--init-only", "node"), "--init-only takes no COMMAND, but node was given"),
        (
            ("verify", f"postgresql://morse:{CANARY_MARK}@db/morse"),
            "verify takes no COMMAND, but [redacted] was given",
        ),
        ((f"--postgresql://morse:{CANARY_MARK}@db/morse",), "unknown flag [redacted]"),
        ((f"--password={CANARY_MARK}",), "unknown flag --password"),
    ],
)
def test_command_line_is_wrong(argv: tuple[str, ...], message: str) -> None:
    """A command line that does not fit is told before the environment is looked at."""
    assert message == _assert_told(run_entrypoint(*argv, env={"DATABASE_URL": "mysql://"}))


async def test_secret_is_read_from_a_file(empty_database: Database, tmp_path: Path) -> None:
    """DATABASE_URL_FILE names a file with the URL, which COMMAND gets in the plain variable."""
    secret = tmp_path / "url"
    secret.write_text(f"{empty_database.url}\n")
    probe = 'test "$DATABASE_URL" = "$(cat "$1")" && test -z "${DATABASE_URL_FILE+set}"'

    completed = run_entrypoint(
        "sh", "-c", probe, "probe", str(secret), env={"DATABASE_URL_FILE": str(secret)}
    )

    assert 0 == completed.exit_code, completed.stdout
    await assert_converged(empty_database)


async def test_admin_url_is_not_handed_on(empty_database: Database, tmp_path: Path) -> None:
    """The entrypoint connects with the admin's URL, which COMMAND never sees in either form."""
    secret = tmp_path / "url"
    secret.write_text(empty_database.url)
    probe = f'! env | grep MORSE_ADMIN && test "$DATABASE_URL" = "{_NOBODY}"'
    env = {"MORSE_ADMIN_DATABASE_URL_FILE": str(secret), "DATABASE_URL": _NOBODY}

    completed = run_entrypoint("sh", "-c", probe, env=env)

    assert 0 == completed.exit_code, completed.stdout
    await assert_converged(empty_database)


async def test_both_forms_of_a_secret(empty_database: Database, tmp_path: Path) -> None:
    """A secret that is given twice is refused, even when both say the same."""
    before = await state_of(empty_database)
    secret = tmp_path / "url"
    secret.write_text(empty_database.url)
    env = {"DATABASE_URL": empty_database.url, "DATABASE_URL_FILE": str(secret)}

    message = _assert_told(run_entrypoint("--init-only", env=env))

    assert "DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them" == message
    await assert_untouched(empty_database, before)


async def test_unknown_variable_is_warned_about(empty_database: Database) -> None:
    """A variable of our prefix that is like none of ours may be the API's: a warning, no more."""
    env = {"DATABASE_URL": empty_database.url, "MORSE_PADDLE_WIDTH": "7"}

    completed = run_entrypoint("sh", "-c", 'test "$MORSE_PADDLE_WIDTH" = 7', env=env)

    warned = completed.event("settings.warned")
    assert (0, "warning") == (completed.exit_code, warned["level"])
    assert "MORSE_PADDLE_WIDTH" in warned["message"]
