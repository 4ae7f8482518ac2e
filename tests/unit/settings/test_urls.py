"""The URLs among the settings: where they come from, and that they stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.errors import ConfigurationError
from entrypoint.settings.settings import Settings
from tests.support.cluster import CANARY_MARK
from tests.support.unit.environments import ADMIN_URL, URL, problems, settings


def test_no_database() -> None:
    """Not to name a database is a mistake only for whoever needs one, as --help does not."""
    found = Settings.from_environ({})

    assert (None, None) == (found.url, found.api_url)
    with pytest.raises(ConfigurationError, match="DATABASE_URL is not set") as raised:
        _ = found.database
    assert "--embedded" in raised.value.remedy


def test_secrets_in_files(tmp_path: Path) -> None:
    """Each URL may stand in a file instead, with a line end behind it."""
    (tmp_path / "api").write_text(f"{URL}\n")
    (tmp_path / "admin").write_text(f"\n{ADMIN_URL}\r\n")

    found = Settings.from_environ(
        {
            "DATABASE_URL_FILE": str(tmp_path / "api"),
            "MORSE_ADMIN_DATABASE_URL_FILE": str(tmp_path / "admin"),
        }
    )

    assert (ADMIN_URL, URL) == (found.database.raw, found.api_url)


@pytest.mark.parametrize("name", ["DATABASE_URL", "MORSE_ADMIN_DATABASE_URL"])
def test_both_forms_of_a_secret(name: str, tmp_path: Path) -> None:
    """A secret comes from its variable or from its file, never from both."""
    file = tmp_path / "url"
    file.write_text(URL)

    assert [f"{name} and {name}_FILE are both set; keep one of them"] == problems(
        **{name: URL, f"{name}_FILE": str(file)}
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "DATABASE_URL_FILE names a file that cannot be read: No such file or directory"),
        (b"", "DATABASE_URL_FILE is empty"),
        (b" \n", "DATABASE_URL_FILE is empty"),
        (
            b"\xff" + CANARY_MARK.encode(),
            "DATABASE_URL_FILE names a file that cannot be read: it is not UTF-8 text",
        ),
        (
            CANARY_MARK.encode(),
            "DATABASE_URL is not a URL; expected postgresql://user:password@host:port/database",
        ),
    ],
)
def test_files_of_secrets_that_fail(content: bytes | None, problem: str, tmp_path: Path) -> None:
    """A secret's file is told by its variable, never by its content."""
    file = tmp_path / "url"
    if content is not None:
        file.write_bytes(content)

    assert [problem] == problems(DATABASE_URL_FILE=str(file))


def test_secrets() -> None:
    """Every password is known to whoever must not show it, and neither URL shows its own."""
    found = settings(MORSE_ADMIN_DATABASE_URL=ADMIN_URL, PGPASSWORD=f"{CANARY_MARK}3")

    assert {CANARY_MARK, f"{CANARY_MARK}2", f"{CANARY_MARK}3"} <= {*found.secrets}
    assert "" not in found.secrets
    assert "postgresql://admin@db/morse" == str(found.database)
    assert f"{CANARY_MARK}2" not in repr(found.database)


@pytest.mark.parametrize("parameter", ["sslrootcert", "sslcert", "sslkey", "sslcrl"])
def test_files_of_the_url(parameter: str, tmp_path: Path) -> None:
    """A certificate or key that a URL names must be there, before anything is connected to."""
    file = tmp_path / "pem"
    environ = {"DATABASE_URL": f"{URL}?{parameter}={file}"}
    missing = problems(**environ)
    file.touch()

    assert [f"DATABASE_URL names with {parameter} a file that cannot be read"] == missing
    assert environ["DATABASE_URL"] == Settings.from_environ(environ).database.raw
