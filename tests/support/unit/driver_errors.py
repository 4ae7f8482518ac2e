"""Errors as the driver raises them."""

from __future__ import annotations

import asyncpg

from entrypoint.postgres.obstacles import NotConnected


def server_error(code: str) -> asyncpg.PostgresError:
    """Return the error that the driver makes of what a server says under this SQLSTATE."""
    return asyncpg.PostgresError.new({"S": "ERROR", "C": code, "M": "said by the server"})


def while_connecting(cause: BaseException) -> NotConnected:
    """Return what connecting raises when `cause` is behind it."""
    error = NotConnected()
    error.__cause__ = cause
    return error
