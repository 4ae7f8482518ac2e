"""Find PostgreSQL's messages in the two streams of a connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_CHUNK_BYTES = 1 << 16
_ENCRYPTION_REQUESTS = {80877103, 80877104}


@dataclass(frozen=True, slots=True)
class Packet:
    """The bytes of one message, and what they are."""

    kind: str
    raw: bytes
    body: bytes


class Link:
    """Find the messages of one connection; an encrypted one is passed on as it comes."""

    def __init__(self, client: asyncio.StreamReader, server: asyncio.StreamReader) -> None:
        self._client = client
        self._server = server
        self._logging_in = True
        self._asked = False
        self._encrypted = False

    async def from_client(self) -> Packet:
        """Return the client's next message; IncompleteReadError at the end."""
        first = await self._client.readexactly(1)
        if self._encrypted:
            return await self._opaque(self._client, first)
        if not self._logging_in:
            return await self._typed(self._client, first)
        raw = first + await self._client.readexactly(3)
        body = await self._client.readexactly(int.from_bytes(raw) - 4)
        self._asked = int.from_bytes(body[:4]) in _ENCRYPTION_REQUESTS
        self._logging_in = self._asked
        return Packet("startup", raw + body, body)

    async def from_server(self) -> Packet:
        """Return the server's next message; IncompleteReadError at the end."""
        first = await self._server.readexactly(1)
        if self._encrypted:
            return await self._opaque(self._server, first)
        if self._asked:
            self._asked = False
            self._encrypted = first != b"N"
            return Packet("answer", first, first)
        return await self._typed(self._server, first)

    async def _typed(self, reader: asyncio.StreamReader, kind: bytes) -> Packet:
        length = await reader.readexactly(4)
        body = await reader.readexactly(int.from_bytes(length) - 4)
        return Packet(kind.decode("latin-1"), kind + length + body, body)

    async def _opaque(self, reader: asyncio.StreamReader, first: bytes) -> Packet:
        return Packet("opaque", first + await reader.read(_CHUNK_BYTES), b"")
