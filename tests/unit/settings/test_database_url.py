"""URLs of databases: what is accepted, what is refused, and that a password is never shown."""

from __future__ import annotations

from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from entrypoint.settings.database_url import DatabaseUrl, MalformedUrl
from tests.support.cluster import CANARY_MARK


@pytest.mark.parametrize(
    ("text", "user", "hosts", "database", "password"),
    [
        ("postgresql://u:p@h:5432/d", "u", "h:5432", "d", "p"),
        ("postgres://u:p@h/d", "u", "h", "d", "p"),
        ("postgresql://u@h/d", "u", "h", "d", ""),
        ("postgresql://h/d", "", "h", "d", ""),
        ("postgresql://u:p@a:1,b:2/d?target_session_attrs=read-write", "u", "a:1,b:2", "d", "p"),
        ("postgresql://u:p@[::1]:5432/d", "u", "[::1]:5432", "d", "p"),
        ("postgresql://u%40x:p%3A%2F%40@h/d%20e", "u@x", "h", "d e", "p:/@"),
        ("postgresql://u:a:b@h/d", "u", "h", "d", "a:b"),
        ("postgresql:///d?host=/run/postgresql&user=u&password=p", "u", "/run/postgresql", "d", "p"),
        ("postgresql:///?dbname=d", "", "local socket", "d", ""),
    ],
)
def test_parts(text: str, user: str, hosts: str, database: str, password: str) -> None:
    """A URL is taken apart as the driver does it."""
    url = DatabaseUrl.parse(text)

    assert (user, hosts, database, password) == (url.user, url.hosts, url.database, url.password)
    assert text == url.raw


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (CANARY_MARK, "is not a URL"),
        (f"u:{CANARY_MARK}@h/d", "is not a URL"),
        (f"mysql://u:{CANARY_MARK}@h/d", "another scheme"),
        (f"://u:{CANARY_MARK}@h/d", "another scheme"),
        (f"{CANARY_MARK}://h/d", "another scheme"),
        (f"postgresql+asyncpg://u:{CANARY_MARK}@h/d", "Python driver"),
        (f"postgres+psycopg2://u:{CANARY_MARK}@h/d", "Python driver"),
        (f"postgresql://u:{CANARY_MARK}@x@h/d", "more than one @"),
        (f"postgresql://u:{CANARY_MARK}/x@h/d", "must be encoded"),
        (f"postgresql://u:1/{CANARY_MARK}@h", "must be encoded"),
        (f"postgresql://u:{CANARY_MARK}#x@h/d", "must be encoded"),
        (f"postgresql://u:{CANARY_MARK}?x@h/d", "cannot be parsed"),
        (f"postgresql://u:{CANARY_MARK} x@h/d", "must be encoded"),
        (f"postgresql://u:{CANARY_MARK}\n@h/d", "must be encoded"),
        (f"postgresql://u:{CANARY_MARK}[x@h/d", "cannot be parsed"),
        (f"postgresql://u:{CANARY_MARK}@h:{CANARY_MARK}/d", "port"),
        (f"postgresql://u:{CANARY_MARK}@h:0/d", "port"),
        (f"postgresql://u:{CANARY_MARK}@h:65536/d", "port"),
        (f"postgresql://u:{CANARY_MARK}@h:٣/d", "port"),
        (f"postgresql://u:{CANARY_MARK}@h", "names no database"),
        (f"postgresql://u:{CANARY_MARK}@h/", "names no database"),
        (f"postgresql://u:{CANARY_MARK}@h/d/e", "more than one"),
        (f"postgresql://u:{CANARY_MARK}@h/d?sslmode", "cannot be parsed"),
    ],
)
def test_mistakes(text: str, mistake: str) -> None:
    """A mistake is named without any part of the URL, since any part may be the password."""
    with pytest.raises(MalformedUrl, match=mistake) as raised:
        DatabaseUrl.parse(text)

    assert CANARY_MARK not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@given(
    user=st.text(min_size=1, alphabet=st.characters(codec="utf-8")),
    password=st.text(min_size=4, alphabet=st.characters(codec="utf-8")),
)
def test_encoded_passwords(user: str, password: str) -> None:
    """Every user name and password survives its encoding, and only the password is kept back."""
    assume(password not in f"postgresql://{user}@h:5432/d DatabaseUrl(hosts='h:5432', database='d')")
    text = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@h:5432/d"

    url = DatabaseUrl.parse(text)

    assert (user, password) == (url.user, url.password)
    assert f"postgresql://{user}@h:5432/d" == str(url)
    assert repr(password) not in repr(url)
    assert quote(password, safe="") not in repr(url).replace(repr(user), "")


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands behind the scheme is taken apart or refused, by no other error."""
    try:
        url = DatabaseUrl.parse(f"postgresql://{text}")
    except MalformedUrl:
        return
    assert url.database


def test_secrets() -> None:
    """Every spelling under which the password could turn up is known, the longest first."""
    url = DatabaseUrl.parse("postgresql://u:p%40%2f w".replace(" ", "%20") + "@h/d")

    assert "p@/ w" == url.password
    assert {"p@/ w", "p%40%2F%20w", "p%40/%20w", "p%40%2F+w", "p%40%2f%20w"} == set(url.secrets)
    assert sorted(url.secrets, key=len, reverse=True) == list(url.secrets)
    assert all(unquote(spelling.replace("+", " ")) == url.password for spelling in url.secrets)
    assert quote_plus(url.password) in url.secrets


def test_secrets_of_a_url_without_a_password() -> None:
    """Without a password there is nothing to keep back; an empty secret would mask everything."""
    assert () == DatabaseUrl.parse("postgresql://u@h/d").secrets
    assert () == DatabaseUrl.parse("postgresql://u:@h/d").secrets


def test_files() -> None:
    """The certificates and keys that a URL names are known, decoded."""
    url = DatabaseUrl.parse("postgresql://h/d?sslmode=verify-ca&sslrootcert=%2Fa%20b&sslkey=k&sslcert=")

    assert (("sslrootcert", "/a b"), ("sslkey", "k")) == url.files
