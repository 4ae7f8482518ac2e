"""One gzip stream, in and out, in pieces."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

CHUNK_BYTES = 256 * 1024

_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 6


class DamagedArchive(ValueError):
    """The bytes are not one complete gzip stream."""


class Packer:
    """Compresses what it is fed into one gzip stream."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def feed(self, data: bytes) -> bytes:
        """Return what is ready, often nothing."""
        return self._deflate.compress(data)

    def finish(self) -> bytes:
        """Return the rest and the checksum."""
        return self._deflate.flush()


class Unpacker:
    """Gives back what was compressed, in pieces that stay small however well it was compressed."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP)

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield the content of `packed`. Raises DamagedArchive."""
        while packed:
            if self._inflate.eof:
                raise DamagedArchive("something follows its end")
            try:
                piece = self._inflate.decompress(packed, CHUNK_BYTES)
            except zlib.error as error:
                raise DamagedArchive("its content is damaged") from error
            packed = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise DamagedArchive unless the end and its checksum were there."""
        if not self._inflate.eof:
            raise DamagedArchive("it is cut off")
