"""Errors by what they mean: which of them pass, which are final, and which exit code they end in."""

from __future__ import annotations

import errno
import socket
import ssl

import asyncpg
import pytest
from asyncpg import exceptions
from asyncpg.pgproto import pgproto

from entrypoint.errors import (
    ConfigurationError,
    DatabaseBusy,
    DatabaseIncompatible,
    DatabaseUnavailable,
    EntrypointError,
)
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.classify import DRIVER_ERRORS, diagnose, sqlstate
from entrypoint.postgres.conditions import Condition, Retry
from entrypoint.postgres.obstacles import AlreadyApplied, CommitPending, NotReady, NotWritable
from entrypoint.postgres.retry import retry
from tests.support.unit.clocks import Attempts
from tests.support.unit.driver_errors import server_error, while_connecting


def summary(condition: Condition) -> tuple[str, Retry, type[EntrypointError]]:
    """Return what decides about a condition."""
    return condition.name, condition.retry, condition.error


@pytest.mark.parametrize(
    ("cause", "name", "retry"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "refused", Retry.SOON),
        (TimeoutError(), "no_answer", Retry.SOON),
        (OSError(errno.EHOSTUNREACH, "no route"), "no_answer", Retry.SOON),
        (OSError(errno.ENETUNREACH, "no network"), "no_answer", Retry.SOON),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "unknown_host", Retry.SOON),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "unknown_host", Retry.SOON),
        (FileNotFoundError(errno.ENOENT, "no socket"), "no_socket", Retry.SOON),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "connection_lost", Retry.SOON),
        (ConnectionResetError(), "connection_lost", Retry.SOON),
        (BrokenPipeError(), "connection_lost", Retry.SOON),
        (ConnectionError("unexpected connection_lost() call"), "connection_lost", Retry.SOON),
        (ssl.SSLEOFError(8, "EOF occurred"), "connection_lost", Retry.SOON),
        (server_error("08003"), "connection_lost", Retry.SOON),
        (server_error("57P01"), "connection_lost", Retry.SOON),
        (server_error("57P03"), "starting_up", Retry.SOON),
        (server_error("55000"), "not_accepting", Retry.SOON),
        (asyncpg.TargetServerAttributeNotMatched(), "read_only", Retry.SLOWLY),
        (server_error("53300"), "connections_exhausted", Retry.SLOWLY),
        (server_error("28P01"), "login_refused", Retry.GRACE),
        (server_error("3D000"), "database_missing", Retry.GRACE),
        (server_error("28000"), "login_not_allowed", Retry.NEVER),
        (server_error("42501"), "connect_not_granted", Retry.NEVER),
        (server_error("08P01"), "protocol_error", Retry.NEVER),
        (ConnectionError("server rejected SSL upgrade"), "tls_failed", Retry.NEVER),
        (ssl.SSLCertVerificationError(1, "self-signed"), "tls_failed", Retry.NEVER),
        (asyncpg.ProtocolError("no server"), "protocol_error", Retry.NEVER),
        (asyncpg.InternalClientError("an error of authentication"), "protocol_error", Retry.NEVER),
        (pgproto.BufferError("not enough data"), "protocol_error", Retry.NEVER),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "protocol_error", Retry.NEVER),
        (OSError(errno.EACCES, "not allowed"), "protocol_error", Retry.NEVER),
        (OSError("of no kind"), "protocol_error", Retry.NEVER),
    ],
)
def test_connecting(cause: BaseException, name: str, retry: Retry) -> None:
    """What stands in the way of a connection is unavailability, tried again only if it has a name."""
    assert (name, retry, DatabaseUnavailable) == summary(diagnose(while_connecting(cause)))


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (server_error("42704"), "unknown_parameter"),
        (asyncpg.ClientConfigurationError("sslmode"), "bad_url"),
        (ValueError("port"), "bad_url"),
    ],
)
def test_mistakes_in_the_url(cause: BaseException, name: str) -> None:
    """What the driver or the server refuses about the URL itself is a mistake of its author."""
    assert (name, Retry.NEVER, ConfigurationError) == summary(diagnose(while_connecting(cause)))


