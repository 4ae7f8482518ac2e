"""Stand in for the API that the entrypoint starts: one process that answers GET /health.

Reads DATABASE_URL and PORT (8000 when not set), as the API does. With STAND_IN_DDL=1 it first changes the
schema as a later version of the API does. Run it with `python -m tests.api`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from http import HTTPStatus

import asyncpg

_QUERY = """
SELECT (SELECT count(*) FROM app_users) AS app_users,
       (SELECT count(*) FROM workouts) AS workouts,
       (SELECT count(*) FROM search_devices_by_last4('c4b9')) AS devices_found,
       (SELECT count(*) FROM session_summaries) AS session_summaries
"""
_TRIGGER = """
DROP TRIGGER IF EXISTS update_{table}_updated_at ON {table};
CREATE TRIGGER update_{table}_updated_at BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
"""
_TRIGGERED = ("users", "audio_files", "workouts", "exercises")
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - a container's port is published from outside
_DATABASE_SECONDS = 3
_REQUEST_SECONDS = 5
_REQUEST_BYTES = 8192


async def main() -> int:
    """Serve until SIGTERM or SIGINT and return the exit code."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if os.environ.get("STAND_IN_DDL") == "1":
        await _change_schema()
    wanted = os.environ.get("PORT") or "8000"
    try:
        server = await asyncio.start_server(_answer, _EVERY_ADDRESS, int(wanted))
    except (OSError, OverflowError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) else "not a port"
        _log_wait(f"The stand-in API cannot listen on port {wanted} ({reason}); set PORT to a free one.")
        return 1
    bound = server.sockets[0].getsockname()[1]
    _log_wait(f"The stand-in API answers on http://localhost:{bound}/health; Ctrl-C ends it.")
    await stopped.wait()
    server.close()
    return 0


async def _change_schema() -> None:
    """Create, as the owner, the triggers that a later version of the API creates at each of its starts."""
    connection = await asyncpg.connect(os.environ.get("DATABASE_URL"))
    try:
        async with connection.transaction():
            for table in _TRIGGERED:
                await connection.execute(_TRIGGER.format(table=table))
    finally:
        connection.terminate()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            status, facts = await _respond(head.split(b" ", 2)[:2])
            body = json.dumps(facts).encode() + b"\n"
            writer.write(
                f"HTTP/1.1 {status} {status.phrase}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def _respond(request: list[bytes]) -> tuple[HTTPStatus, dict[str, object]]:
    if request != [b"GET", b"/health"]:
        return HTTPStatus.NOT_FOUND, {"error": "only GET /health is served"}
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            connection = await asyncpg.connect(os.environ.get("DATABASE_URL"))
            try:
                row = await connection.fetchrow(_QUERY)
            finally:
                connection.terminate()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        # The type alone: a message could repeat the URL.
        kind = type(error).__name__
        return HTTPStatus.SERVICE_UNAVAILABLE, {"status": "unavailable", "error": kind}
    return HTTPStatus.OK, {"status": "ok", **dict(row)}


def _log_wait(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
