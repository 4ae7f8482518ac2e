"""The variables of the environment, one by one: each is checked, and what is wrong is kept until the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from entrypoint.errors import ConfigurationError
from entrypoint.output.plain import first_of
from entrypoint.settings import api_role
from entrypoint.settings.database_url import DatabaseUrl, MalformedUrl

ADMIN_URL = "MORSE_ADMIN_DATABASE_URL"
API_URL = "DATABASE_URL"
API_ROLE = "MORSE_API_ROLE"
PUSHGATEWAY_URL = "MORSE_PUSHGATEWAY_URL"
TEXTFILE = "MORSE_METRICS_TEXTFILE"
PREFIX = "MORSE_"
_DAY_SECONDS = 86400
if TYPE_CHECKING:
    from entrypoint.settings.pushgateway_url import GatewayUrl

U = TypeVar("U", DatabaseUrl, "GatewayUrl")

VARIABLES: Mapping[str, str] = {
    API_URL: "where the database is; handed on to COMMAND",
    f"{API_URL}_FILE": "a file that holds DATABASE_URL, instead of it",
    ADMIN_URL: "what the entrypoint itself connects with, when it is not DATABASE_URL; never handed on",
    f"{ADMIN_URL}_FILE": "a file that holds MORSE_ADMIN_DATABASE_URL, instead of it",
    API_ROLE: "the least-privileged role of the API; it must exist, and is granted what it needs",
    "MORSE_ENVIRONMENT": "production or development; on Render production unless a pull request",
    "MORSE_START_BUDGET_SECONDS": "how long the whole start may take",
    "MORSE_CONNECT_TIMEOUT_SECONDS": "how long one attempt to connect may take",
    "MORSE_LOCK_TIMEOUT_SECONDS": "how long a statement waits for a table lock before it gives way",
    "MORSE_STATEMENT_TIMEOUT_SECONDS": "how long one statement may run",
    "MORSE_SQL_DIRECTORY": "where the SQL files are, when not beside the package",
    TEXTFILE: "a path ending in .prom to which the metrics are written; handed on, made absolute",
    PUSHGATEWAY_URL: "where metrics are pushed to, a URL or HOST:PORT; never handed on",
    f"{PUSHGATEWAY_URL}_FILE": "a file that holds MORSE_PUSHGATEWAY_URL, instead of it",
    "MORSE_LOG_FORMAT": "json, console, or auto: console on a terminal",
    "MORSE_LOG_LEVEL": "debug, info, warning or error",
}


class Environment(StrEnum):
    """Where a start runs; the first apply stamps the database with it."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    PREVIEW = "preview"


class Reader:
    """Reads variables one by one and keeps what is wrong with them until the end."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def refuse(self) -> None:
        """Raise ConfigurationError when anything was wrong."""
        if self._problems:
            raise ConfigurationError(
                first_of(self._problems),
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
        """Return the URL that NAME holds, or the file that NAME_FILE names; None when there is neither."""
        url = self._url(name, DatabaseUrl.parse)
        for parameter, path in url.files if url else ():
            try:
                Path(path).open("rb").close()
            except (OSError, ValueError):
                self._problems.append(f"{name} names with {parameter} a file that cannot be read")
        return url

    def gateway(self, name: str) -> GatewayUrl | None:
        """Return the URL of a Pushgateway, which may stand in a file, too."""
        if name not in self._environ and f"{name}_FILE" not in self._environ:
            return None
        from entrypoint.settings.pushgateway_url import GatewayUrl  # noqa: PLC0415 - most starts push nothing

        return self._url(name, GatewayUrl.parse)

    def _url(self, name: str, parse: Callable[[str], U]) -> U | None:
        text = self._secret(name)
        try:
            return None if text is None else parse(text)
        except MalformedUrl as problem:
            self._problems.append(f"{name} {problem}")
            return None

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
        """Return a duration in seconds."""

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
        """Return one of `choices` in lower case, the first by default."""

        def parse(text: str) -> str:
            if text.lower() not in choices:
                raise ValueError(f"is none of {', '.join(choices)}")
            return text.lower()

        return str(self._read(name, choices[0], parse))

    def environment(self, *, on_render: bool) -> Environment:
        """Return where this is: what the platform implies, unless MORSE_ENVIRONMENT is set."""
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

    def role(self, name: str) -> str | None:
        """Return the name of a role; None when not set or empty."""
        return str(self._read(name, "", api_role.parse)) or None

    def textfile(self, name: str) -> Path | None:
        """Return the absolute path of a metrics file, which must end in .prom."""
        text = self._environ.get(name)
        if text is not None and not text.endswith(".prom"):
            self._problems.append(f"{name} does not end in .prom; a node exporter would not read it")
            return None
        return None if text is None else Path(text).absolute()

    def sql_directory(self) -> Path:
        """Return where the SQL files are: as named, beside the package, or inside an installed one."""
        named = self._environ.get("MORSE_SQL_DIRECTORY")
        if named is not None:
            return Path(named)
        package = Path(__file__).parents[1]
        checkout = package.parent / "sql"
        return checkout if checkout.is_dir() else package / "sql"

    def unknown_names(self) -> list[str]:
        """Return a warning for each unknown name in our prefix; one near a known name is a mistake."""
        warnings = []
        ours = [name for name in VARIABLES if name.startswith(PREFIX)]
        for name in sorted(self._environ):
            if not name.startswith(PREFIX) or name in VARIABLES:
                continue
            import difflib  # noqa: PLC0415 - few people mistype

            near = difflib.get_close_matches(name, ours, n=1, cutoff=0.88)
            if near:
                self._problems.append(f"{name} is not a known variable; did you mean {near[0]}?")
            else:
                warnings.append(f"{name} is not a variable of the entrypoint; it is handed on as it is")
        return warnings

    def secrets(self, *urls: DatabaseUrl | GatewayUrl | None) -> tuple[str, ...]:
        """Return every password that the log must never show, PGPASSWORD's included."""
        found = {secret for url in urls if url is not None for secret in url.secrets}
        found |= {self._environ.get("PGPASSWORD", "")}
        return tuple(sorted(found - {""}, key=len, reverse=True))
