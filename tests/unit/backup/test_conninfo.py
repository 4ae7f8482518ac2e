"""pg_dump connects to where the driver connects, and nobody sees the password."""

from __future__ import annotations

import re

import pytest

from entrypoint.backup.conninfo import conninfo, environment
from entrypoint.errors import BackupFailed
from entrypoint.settings.database_url import DatabaseUrl

NAME = "morse-entrypoint pg_dump"


def parameters(url: str, **environ: str) -> dict[str, str]:
    """Return what a connection string says, read as libpq reads it."""
    said = dict(re.findall(r"(\w+)='((?:[^'\\]|\\.)*)'", conninfo(DatabaseUrl.parse(url), environ)))
    assert NAME == said.pop("application_name")
    kept = [said.pop(f"keepalives_{name}") for name in ("idle", "interval", "count")]
    assert ["30", "10", "3"] == kept
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in said.items()}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:1/d", {"host": "h", "port": "1", "user": "u", "dbname": "d"}),
        ("postgresql://h/d", {"host": "h", "dbname": "d"}),
        ("postgres://u@a:1,b:2/d", {"host": "a,b", "port": "1,2", "user": "u", "dbname": "d"}),
        ("postgres://u@[::1]:5/d", {"host": "::1", "port": "5", "user": "u", "dbname": "d"}),
        ("postgres://u@%2Frun%2Fpg:5/d", {"host": "/run/pg", "port": "5", "user": "u", "dbname": "d"}),
        ("postgres:///d?host=/run/pg&port=6", {"host": "/run/pg", "port": "6", "dbname": "d"}),
        ("postgres://h/?dbname=d&user=u&password=p", {"host": "h", "user": "u", "dbname": "d"}),
        ("postgres://o%27n%20a%5C:p@h/d%20e", {"host": "h", "user": "o'n a\\", "dbname": "d e"}),
        (
            "postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem&target_session_attrs=read-write",
            {
                "host": "h",
                "dbname": "d",
                "sslmode": "verify-full",
                "sslrootcert": "/ca.pem",
                "target_session_attrs": "read-write",
            },
        ),
        (
            "postgres://h/d?options=-c%20jit%3Doff&work_mem=8MB&search_path=a%20b&application_name=x",
            {"host": "h", "dbname": "d", "options": "-c jit=off -c work_mem=8MB -c search_path=a\\ b"},
        ),
    ],
)
def test_parameters(url: str, expected: dict[str, str]) -> None:
    """Every part of a URL is what libpq calls it; the driver's settings become the session's options."""
    assert expected == parameters(url)


def test_no_host() -> None:
    """Without a host the driver's places are tried, unless PGHOST names one."""
    assert (
        "/run/postgresql,/var/run/postgresql,/tmp,/private/tmp,localhost"
        == parameters("postgres:///d")["host"]
    )
    assert "host" not in parameters("postgres:///d", PGHOST="db")


def test_password() -> None:
    """The password is in the environment alone, and the URL's counts more than the environment's."""
    url = DatabaseUrl.parse("postgresql://u:p%40ss@h/d?password=other")
    assert "p@ss" == environment(url, {"PGPASSWORD": "environment's"})["PGPASSWORD"]
    assert "ss" not in conninfo(url, {}).replace(NAME, "")
    assert "kept" == environment(DatabaseUrl.parse("postgresql://h/d"), {"PGPASSWORD": "kept"})["PGPASSWORD"]


def test_passphrase() -> None:
    """The passphrase of a key has no place but argv, so it is refused."""
    with pytest.raises(BackupFailed, match="sslpassword"):
        conninfo(DatabaseUrl.parse("postgresql://h/d?sslpassword=secret"), {})


def test_environment() -> None:
    """What would change the dump, or is nobody's business, is not handed on."""
    ours = {"PGOPTIONS": "-c x=y", "PGCLIENTENCODING": "LATIN1", "DATABASE_URL": "secret", "LANG": "de_DE"}
    theirs = {"PGSSLMODE": "require", "HOME": "/root", "PATH": "/bin"}
    url = DatabaseUrl.parse("postgresql://h/d")
    assert theirs | {"LC_ALL": "C"} == environment(url, ours | theirs)
