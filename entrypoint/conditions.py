"""What an error of the driver or the network means: whether to try again, and what to tell people.

The driver hides causes behind generic errors, so the whole chain is walked, and a retry needs a name:
being an OSError is never enough.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import asyncpg

from entrypoint.errors import (
    ApplyFailed,
    ConfigurationError,
    DatabaseBusy,
    DatabaseIncompatible,
    DatabaseUnavailable,
    EntrypointError,
)


class Retry(Enum):
    """How an attempt that met a condition goes on."""

    NEVER = "never"
    SOON = "soon"
    SLOWLY = "slowly"
    ONCE = "once"
    GRACE = "for a short time on a managed platform, where new credentials and databases appear late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A named state of the world; `name` is the `reason` of log events."""

    name: str
    retry: Retry = Retry.NEVER
    error: type[EntrypointError] = DatabaseUnavailable
    message: str
    remedy: str = ""


class Obstacle(Exception):
    """What the entrypoint itself found in the way; each kind has its condition."""


class NotConnected(Obstacle):
    """Marks that its cause happened while connecting, where some SQLSTATEs mean something else."""


class NotWritable(Obstacle):
    """The server answers, but is a standby or refuses writes."""


class TableBusy(Obstacle):
    """A table that the plan needs was not free in time; its cause is what the driver raised."""

    def __init__(self, table: str, mode: str, waited: float) -> None:
        super().__init__(f"table {table} was not free for {mode} within {waited:.1f} s")
        self.table = table
        self.mode = mode
        self.waited = waited


class CommitPending(Obstacle):
    """The transaction whose COMMIT was not answered is still being ended by the server."""


class Overtaken(Obstacle):
    """Another start changed what this one had decided upon; look again."""


class NotReady(Obstacle):
    """The database answers, but does not yet hold what is waited for."""


_LOST = Condition(
    name="connection_lost",
    retry=Retry.SOON,
    message="the connection to the database was lost",
    remedy="look at the database's own log, then start again; a start repeats only what is missing",
)
_REFUSED = Condition(
    name="refused",
    retry=Retry.SOON,
    message="nothing listens at the database's address",
    remedy="check that the database runs and that host and port in DATABASE_URL are right",
)
_NO_ANSWER = Condition(
    name="no_answer",
    retry=Retry.SOON,
    message="the database did not answer in time",
    remedy="check host, port and firewall; MORSE_CONNECT_TIMEOUT_SECONDS bounds one attempt",
)
_UNKNOWN_HOST = Condition(
    name="unknown_host",
    retry=Retry.SOON,
    message="the host name of the database cannot be resolved",
    remedy="check the host in DATABASE_URL; an internal host name resolves only in its own region",
)
_NO_SOCKET = Condition(
    name="no_socket",
    retry=Retry.SOON,
    message="the database's unix socket does not exist",
    remedy="check that the server runs and that host in DATABASE_URL is its socket directory",
)
_STARTING = Condition(
    name="starting_up", retry=Retry.SOON, message="the database is starting up or shutting down"
)
_READ_ONLY = Condition(
    name="read_only",
    retry=Retry.SLOWLY,
    message="the database is read-only: a standby, or default_transaction_read_only is on",
    remedy="connect to the primary, or make the database writable, and start again",
)
_NOT_READY = Condition(
    name="not_initialised",
    retry=Retry.SLOWLY,
    error=DatabaseIncompatible,
    message="the database does not hold what this image needs",
    remedy="start the API's container of the same image, or run `morse-entrypoint --init-only`",
)
_OVERTAKEN = Condition(
    name="overtaken",
    retry=Retry.SOON,
    error=DatabaseBusy,
    message="another start wrote to this database meanwhile",
)
_COMMIT_PENDING = Condition(
    name="commit_pending",
    retry=Retry.SOON,
    error=DatabaseBusy,
    message="the server has not yet ended the transaction whose COMMIT was not answered",
    remedy="start again; the ledger says whether the release was applied",
)
_OBSTACLES: Mapping[type[Obstacle], Condition] = {
    NotReady: _NOT_READY,
    NotWritable: _READ_ONLY,
    Overtaken: _OVERTAKEN,
    CommitPending: _COMMIT_PENDING,
}
_TLS = Condition(
    name="tls_failed",
    message="the TLS connection to the database could not be made",
    remedy="check sslmode in DATABASE_URL, and that host and port are those of a PostgreSQL server",
)
_PROTOCOL = Condition(
    name="protocol_error",
    message="what answers at the database's address is not a PostgreSQL server",
    remedy="check host and port in DATABASE_URL",
)
_BAD_URL = Condition(
    name="bad_url",
    error=ConfigurationError,
    message="the driver does not accept the database URL",
    remedy="check the parameters behind the ? of DATABASE_URL",
)
_FAILED = Condition(
    name="statement_failed",
    error=ApplyFailed,
    message="the database refused a statement, and the transaction was rolled back",
    remedy="look at the message and at the database's own log; nothing was changed",
)

_WHILE_CONNECTING: Mapping[str, Condition] = {
    "28P01": Condition(
        name="login_refused",
        retry=Retry.GRACE,
        message="the database refused the user name or the password",
        remedy="check the credentials in DATABASE_URL; after a rotation copy the new URL",
    ),
    "28000": Condition(
        name="login_not_allowed",
        message="the database does not allow this login (no matching pg_hba entry, or TLS is required)",
        remedy="add ?sslmode=require to DATABASE_URL if the server demands TLS, or let the role log in",
    ),
    "3D000": Condition(
        name="database_missing",
        retry=Retry.GRACE,
        message="the database named in DATABASE_URL does not exist",
        remedy="create it, or correct the name at the end of DATABASE_URL",
    ),
    "42501": Condition(
        name="connect_not_granted",
        message="the role may not connect to this database",
        remedy="run GRANT CONNECT ON DATABASE ... TO the role of DATABASE_URL",
    ),
    "42704": Condition(
        name="unknown_parameter",
        error=ConfigurationError,
        message="DATABASE_URL carries a parameter that the server does not know",
        remedy="remove it from behind the ? of DATABASE_URL",
    ),
    "08P01": Condition(
        name="protocol_error",
        message="the server or its pooler refused the start-up parameters",
        remedy="remove parameters from DATABASE_URL, or connect to the database directly",
    ),
    "55000": Condition(
        name="not_accepting", retry=Retry.SOON, message="the database does not accept connections"
    ),
}

