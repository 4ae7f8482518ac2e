"""What the environment says, checked and typed: every mistake is reported in one go."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from entrypoint.environ import ADMIN_URL, API_URL, Environment, Reader
from entrypoint.errors import ConfigurationError
from entrypoint.url import DatabaseUrl

__all__ = ["ADMIN_URL", "API_URL", "Environment", "Identity", "RetryPolicy", "Settings"]

_EARLIER_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds in seconds. `budget` covers a whole start, the others one attempt each."""

    budget: float
    connect_timeout: float
    lock_timeout: float
    statement_timeout: float

    def patience_with_tables(self, remaining: float) -> float:
        """Return how long to wait for a table when `remaining` seconds are left of the budget.

        It ends before they do, so that the start fails for the table and not for the budget.
        """
        return max(0.0, min(self.lock_timeout, remaining - _EARLIER_SECONDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who writes a log line or a ledger row."""

    service: str
    instance: str
    commit: str

    @property
    def application_name(self) -> str:
        """The name under which an operator finds us in pg_stat_activity, at most 63 bytes."""
        return " ".join(filter(None, ("morse-entrypoint", self.instance, self.commit)))[:63]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked. `url` is None only when no database was asked for."""

    url: DatabaseUrl | None
    api_url: str | None
    environment: Environment
    on_render: bool
    identity: Identity
    retry: RetryPolicy
    sql_directory: Path
    metrics_textfile: Path | None
    log_format: str
    log_level: str
    warnings: tuple[str, ...]
    secrets: tuple[str, ...]

    @property
    def database(self) -> DatabaseUrl:
        """The URL to connect with. Raises ConfigurationError when there is none."""
        if self.url is None:
            raise ConfigurationError(
                "DATABASE_URL is not set",
                remedy="set DATABASE_URL=postgresql://user:password@host:port/database, "
                "or give --embedded for a PostgreSQL of its own in ./.postgres",
            )
        return self.url

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check `environ`. Raises ConfigurationError, whose `problems` lists every mistake."""
        reader = Reader(environ)
        api_url, url = reader.url(API_URL), reader.url(ADMIN_URL)
        on_render = environ.get("RENDER") == "true"
        settings = cls(
            url=url or api_url,
            api_url=api_url.raw if api_url else None,
            environment=reader.environment(on_render=on_render),
            on_render=on_render,
            identity=_identity(environ),
            retry=RetryPolicy(
                budget=reader.seconds("MORSE_START_BUDGET_SECONDS", 300),
                connect_timeout=reader.seconds("MORSE_CONNECT_TIMEOUT_SECONDS", 5),
                lock_timeout=reader.seconds("MORSE_LOCK_TIMEOUT_SECONDS", 1),
                statement_timeout=reader.seconds("MORSE_STATEMENT_TIMEOUT_SECONDS", 60),
            ),
            sql_directory=reader.sql_directory(),
            metrics_textfile=reader.textfile("MORSE_METRICS_TEXTFILE"),
            log_format=reader.choice("MORSE_LOG_FORMAT", ("auto", "json", "console")),
            log_level=reader.choice("MORSE_LOG_LEVEL", ("info", "debug", "warning", "error")),
            warnings=tuple(reader.unknown_names()),
            secrets=reader.secrets(url, api_url),
        )
        reader.refuse()
        return settings


def _identity(environ: Mapping[str, str]) -> Identity:
    commit = environ.get("RENDER_GIT_COMMIT", "")
    return Identity(
        service=environ.get("RENDER_SERVICE_NAME", "morse-api"),
        instance=environ.get("RENDER_INSTANCE_ID") or socket.gethostname(),
        commit=commit[:12] if re.fullmatch(r"[0-9a-f]{7,40}", commit) else commit[:40],
    )
