"""What can stop a start: names, whether to try again, and the message with its remedy."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from entrypoint.errors import (
    ApplyFailed,
    ConfigurationError,
    DatabaseBusy,
    DatabaseIncompatible,
    DatabaseUnavailable,
    EntrypointError,
)
from entrypoint.postgres.obstacles import AlreadyApplied, CommitPending, NotReady, NotWritable, Obstacle


class Retry(Enum):
    """How an attempt that met a condition goes on."""

    NEVER = "never"
    SOON = "soon"
    SLOWLY = "slowly"
    ONCE = "once"
    GRACE = "for a short time on a managed platform, where new credentials and databases appear late"


class Condition(NamedTuple):
    """A named state of the world; `name` is the `reason` of log events."""

    name: str
    message: str
    retry: Retry = Retry.NEVER
    error: type[EntrypointError] = DatabaseUnavailable
    remedy: str = ""


LOST = Condition(
    name="connection_lost",
    retry=Retry.SOON,
    message="the connection to the database was lost",
    remedy="look at the database's own log, then start again; a start repeats only what is missing",
)
REFUSED = Condition(
    name="refused",
    retry=Retry.SOON,
    message="nothing listens at the database's address",
    remedy="check that the database runs and that host and port in DATABASE_URL are right",
)
NO_ANSWER = Condition(
    name="no_answer",
    retry=Retry.SOON,
    message="the database did not answer in time",
    remedy="check host, port and firewall; MORSE_CONNECT_TIMEOUT_SECONDS bounds one attempt",
)
UNKNOWN_HOST = Condition(
    name="unknown_host",
    retry=Retry.SOON,
    message="the host name of the database cannot be resolved",
    remedy="check the host in DATABASE_URL; an internal host name resolves only in its own region",
)
NO_SOCKET = Condition(
    name="no_socket",
    retry=Retry.SOON,
    message="the database's unix socket does not exist",
    remedy="check that the server runs and that host in DATABASE_URL is its socket directory",
)
STARTING = Condition(
    name="starting_up", retry=Retry.SOON, message="the database is starting up or shutting down"
)
READ_ONLY = Condition(
    name="read_only",
    retry=Retry.SLOWLY,
    message="the database is read-only: a standby, or default_transaction_read_only is on",
    remedy="connect to the primary, or make the database writable, and start again",
)
NOT_READY = Condition(
    name="not_initialised",
    retry=Retry.SLOWLY,
    error=DatabaseIncompatible,
    message="the database does not hold what this image needs",
    remedy="start the API's container of the same image, or run `morse-entrypoint --init-only`",
)
OVERTAKEN = Condition(
    name="overtaken",
    retry=Retry.SOON,
    error=DatabaseBusy,
    message="another start wrote to this database meanwhile",
)
COMMIT_PENDING = Condition(
    name="commit_pending",
    retry=Retry.SOON,
    error=DatabaseBusy,
    message="the server has not yet ended the transaction whose COMMIT was not answered",
    remedy="start again; the ledger says whether the release was applied",
)
OBSTACLES: Mapping[type[Obstacle], Condition] = {
    NotReady: NOT_READY,
    NotWritable: READ_ONLY,
    AlreadyApplied: OVERTAKEN,
    CommitPending: COMMIT_PENDING,
}
TLS = Condition(
    name="tls_failed",
    message="the TLS connection to the database could not be made",
    remedy="check sslmode in DATABASE_URL, and that host and port are those of a PostgreSQL server",
)
PROTOCOL = Condition(
    name="protocol_error",
    message="what answers at the database's address is not a PostgreSQL server",
    remedy="check host and port in DATABASE_URL",
)
BAD_URL = Condition(
    name="bad_url",
    error=ConfigurationError,
    message="the driver does not accept the database URL",
    remedy="check the parameters behind the ? of DATABASE_URL",
)
FAILED = Condition(
    name="statement_failed",
    error=ApplyFailed,
    message="the database refused a statement, and the transaction was rolled back",
    remedy="look at the message and at the database's own log; nothing was changed",
)

WHILE_CONNECTING: Mapping[str, Condition] = {
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

BY_SQLSTATE: Mapping[str, Condition] = {
    **dict.fromkeys(("08000", "08001", "08003", "08004", "08006", "57P01", "57P02", "57P05", "25P03"), LOST),
    "57P03": STARTING,
    "25006": READ_ONLY,
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
CUT_OFF = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
RETRIED_ERRNO = {
    errno.ECONNREFUSED: REFUSED,
    errno.ECONNRESET: LOST,
    errno.EPIPE: LOST,
    errno.ECONNABORTED: LOST,
    errno.EHOSTUNREACH: NO_ANSWER,
    errno.ENETUNREACH: NO_ANSWER,
    errno.ETIMEDOUT: NO_ANSWER,
    errno.ENOENT: NO_SOCKET,
}
