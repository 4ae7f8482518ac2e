"""Servers that are not PostgreSQL, or not yet: each yields the port that it listens on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Fake = Callable[[], AbstractAsyncContextManager[int]]

_HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_SSL_REQUEST = 80877103


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """Answer every connection with `handler` and yield the port; all end with the block."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The transports close their sockets in the loop's next round.
        await asyncio.sleep(0)


def silent() -> AbstractAsyncContextManager[int]:
    """Accept connections and never answer."""

    async def handler(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return serving(handler)


def closing() -> AbstractAsyncContextManager[int]:
    """Close every connection as soon as it was accepted."""

    async def handler(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        return

    return serving(handler)


def http(status_line: bytes = b"400 Bad Request") -> AbstractAsyncContextManager[int]:
    """Speak HTTP: answer the first bytes with `status_line`."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(_HTTP.replace(b"400 Bad Request", status_line))
        await writer.drain()

    return serving(handler)


def starting_up(times: int, host: str, port: int) -> AbstractAsyncContextManager[int]:
    """Refuse `times` logins with 57P03, as a server that starts does, then be `host`:`port`."""
    left = times

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        first = await _startup(reader, writer)
        if left > 0:
            left -= 1
            writer.write(_error("57P03", "the database system is starting up"))
            await writer.drain()
            return
        up_reader, up_writer = await asyncio.open_connection(host, port)
        try:
            up_writer.write(first)
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, up_writer))
                group.create_task(_copy(up_reader, writer))
        finally:
            up_writer.transport.abort()

    return serving(handler)


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the client's startup packet, after refusing encryption if it asks for it."""
    while True:
        length = await reader.readexactly(4)
        body = await reader.readexactly(int.from_bytes(length) - 4)
        if int.from_bytes(body[:4]) != _SSL_REQUEST:
            return length + body
        writer.write(b"N")
        await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


def _error(sqlstate: str, message: str) -> bytes:
    fields = {"S": "FATAL", "V": "FATAL", "C": sqlstate, "M": message}
    body = b"".join(f"{key}{value}\0".encode() for key, value in fields.items()) + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4) + body
