"""A TCP proxy that understands PostgreSQL's messages and can do to them what networks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tests.support.wire_protocol import Link, Packet

Side = Literal["client", "server"]


class Cut(Enum):
    """Where the connection breaks: before a message is passed on, or right after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it passes; `number` counts its side's messages from 1, over all connections.

    `kind` is the type byte as a string, "startup" for a packet before the login and "answer" for
    the byte that answers a request for encryption.
    """

    side: Side
    number: int
    kind: str
    body: bytes


class Proxy:
    """Pass on traffic between a test's client and `host`:`port`, which may change meanwhile.

    Set `cut` to break a connection at a message, `inspect` to await something before a message is
    passed on, `delay` (seconds per message), `drop_replies`, or call `freeze`, `thaw`, `refuse` and
    `accept`. Each works at once and for open connections too. `round_trips` counts the changes from
    a client's to a server's message.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.target_port = port
        self.port = 0
        self.cut: Callable[[Message], Cut | None] = lambda _: None
        self.inspect: Callable[[Message], Awaitable[None]] = _ignore
        self.delay = 0.0
        self.drop_replies = False
        self.connections = 0
        self.messages: dict[Side, int] = {"client": 0, "server": 0}
        self.round_trips = 0
        self._last_side: Side = "server"
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    def url(self, url: str) -> str:
        """Return `url` with this proxy in the server's place."""
        return url.replace(f"@{self.host}:{self.target_port}/", f"@127.0.0.1:{self.port}/")

    def cut_after(self, side: Side, number: int) -> None:
        """Break the connection once, right after the `number`-th message of `side`."""
        self._cut_once(Cut.AFTER, lambda seen: (seen.side, seen.number) == (side, number))

    def cut_reply(self, tag: str) -> None:
        """Break the connection once, when the server says that `tag` (COMMIT, say) is complete."""
        body = tag.encode() + b"\0"
        self._cut_once(Cut.BEFORE, lambda seen: (seen.kind, seen.body) == ("C", body))

    def cut_statement(self, text: str) -> None:
        """Break the connection once, before a client's message that contains `text` arrives."""
        needle = text.encode()
        self._cut_once(Cut.BEFORE, lambda seen: seen.side == "client" and needle in seen.body)

    def freeze(self) -> None:
        """Swallow all traffic without a word, as a network that is gone does."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let the traffic that was held back go on."""
        self._flowing.set()

    async def accept(self) -> None:
        """Listen; the port stays the same after `refuse`."""
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Refuse new connections and break the open ones."""
        if self._listener is not None:
            self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        # The transports close their sockets in the loop's next round.
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Refuse everything and wait until nothing of this proxy runs."""
        await self.refuse()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cut_once(self, where: Cut, matches: Callable[[Message], bool]) -> None:
        def once(message: Message) -> Cut | None:
            if not matches(message):
                return None
            self.cut = lambda _: None
            return where

        self.cut = once

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        writers = {writer}
        self._writers.add(writer)
        try:
            await self._flowing.wait()
            up_reader, up_writer = await asyncio.open_connection(self.host, self.target_port)
            writers.add(up_writer)
            self._writers.add(up_writer)
            link = Link(reader, up_reader)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump("client", link.from_client, up_writer, writers))
                group.create_task(self._pump("server", link.from_server, writer, writers))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers -= writers
            for open_writer in writers:
                open_writer.transport.abort()

    async def _pump(
        self,
        side: Side,
        read: Callable[[], Awaitable[Packet]],
        target: asyncio.StreamWriter,
        writers: set[asyncio.StreamWriter],
    ) -> None:
        """Pass on one direction; its end closes the other side, a cut breaks both."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                packet = await read()
                await self._flowing.wait()
                await asyncio.sleep(self.delay)
                message = self._count(side, packet)
                await self.inspect(message)
                verdict = self.cut(message)
                if verdict is not Cut.BEFORE and not (side == "server" and self.drop_replies):
                    target.write(packet.raw)
                    await target.drain()
                if verdict is not None:
                    for writer in writers:
                        writer.transport.abort()
                    return
        target.close()

    def _count(self, side: Side, packet: Packet) -> Message:
        self.messages[side] += 1
        if side == "server" and self._last_side == "client":
            self.round_trips += 1
        self._last_side = side
        number = self.messages[side]
        return Message(side=side, number=number, kind=packet.kind, body=packet.body)


async def _ignore(_: Message) -> None:
    """Let a message pass."""


@asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    """Run a proxy in front of `host`:`port`."""
    proxy = Proxy(host, port)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()