_BY_SQLSTATE: Mapping[str, Condition] = {
    **dict.fromkeys(("08000", "08001", "08003", "08004", "08006", "57P01", "57P02", "57P05", "25P03"), _LOST),
    "57P03": _STARTING,
    "25006": _READ_ONLY,
    "53300": Condition(
        name="connections_exhausted",
        retry=Retry.SLOWLY,
        message="the database has no free connection",
        remedy="lower the pools of its clients, or raise max_connections or the role's limit",
    ),
    "55P03": Condition(
        name="table_busy",
        retry=Retry.SLOWLY,
        error=DatabaseBusy,
        message="a table stayed locked by another session",
        remedy="end the session named in the log, or deploy again when it is done",
    ),
    "40P01": Condition(
        name="deadlock",
        retry=Retry.SOON,
        error=DatabaseBusy,
        message="the transaction met a deadlock",
    ),
    "40001": Condition(
        name="serialization",
        retry=Retry.SOON,
        error=DatabaseBusy,
        message="concurrent updates collided",
    ),
    "42501": Condition(
        name="privilege_missing",
        error=DatabaseIncompatible,
        message="the role of the database URL lacks a privilege",
        remedy="grant it as the message says, or connect as the owner of the database",
    ),
    "53100": Condition(
        name="disk_full",
        error=ApplyFailed,
        message="the database server has no disk space left",
        remedy="free disk space or enlarge the disk, then start again; nothing was changed",
    ),
    "25P04": Condition(
        name="budget_spent",
        retry=Retry.SOON,
        error=DatabaseBusy,
        message="the transaction took longer than what was left of the budget",
        remedy="raise MORSE_START_BUDGET_SECONDS when the work is known to take that long",
    ),
    "57014": Condition(
        name="cancelled",
        retry=Retry.ONCE,
        error=DatabaseBusy,
        message="a statement was cancelled, by an administrator or by its statement_timeout",
        remedy="raise MORSE_STATEMENT_TIMEOUT_SECONDS when the work is known to take that long",
    ),
}

# asyncio raises these without an errno when a TLS handshake is cut off.
_CUT_OFF = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
_RETRIED_ERRNO = {
    errno.ECONNREFUSED: _REFUSED,
    errno.ECONNRESET: _LOST,
    errno.EPIPE: _LOST,
    errno.ECONNABORTED: _LOST,
    errno.EHOSTUNREACH: _NO_ANSWER,
    errno.ENETUNREACH: _NO_ANSWER,
    errno.ETIMEDOUT: _NO_ANSWER,
    errno.ENOENT: _NO_SOCKET,
}


def diagnose(error: BaseException) -> Condition:
    """Name the condition behind `error`, looking through everything that caused it."""
    chain = list(_chain(error))
    connecting = any(isinstance(link, NotConnected) for link in chain)
    found = [condition for link in chain if (condition := _by_sqlstate(link, connecting) or _by_type(link))]
    if found:
        # That a connection is closed says less than why the server closed it.
        return next((condition for condition in found if condition is not _LOST), _LOST)
    if connecting:
        return _BAD_URL if any(isinstance(link, ValueError) for link in chain) else _PROTOCOL
    return _FAILED


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of what happened first, which the driver covers by its own 08003."""
    codes = [code for link in _chain(error) if (code := getattr(link, "sqlstate", None))]
    return codes[-1] if codes else None


def message_of(error: BaseException) -> str:
    """Return an error's message without the DETAIL that the driver adds, which holds what people stored."""
    own = error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else error
    return " ".join(str(own).split())


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _by_sqlstate(error: BaseException, connecting: bool) -> Condition | None:
    code = getattr(error, "sqlstate", None)
    if not code:
        return None
    return (_WHILE_CONNECTING.get(code) if connecting else None) or _BY_SQLSTATE.get(code)


def _by_type(error: BaseException) -> Condition | None:
    if isinstance(error, Obstacle):
        return _OBSTACLES.get(type(error))
    match error:
        case ssl.SSLError():
            return _LOST if isinstance(error, ssl.SSLEOFError) else _TLS
        case asyncpg.TargetServerAttributeNotMatched():
            return _READ_ONLY
        case asyncpg.ClientConfigurationError():
            return _BAD_URL
        case asyncpg.InterfaceError() if "closed" in str(error):
            return _LOST
        case socket.gaierror():
            return _UNKNOWN_HOST
        case TimeoutError():
            return _NO_ANSWER
        case OSError():
            return _by_errno(error)
    return None


def _by_errno(error: OSError) -> Condition | None:
    if "rejected SSL upgrade" in str(error):
        return _TLS
    if isinstance(error, _CUT_OFF) or "unexpected connection_lost" in str(error):
        return _LOST
    # asyncio folds the failures of a name with several addresses into one OSError without errno.
    numbers = [error.errno] if error.errno else [int(n) for n in re.findall(r"Errno (\d+)", str(error))]
    conditions = [_RETRIED_ERRNO.get(number) for number in numbers]
    return conditions[0] if conditions and all(conditions) else None
