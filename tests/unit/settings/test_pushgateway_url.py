"""The URL of a Pushgateway, read and checked, and never printed whole."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from entrypoint.output.redaction import REDACTED, redactor
from entrypoint.settings.database_url import MalformedUrl
from entrypoint.settings.pushgateway_url import GatewayUrl
from entrypoint.settings.variables import VARIABLES
from tests.support.cluster import CANARY, CANARY_MARK
from tests.support.unit.environments import URL, problems, settings

_LOGIN = f"push:{quote(CANARY, safe='')}@"


@pytest.mark.parametrize(
    ("text", "shown", "path"),
    [
        ("http://gateway", "http://gateway", ""),
        ("http://gateway:9091/", "http://gateway:9091", ""),
        ("HTTPS://Gateway.Example/a/b/", "https://gateway.example", "/a/b"),
        ("http://[::1]:9091", "http://[::1]:9091", ""),
        ("pushgateway:9091", "http://pushgateway:9091", ""),
        (f"https://{_LOGIN}gateway/x", "https://gateway", "/x"),
    ],
)
def test_what_it_says(text: str, shown: str, path: str) -> None:
    """A URL, or the HOST:PORT that a platform hands out, is taken apart and shown without login and path."""
    url = GatewayUrl.parse(text)
    assert (shown, path) == (str(url), url.path)


@pytest.mark.parametrize(
    "text",
    [
        "gateway",
        "gateway:port",
        "ftp://gateway",
        "http:gateway",
        "http://",
        "http://:9091",
        "http://gateway:99999",
        f"http://push:{CANARY_MARK}/x@gateway",
        f"http://push:{CANARY_MARK}@@gateway",
        f"http://push:{CANARY_MARK} @gateway",
        f"http://gateway/?token={CANARY_MARK}",
        f"http://gateway/#{CANARY_MARK}",
        f"http://gateway:{CANARY_MARK}",
        f"{CANARY_MARK}:{CANARY_MARK}@gateway:9091",
        "http://[::1",
        "http://gät:9091",
    ],
)
def test_what_is_none(text: str) -> None:
    """Anything else is refused with the rest of the environment, and nothing of it is repeated."""
    with pytest.raises(MalformedUrl):
        GatewayUrl.parse(text)
    (problem,) = problems(DATABASE_URL=URL, MORSE_PUSHGATEWAY_URL=text)
    assert problem.startswith("MORSE_PUSHGATEWAY_URL ")
    assert text not in problem


def test_its_login_is_a_secret() -> None:
    """No spelling of the password survives in a log, nor in what Python shows of the settings."""
    found = settings(MORSE_PUSHGATEWAY_URL=f"https://{_LOGIN}gateway")
    redact = redactor(found.secrets)
    header = found.pushgateway.authorization
    assert f"push:{CANARY}" == base64.b64decode(header.removeprefix("Basic ")).decode()
    for spelling in (CANARY, quote(CANARY, safe=""), header.removeprefix("Basic ")):
        assert f"a {REDACTED} b" == redact(f"a {spelling} b")
    assert CANARY_MARK not in f"{found.pushgateway!r} {found.pushgateway}"
    assert "push it" == redact("push it")


def test_a_user_alone_is_a_token() -> None:
    """A login without a password is a token, which is as secret as a password."""
    url = GatewayUrl.parse(f"https://{CANARY_MARK}@gateway")
    assert CANARY_MARK in url.secrets
    assert CANARY_MARK not in f"{url!r} {url}"


def test_no_login_is_no_secret() -> None:
    """A URL without a login has nothing to hide and sends no header."""
    url = GatewayUrl.parse("http://gateway:9091")
    assert ((), None) == (url.secrets, url.authorization)


def test_it_may_stand_in_a_file(tmp_path: Path) -> None:
    """The URL may be in the file that MORSE_PUSHGATEWAY_URL_FILE names, as secrets are on most platforms."""
    assert "MORSE_PUSHGATEWAY_URL_FILE" in VARIABLES
    file = tmp_path / "url"
    file.write_text("http://gateway:9091\n", encoding="utf-8")
    assert "gateway" == settings(MORSE_PUSHGATEWAY_URL_FILE=str(file)).pushgateway.host


def test_either_makes_a_run_measured() -> None:
    """Sizes are asked for when a file or a Pushgateway is named, and a relative path is made absolute."""
    assert not settings().measured
    assert settings(MORSE_PUSHGATEWAY_URL="gateway:9091").measured
    found = settings(MORSE_METRICS_TEXTFILE="morse.prom")
    assert (True, Path.cwd() / "morse.prom") == (found.measured, found.metrics_textfile)
