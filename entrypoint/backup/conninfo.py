"""Say in libpq's words what a URL says to the driver, the password apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from entrypoint.errors import BackupFailed
from entrypoint.settings.database_url import DatabaseUrl

# The driver hands on every other parameter as a setting of the session; libpq refuses what it does not know.
_PARAMETERS = frozenset(
    {
        *("gsslib", "host", "krbsrvname", "passfile", "port", "service", "ssl_max_protocol_version"),
        *("ssl_min_protocol_version", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation"),
        *("sslrootcert", "target_session_attrs", "user"),
    }
)
_OTHERWISE_SAID = frozenset({"application_name", "database", "dbname", "options", "password", "sslpassword"})
# Where the driver looks for a server when nobody names a host; libpq has one place, chosen when it was built.
_HOSTS = "/run/postgresql,/var/run/postgresql,/tmp,/private/tmp,localhost"
# What the driver reads as well; another PGOPTIONS, say, would change the dump.
_VARIABLES = frozenset(
    {
        *("PGGSSLIB", "PGHOST", "PGKRBSRVNAME", "PGPASSFILE", "PGPASSWORD", "PGPORT", "PGSERVICE"),
        *("PGSERVICEFILE", "PGSSLCERT", "PGSSLCRL", "PGSSLKEY", "PGSSLMAXPROTOCOLVERSION"),
        *("PGSSLMINPROTOCOLVERSION", "PGSSLMODE", "PGSSLNEGOTIATION", "PGSSLROOTCERT"),
        *("PGTARGETSESSIONATTRS", "PGUSER"),
    }
)
# A dump has no deadline, so that a network that went silent has to be noticed: after about a minute.
_ALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
_HOST = re.compile(r"(?:\[([^\]]*)\]|(/.*|[^:]*))(?::(\d*))?")
_KEPT = frozenset({"HOME", "PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_DIR", "SSL_CERT_FILE"})


def conninfo(url: DatabaseUrl, environ: Mapping[str, str]) -> str:
    """Return a connection string without any password, so that it may stand in argv.

    Raises BackupFailed for the passphrase of a key, which libpq takes nowhere else.
    """
    parts = urlsplit(url.raw)
    query = dict(parse_qsl(parts.query))
    if "sslpassword" in query:
        raise BackupFailed(
            "the URL holds sslpassword, which pg_dump could be given only where everybody sees it",
            remedy="set MORSE_ADMIN_DATABASE_URL to one whose key has no passphrase",
        )
    said = {name: value for name, value in query.items() if name in _PARAMETERS}
    hosts = parts.netloc.rpartition("@")[2] or said.get("host", "")
    if hosts:
        asked = "" if parts.netloc.rpartition("@")[2] else said.get("port", "")
        said["host"], said["port"] = _hosts_and_ports(hosts, asked)
    elif not environ.get("PGHOST"):
        said["host"] = _HOSTS
    said |= {"user": url.user, "dbname": url.database, "options": _options(query)}
    said |= _ALIVE | {"application_name": "morse-entrypoint pg_dump"}
    return " ".join(f"{name}={_quoted(value)}" for name, value in said.items() if value)


def environment(url: DatabaseUrl, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program of PostgreSQL's: little, and the password in it."""
    kept = {name: value for name, value in environ.items() if name in _VARIABLES | _KEPT}
    password = {"PGPASSWORD": url.password} if url.password else {}
    return {"PATH": os.defpath, **kept, **password, "LC_ALL": "C"}


def _hosts_and_ports(hosts: str, ports: str) -> tuple[str, str]:
    """Take `a:1,[::1]:2,%2Fsocket` apart; `ports` counts where no host has a port of its own."""
    pairs = [match.groups(default="") for match in map(_HOST.fullmatch, hosts.split(",")) if match]
    names = [unquote(six or name) for six, name, _ in pairs]
    numbers = [port for _, _, port in pairs]
    return ",".join(names), ",".join(numbers) if any(numbers) else ports


def _options(query: Mapping[str, str]) -> str:
    """Return the session's settings as options of the server's command line."""
    known = _PARAMETERS | _OTHERWISE_SAID
    settings = [f"-c {name}={_escaped(value)}" for name, value in query.items() if name not in known]
    return " ".join(filter(None, (query.get("options", ""), *settings)))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _quoted(value: str) -> str:
    value = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{value}'"
