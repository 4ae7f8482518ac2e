"""A PostgreSQL URL that cannot print its password."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, quote, quote_plus, unquote, urlsplit

_SCHEMES = ("postgresql", "postgres")
_FILES = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})
_HIGHEST_PORT = 65535
ENCODE = "percent-encode @ : / ? # % and spaces in the user name and the password"


class MalformedUrl(ValueError):
    """A URL is wrong; the message repeats no part of it that could be secret."""


class DatabaseUrl:
    """A checked URL; `raw` goes to the driver and nowhere else, `str()` is safe to log."""

    def __init__(self, *, raw: str, user: str, hosts: str, database: str, password: str) -> None:
        self.raw = raw
        self.user = user
        self.hosts = hosts
        self.database = database
        self.password = password

    @classmethod
    def parse(cls, text: str) -> DatabaseUrl:
        """Check `text` and take it apart. Raises MalformedUrl."""
        scheme, separator, _ = text.partition("://")
        if not separator:
            raise MalformedUrl("is not a URL; expected postgresql://user:password@host:port/database")
        _check_scheme(scheme)
        try:
            parts = urlsplit(text)
            query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            raise MalformedUrl(f"cannot be parsed; {ENCODE}") from None
        if parts.fragment or "@" in parts.path or re.search(r"\s", text):
            raise MalformedUrl(f"holds a character that must be encoded; {ENCODE}")
        login, _, hosts = parts.netloc.rpartition("@")
        if "@" in login:
            raise MalformedUrl(f"has more than one @; {ENCODE}")
        _check_hosts(hosts)
        database = unquote(parts.path.lstrip("/")) or query.get("dbname", [""])[0]
        if not database or "/" in database:
            raise MalformedUrl(f"names no database after the host, or more than one; {ENCODE}")
        user, _, password = login.partition(":")
        return cls(
            raw=text,
            user=unquote(user) or query.get("user", [""])[0],
            hosts=hosts or query.get("host", ["local socket"])[0],
            database=database,
            password=unquote(password) or query.get("password", [""])[0],
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every spelling under which the password could turn up in a message."""
        if not self.password:
            return ()
        return spellings(self.password, urlsplit(self.raw).netloc.rpartition("@")[0].partition(":")[2])

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The certificates and keys that the URL names, as pairs of parameter and path."""
        pairs = parse_qsl(urlsplit(self.raw).query)
        return tuple((parameter, path) for parameter, path in pairs if parameter in _FILES)

    def __str__(self) -> str:
        return f"postgresql://{self.user}@{self.hosts}/{self.database}"


def spellings(secret: str, *others: str) -> tuple[str, ...]:
    """Return the secret as it is and as URLs encode it, with `others`, the longest first."""
    found = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), *others}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def _check_scheme(scheme: str) -> None:
    base, plus, _ = scheme.partition("+")
    if base in _SCHEMES and plus:
        raise MalformedUrl("names a Python driver behind the +; write postgresql:// instead")
    if scheme not in _SCHEMES:
        raise MalformedUrl("has another scheme than postgresql:// or postgres://")


def _check_hosts(hosts: str) -> None:
    """Refuse ports that are none: what stands there may be a piece of an unencoded password."""
    for host in hosts.split(","):
        _, colon, port = host.rpartition("]")[2].rpartition(":")
        if colon and not (port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT):
            raise MalformedUrl(f"has a port that is not a number from 1 to {_HIGHEST_PORT}; {ENCODE}")