@pytest.mark.parametrize(
    ("error", "name", "retry", "kind"),
    [
        (NotWritable("a standby"), "read_only", Retry.SLOWLY, DatabaseUnavailable),
        (server_error("25006"), "read_only", Retry.SLOWLY, DatabaseUnavailable),
        (server_error("57P05"), "connection_lost", Retry.SOON, DatabaseUnavailable),
        (
            asyncpg.InterfaceError("the connection is closed"),
            "connection_lost",
            Retry.SOON,
            DatabaseUnavailable,
        ),
        (CommitPending("in doubt"), "commit_pending", Retry.SOON, DatabaseBusy),
        (AlreadyApplied("by another"), "overtaken", Retry.SOON, DatabaseBusy),
        (server_error("55P03"), "table_busy", Retry.SLOWLY, DatabaseBusy),
        (server_error("40P01"), "deadlock", Retry.SOON, DatabaseBusy),
        (server_error("40001"), "serialization", Retry.SOON, DatabaseBusy),
        (server_error("25P04"), "budget_spent", Retry.SOON, DatabaseBusy),
        (server_error("57014"), "cancelled", Retry.ONCE, DatabaseBusy),
        (NotReady("release 2 is needed"), "not_initialised", Retry.SLOWLY, DatabaseIncompatible),
        (server_error("42501"), "privilege_missing", Retry.NEVER, DatabaseIncompatible),
    ],
)
def test_connected(error: Exception, name: str, retry: Retry, kind: type[EntrypointError]) -> None:
    """What happens on a connection that was made has meanings of its own."""
    assert (name, retry, kind) == summary(diagnose(error))


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.InternalClientError("not connected"),
        asyncpg.InternalClientError("got result for unknown protocol state 0"),
        asyncpg.ProtocolError("the number of columns in the result row is different"),
        asyncpg.OutdatedSchemaCacheError("cached schema is outdated"),
        pgproto.BufferError("unexpected trailing 3 bytes in buffer"),
    ],
)
async def test_the_driver_lost_its_place(error: Exception) -> None:
    """Whatever the driver raises when messages do not come in their order is a lost connection."""
    assert ("connection_lost", Retry.SOON, DatabaseUnavailable) == summary(diagnose(error))
    with pytest.raises(DatabaseUnavailable):
        await retry(Budget(0.05, grace=False), Attempts(error))


def test_every_class_of_the_driver_is_known() -> None:
    """No class of error that the driver defines is taken for a mistake of the entrypoint's own."""
    classes = [
        thing
        for thing in vars(exceptions).values()
        if isinstance(thing, type) and issubclass(thing, Exception) and not issubclass(thing, Warning)
    ]
    assert {asyncpg.PostgresError, asyncpg.InternalClientError} < {*classes}
    assert [] == [thing for thing in classes if not issubclass(thing, DRIVER_ERRORS)]


@pytest.mark.parametrize("code", ["42601", "23505", "42P01", "55000", "3D000", "28000", "XX000"])
def test_statements_that_fail(code: str) -> None:
    """An error that will not pass by itself is never tried again, nor is one that has no name."""
    assert Retry.NEVER is diagnose(server_error(code)).retry


def test_several_addresses() -> None:
    """A name with several addresses is tried again only if each of them may come up."""
    refused = "[Errno 111] Connect call failed ('::1', 5432, 0, 0)"
    unreachable = "[Errno 101] Connect call failed ('10.0.0.1', 5432)"
    forbidden = "[Errno 13] Connect call failed ('127.0.0.1', 5432)"

    passing = OSError(f"Multiple exceptions: {refused}, {unreachable}")
    final = OSError(f"Multiple exceptions: {refused}, {forbidden}")

    assert "refused" == diagnose(while_connecting(passing)).name
    assert Retry.NEVER is diagnose(while_connecting(final)).retry


def test_hidden_causes() -> None:
    """The driver covers what happened by an error of its own, two links away from the reason."""
    covered = asyncpg.InterfaceError("cannot call Transaction.__aexit__(): the connection is closed")
    covered.__context__ = server_error("08003")
    covered.__context__.__cause__ = server_error("25P04")

    assert "budget_spent" == diagnose(covered).name
    assert "25P04" == sqlstate(covered)


def test_an_error_that_causes_itself() -> None:
    """A chain that leads back to its beginning ends there."""
    error = RuntimeError("a knot")
    error.__context__ = ValueError("the rope")
    error.__context__.__context__ = error

    assert Retry.NEVER is diagnose(error).retry
    assert sqlstate(error) is None
