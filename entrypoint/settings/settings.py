"""The environment, checked and typed; every mistake is reported at once."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from entrypoint.errors import ConfigurationError
from entrypoint.settings import api_role as apirole
from entrypoint.settings.database_url import DatabaseUrl
from entrypoint.settings.variables import (
    ADMIN_URL,
    API_ROLE,
    API_URL,
    PUSHGATEWAY_URL,
    TEXTFILE,
    Environment,
    Reader,
)

if TYPE_CHECKING:
    from entrypoint.settings.pushgateway_url import GatewayUrl

_EARLIER_SECONDS = 0.1


class RetryPolicy(NamedTuple):
    """Bounds in seconds. `budget` covers a whole start, the others one attempt each."""

    budget: float
    connect_timeout: float
    lock_timeout: float
    statement_timeout: float

    def table_lock_timeout(self, remaining: float) -> float:
        """Return how long to wait for a table when `remaining` seconds are left of the budget.

        It ends before they do, so that the start fails for the table and not for the budget.
        """
        return max(0.0, min(self.lock_timeout, remaining - _EARLIER_SECONDS))


class Identity(NamedTuple):
    """Who writes a log line or a ledger row."""

    service: str
    instance: str
    commit: str

    @property
    def application_name(self) -> str:
        """The name under which an operator finds us in pg_stat_activity, at most 63 bytes."""
        return " ".join(filter(None, ("morse-entrypoint", self.instance, self.commit)))[:63]


class Settings(NamedTuple):
    """The environment, checked. `url` is None only when no database was asked for.

    `environ` is all of it, for programs that are started.
    """

    url: DatabaseUrl | None
    api_url: str | None
    environment: Environment
    on_render: bool
    identity: Identity
    retry: RetryPolicy
    sql_directory: Path
    api_role: str | None
    metrics_textfile: Path | None
    pushgateway: GatewayUrl | None
    log_format: str
    log_level: str
    warnings: tuple[str, ...]
    secrets: tuple[str, ...]
    environ: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Settings for {self.url}"  # its fields hold secrets

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

    @property
    def measured(self) -> bool:
        """Whether metrics are asked for."""
        return self.metrics_textfile is not None or self.pushgateway is not None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check `environ`. Raises ConfigurationError, whose `problems` lists every mistake."""
        reader = Reader(environ)
        api_url, url = reader.url(API_URL), reader.url(ADMIN_URL)
        pushgateway = reader.gateway(PUSHGATEWAY_URL)
        api_role = reader.role(API_ROLE)
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
            api_role=api_role,
            metrics_textfile=reader.textfile(TEXTFILE),
            pushgateway=pushgateway,
            log_format=reader.choice("MORSE_LOG_FORMAT", ("auto", "json", "console")),
            log_level=reader.choice("MORSE_LOG_LEVEL", ("info", "debug", "warning", "error")),
            warnings=(*reader.unknown_names(), *apirole.warnings(api_role, api_url)),
            secrets=reader.secrets(url, api_url, pushgateway),
            environ=environ,
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
