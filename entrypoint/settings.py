"""The environment, read once: every mistake is reported in one go, nothing else reads variables."""

from __future__ import annotations

import difflib
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from entrypoint.errors import ConfigurationError
from entrypoint.url import DatabaseUrl, MalformedUrl

ADMIN_URL = "MORSE_ADMIN_DATABASE_URL"
API_URL = "DATABASE_URL"
PREFIX = "MORSE_"
_DAY_SECONDS = 86400

VARIABLES: Mapping[str, str] = {
    API_URL: "where the database is; handed on to COMMAND",
    f"{API_URL}_FILE": "a file that holds DATABASE_URL, instead of it",
    ADMIN_URL: "what the entrypoint itself connects with, when it is not DATABASE_URL; never handed on",
    f"{ADMIN_URL}_FILE": "a file that holds MORSE_ADMIN_DATABASE_URL, instead of it",
    "MORSE_ENVIRONMENT": "production or development; on Render production unless a pull request",
    "MORSE_START_BUDGET_SECONDS": "how long the whole start may take",
    "MORSE_CONNECT_TIMEOUT_SECONDS": "how long one attempt to connect may take",
    "MORSE_LOCK_TIMEOUT_SECONDS": "how long a statement waits for a table lock before it gives way",
    "MORSE_STATEMENT_TIMEOUT_SECONDS": "how long one statement may run",
    "MORSE_SQL_DIRECTORY": "where the SQL files are, when not beside the package",
    "MORSE_METRICS_TEXTFILE": "a path ending in .prom to which the metrics are written",
    "MORSE_LOG_FORMAT": "json, console, or auto: console on a terminal",
    "MORSE_LOG_LEVEL": "debug, info, warning or error",
}


class Environment(StrEnum):
    """Where a start runs; the first apply stamps the database with it."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds in seconds. `budget` covers a whole start, the others one attempt each."""

    budget: float
    connect_timeout: float
    lock_timeout: float
    statement_timeout: float


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
        reader = _Reader(environ)
        api_url, url = reader.url(API_URL), reader.url(ADMIN_URL)
        on_render = environ.get("RENDER") == "true"
        settings = cls(
            url=url or api_url,
            api_url=api_url.raw if api_url else None,
            environment=reader.environment(on_render),
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


class _Reader:
    """Reads variables one by one and keeps what is wrong with them until the end."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def refuse(self) -> None:
        if self._problems:
            more = len(self._problems) - 1
            raise ConfigurationError(
                self._problems[0] + (f" (and {more} more)" if more else ""),
                remedy="correct the environment; `morse-entrypoint --help` lists every variable",
                problems=self._problems,
            )

    def _read(self, name: str, default: str, parse: Callable[[str], object]) -> object:
        text = self._environ.get(name, default)
        try:
            return parse(text)
        except ValueError as problem:
            self._problems.append(f"{name} {problem}")
            return parse(default)

    def url(self, name: str) -> DatabaseUrl | None:
        text = self._secret(name)
        if text is None:
            return None
        try:
            url = DatabaseUrl.parse(text)
        except MalformedUrl as problem:
            self._problems.append(f"{name} {problem}")
            return None
        for parameter, path in url.files:
            try:
                Path(path).open("rb").close()
            except (OSError, ValueError):
                self._problems.append(f"{name} names with {parameter} a file that cannot be read")
        return url

    def _secret(self, name: str) -> str | None:
        """Take a secret from NAME or from the file that NAME_FILE names, never from both."""
        value, path = self._environ.get(name), self._environ.get(f"{name}_FILE")
        if value is not None and path is not None:
            self._problems.append(f"{name} and {name}_FILE are both set; keep one of them")
            return None
        if path is not None:
            try:
                value = Path(path).read_text("utf-8").strip()
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
                self._problems.append(f"{name}_FILE names a file that cannot be read: {reason}")
                return None
        if value is not None and not value.strip():
            self._problems.append(f"{name if path is None else name + '_FILE'} is empty")
            return None
        return value

    def seconds(self, name: str, default: int) -> float:
        def parse(text: str) -> float:
            try:
                value = float(text)
            except ValueError:
                value = 0.0
            if not 0 < value <= _DAY_SECONDS:
                raise ValueError(f"is not a number of seconds above 0 and up to {_DAY_SECONDS}")
            return value

        return float(str(self._read(name, str(default), parse)))

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        def parse(text: str) -> str:
            if text.lower() not in choices:
                raise ValueError(f"is none of {', '.join(choices)}")
            return text.lower()

        return str(self._read(name, choices[0], parse))

    def environment(self, on_render: bool) -> Environment:
        # A preview inherits its parent's variables, MORSE_ENVIRONMENT=production among them.
        if self._environ.get("IS_PULL_REQUEST") == "true":
            return Environment.PREVIEW
        implied = Environment.PRODUCTION if on_render else Environment.DEVELOPMENT
        if "MORSE_ENVIRONMENT" not in self._environ:
            return implied
        return Environment(
            self.choice(
                "MORSE_ENVIRONMENT",
                (
                    implied.value,
                    *sorted({Environment.PRODUCTION.value, Environment.DEVELOPMENT.value} - {implied.value}),
                ),
            )
        )

    def textfile(self, name: str) -> Path | None:
        text = self._environ.get(name)
        if text is None:
            return None
        if not text.endswith(".prom"):
            self._problems.append(f"{name} does not end in .prom; a node exporter would not read it")
            return None
        return Path(text)

    def sql_directory(self) -> Path:
        named = self._environ.get("MORSE_SQL_DIRECTORY")
        if named is not None:
            return Path(named)
        package = Path(__file__).parent
        checkout = package.parent / "sql"
        return checkout if checkout.is_dir() else package / "sql"

    def unknown_names(self) -> list[str]:
        """Return a warning for each unknown name in our prefix; one near a known name is a mistake."""
        warnings = []
        ours = [name for name in VARIABLES if name.startswith(PREFIX)]
        for name in sorted(self._environ):
            if not name.startswith(PREFIX) or name in VARIABLES:
                continue
            near = difflib.get_close_matches(name, ours, n=1, cutoff=0.88)
            if near:
                self._problems.append(f"{name} is not a known variable; did you mean {near[0]}?")
            else:
                warnings.append(f"{name} is not a variable of the entrypoint; it is handed on as it is")
        return warnings

    def secrets(self, *urls: DatabaseUrl | None) -> tuple[str, ...]:
        """Return every password that the log must never show, PGPASSWORD's included."""
        found = {secret for url in urls if url is not None for secret in url.secrets}
        found |= {self._environ.get("PGPASSWORD", "")}
        return tuple(sorted(found - {""}, key=len, reverse=True))


def _identity(environ: Mapping[str, str]) -> Identity:
    commit = environ.get("RENDER_GIT_COMMIT", "")
    return Identity(
        service=environ.get("RENDER_SERVICE_NAME", "morse-api"),
        instance=environ.get("RENDER_INSTANCE_ID") or socket.gethostname(),
        commit=commit[:12] if re.fullmatch(r"[0-9a-f]{7,40}", commit) else commit[:40],
    )
