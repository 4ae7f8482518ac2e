"""The URL of a Pushgateway, which cannot print its credentials either."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from entrypoint.settings.database_url import ENCODE, MalformedUrl, spellings

_SCHEMES = ("http", "https")
# What a platform calls a private service: a name and a port, without a scheme.
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]+:[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayUrl:
    """A checked URL. `str()` is safe to log: it leaves out the login, and the path, which may be a token.

    `port` is None for the scheme's own; `path` has no slash at its end.
    """

    scheme: str
    host: str
    port: int | None
    path: str = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> GatewayUrl:
        """Check `text`, a URL or HOST:PORT, and take it apart. Raises MalformedUrl."""
        if _HOST_AND_PORT.fullmatch(text):
            text = f"http://{text}"
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise MalformedUrl(f"cannot be parsed; {ENCODE}") from None
        if parts.scheme not in _SCHEMES or "://" not in text:
            raise MalformedUrl("is neither an http:// or https:// URL nor HOST:PORT")
        login, _, _ = parts.netloc.rpartition("@")
        spare = parts.query or parts.fragment or "@" in parts.path or "@" in login
        if spare or not re.fullmatch(r"[!-~]+", text):
            raise MalformedUrl(f"holds a character that must be encoded, or a query; {ENCODE}")
        if not parts.hostname:
            raise MalformedUrl("names no host")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            path=parts.path.rstrip("/"),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @property
    def authorization(self) -> str | None:
        """The value of the header of that name, None without a login."""
        return f"Basic {self._encoded_login}" if self.user or self.password else None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every spelling under which the credentials could turn up in a message."""
        # A user name alone is a token; beside a password it is a word like any other.
        secret = self.password or self.user
        if not secret:
            return ()
        return spellings(secret, self._encoded_login)

    @property
    def _encoded_login(self) -> str:
        return b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")
