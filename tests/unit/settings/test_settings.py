"""The environment, read and checked."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from entrypoint.errors import ConfigurationError
from entrypoint.settings.settings import Settings
from entrypoint.settings.variables import VARIABLES, Environment
from tests.support.cluster import CANARY_MARK
from tests.support.unit.environments import ADMIN_URL, URL, problems, settings

SECONDS = [name for name in VARIABLES if name.endswith("_SECONDS")]


def test_defaults() -> None:
    """A URL is all that has to be said."""
    found = settings()

    assert (URL, URL) == (found.database.raw, found.api_url)
    assert (Environment.DEVELOPMENT, False) == (found.environment, found.on_render)
    retry = found.retry
    assert (300, 5, 1, 60) == (
        *(retry.budget, retry.connect_timeout),
        *(retry.lock_timeout, retry.statement_timeout),
    )
    assert (found.sql_directory / "RELEASE").is_file()
    assert found.metrics_textfile is None
    assert ("auto", "info") == (found.log_format, found.log_level)
    assert () == found.warnings
    assert ("morse-api", socket.gethostname(), "") == (
        *(found.identity.service, found.identity.instance, found.identity.commit),
    )


def test_every_mistake_at_once() -> None:
    """All mistakes are found in one go; the message counts them."""
    environ = {
        "DATABASE_URL": f"mysql://u:{CANARY_MARK}@h/d",
        "MORSE_ADMIN_DATABASE_URL": " ",
        "MORSE_ENVIRONMENT": "staging",
        "MORSE_LOG_LEVEL": "loud",
        "MORSE_METRICS_TEXTFILE": "/tmp/metrics",  # noqa: S108 - never written
        "MORSE_LOCK_TIMEOUT_SECOND": "1",
        **dict.fromkeys(SECONDS, "soon"),
    }
    found = problems(**environ)

    assert {*environ} == {problem.split()[0] for problem in found}
    assert len(environ) == len(found)
    with pytest.raises(ConfigurationError, match=rf"\(and {len(environ) - 1} more\)"):
        Settings.from_environ(environ)


@pytest.mark.parametrize("text", ["", "0", "-1", "1s", "nan", "inf", "86401", "0x10"])
@pytest.mark.parametrize("name", SECONDS)
def test_seconds_that_are_none(name: str, text: str) -> None:
    """A duration is a number above 0 that ends within a day."""
    (problem,) = problems(DATABASE_URL=URL, **{name: text})

    assert problem.startswith(f"{name} is not a number of seconds above 0")


def test_seconds() -> None:
    """Durations may have fractions."""
    assert 0.25 == settings(MORSE_LOCK_TIMEOUT_SECONDS="0.25").retry.lock_timeout


@pytest.mark.parametrize(
    ("environ", "environment"),
    [
        ({}, Environment.DEVELOPMENT),
        ({"MORSE_ENVIRONMENT": "Production"}, Environment.PRODUCTION),
        ({"RENDER": "true"}, Environment.PRODUCTION),
        ({"RENDER": "false"}, Environment.DEVELOPMENT),
        ({"RENDER": "true", "MORSE_ENVIRONMENT": "development"}, Environment.DEVELOPMENT),
        ({"RENDER": "true", "IS_PULL_REQUEST": "true"}, Environment.PREVIEW),
        ({"RENDER": "true", "IS_PULL_REQUEST": "false"}, Environment.PRODUCTION),
        (
            {"RENDER": "true", "IS_PULL_REQUEST": "true", "MORSE_ENVIRONMENT": "production"},
            Environment.PREVIEW,
        ),
    ],
)
def test_environments(environ: dict[str, str], environment: Environment) -> None:
    """Render means production, but never for a pull request, which inherits its parent's variables."""
    assert environment is settings(**environ).environment


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MORSE_LOG_LEVLE", "MORSE_LOG_LEVEL"),
        ("MORSE_LOG_FORMATS", "MORSE_LOG_FORMAT"),
        ("MORSE_START_BUDGET_SECOND", "MORSE_START_BUDGET_SECONDS"),
        ("MORSE_ADMIN_DATABSE_URL", "MORSE_ADMIN_DATABASE_URL"),
        ("MORSE_ENVIROMENT", "MORSE_ENVIRONMENT"),
    ],
)
def test_names_that_are_misspelled(name: str, meant: str) -> None:
    """A name close to one of ours is a mistake: it would otherwise be ignored in silence."""
    assert [f"{name} is not a known variable; did you mean {meant}?"] == problems(
        DATABASE_URL=URL, **{name: CANARY_MARK}
    )


def test_names_that_are_unknown() -> None:
    """A name of our prefix that is like none of ours may be the API's, and is warned about."""
    found = settings(MORSE_PADDLE_WIDTH=CANARY_MARK, MORSE=CANARY_MARK, OTHER=CANARY_MARK)

    (warning,) = found.warnings
    assert warning.startswith("MORSE_PADDLE_WIDTH ")
    assert CANARY_MARK not in warning


def test_every_variable_is_known() -> None:
    """No variable of the help is warned about or taken for a misspelling of another."""
    ours = {"MORSE_ENVIRONMENT": "production", "MORSE_LOG_FORMAT": "JSON", "MORSE_LOG_LEVEL": "Debug"}
    paths = {"MORSE_SQL_DIRECTORY": "/sql", "MORSE_METRICS_TEXTFILE": "/metrics/morse.prom"}
    urls = {"MORSE_ADMIN_DATABASE_URL": ADMIN_URL, "MORSE_PUSHGATEWAY_URL": "http://gateway:9091"}
    rest = {**dict.fromkeys(SECONDS, "7"), **urls, "MORSE_API_ROLE": "morse"}
    found = settings(**ours, **paths, **rest)

    files = {name for name in VARIABLES if name.endswith("_FILE")}
    assert {*VARIABLES} - files == {"DATABASE_URL", *ours, *paths, *rest}
    assert () == found.warnings
    assert ("json", "debug") == (found.log_format, found.log_level)
    assert (Path("/sql"), Path("/metrics/morse.prom")) == (found.sql_directory, found.metrics_textfile)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        (
            {"RENDER_INSTANCE_ID": "srv-1", "RENDER_GIT_COMMIT": "0123456789abcdef"},
            "morse-entrypoint srv-1 0123456789ab",
        ),
        ({"RENDER_INSTANCE_ID": "srv-1"}, "morse-entrypoint srv-1"),
        ({"RENDER_INSTANCE_ID": "x" * 80}, f"morse-entrypoint {'x' * 46}"),
    ],
)
def test_identity(environ: dict[str, str], name: str) -> None:
    """An operator finds our sessions by service instance and commit, within the server's 63 bytes."""
    assert name == settings(**environ).identity.application_name
