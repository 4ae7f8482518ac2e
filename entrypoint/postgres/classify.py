"""What an error of the driver or the network means, by the table of conditions.

The driver hides causes behind generic errors, so the whole chain is walked, and a retry needs a name:
being an OSError is never enough.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

import asyncpg
from asyncpg.pgproto import pgproto

from entrypoint.postgres import conditions
from entrypoint.postgres.conditions import Condition
from entrypoint.postgres.obstacles import NotConnected, Obstacle

# Every class that the driver or the network raises for what happens between us and the server.
DRIVER_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    pgproto.BufferError,
    Obstacle,
)


def diagnose(error: BaseException) -> Condition:
    """Name the condition behind `error`, looking through everything that caused it."""
    chain = list(_chain(error))
    connecting = any(isinstance(link, NotConnected) for link in chain)
    found = [
        condition
        for link in chain
        if (condition := _by_sqlstate(link, connecting) or _by_type(link, connecting))
    ]
    if found:
        # Why the server closed a connection explains more than that it is closed.
        return next((condition for condition in found if condition is not conditions.LOST), conditions.LOST)
    if connecting:
        # Bytes that are no text come from the other side, whatever the class of the error.
        wrong_url = any(isinstance(link, ValueError) and not isinstance(link, UnicodeError) for link in chain)
        return conditions.BAD_URL if wrong_url else conditions.PROTOCOL
    return conditions.FAILED


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
    return (conditions.WHILE_CONNECTING.get(code) if connecting else None) or conditions.BY_SQLSTATE.get(code)


def _by_type(error: BaseException, connecting: bool) -> Condition | None:
    if isinstance(error, Obstacle):
        return conditions.OBSTACLES.get(type(error))
    match error:
        case ssl.SSLError():
            return conditions.LOST if isinstance(error, ssl.SSLEOFError) else conditions.TLS
        case asyncpg.TargetServerAttributeNotMatched():
            return conditions.READ_ONLY
        # What the server sent before it ended the session makes the driver's next step impossible.
        case asyncpg.InternalClientError() | pgproto.BufferError() if not connecting:
            return conditions.LOST
        case asyncpg.ClientConfigurationError():
            return conditions.BAD_URL
        case asyncpg.InterfaceError() if "closed" in str(error):
            return conditions.LOST
        case socket.gaierror():
            return conditions.UNKNOWN_HOST
        case TimeoutError():
            return conditions.NO_ANSWER
        case OSError():
            return _by_errno(error)
    return None


def _by_errno(error: OSError) -> Condition | None:
    if "rejected SSL upgrade" in str(error):
        return conditions.TLS
    if isinstance(error, conditions.CUT_OFF) or "unexpected connection_lost" in str(error):
        return conditions.LOST
    # asyncio folds the failures of a name with several addresses into one OSError without errno.
    numbers = [error.errno] if error.errno else [int(n) for n in re.findall(r"Errno (\d+)", str(error))]
    found = [conditions.RETRIED_ERRNO.get(number) for number in numbers]
    return found[0] if found and all(found) else None
