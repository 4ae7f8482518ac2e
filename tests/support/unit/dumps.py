"""Texts as pg_dump writes them, small and hostile."""

from __future__ import annotations

from itertools import chain
from typing import Any

from entrypoint.backup.dump_reader import CopyBegin, CopyChunk, CopyEnd, Reader

PREAMBLE = r"""--
-- PostgreSQL database dump
--

\restrict bT7xYq

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

"""
END = r"""--
-- PostgreSQL database dump complete
--

\unrestrict bT7xYq

"""


def entry(name: str, kind: str, text: str, schema: str = "public", *, data: bool = False) -> str:
    """Return statements under the header that pg_dump gives them."""
    prefix = "Data for " if data else ""
    return f"--\n-- {prefix}Name: {name}; Type: {kind}; Schema: {schema}; Owner: -\n--\n\n{text}\n\n\n"


def rows(table: str, columns: str, lines: str) -> str:
    """Return a table's rows; each of `lines` ends with a line end."""
    copy = f"COPY public.{table} ({columns}) FROM stdin;\n{lines}\\."
    return entry(table.strip('"'), "TABLE DATA", copy, data=True)


def dump(*parts: str) -> bytes:
    """Return a whole dump."""
    return (PREAMBLE + "".join(parts) + END).encode()


def read(text: bytes, size: int = 1 << 16) -> list[Any]:
    """Read a dump in chunks of `size` bytes, and put the chunks of a table's rows together."""
    reader, found = Reader(), list[Any]()
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    for item in chain(*map(reader.feed, chunks), reader.finish()):
        if isinstance(item, CopyChunk) and isinstance(found[-1], CopyChunk):
            found[-1] = CopyChunk(data=found[-1].data + item.data)
        else:
            found.append(item)
    return found


def written(found: list[Any]) -> bytes:
    """Return the text that was read."""
    parts = []
    for item in found:
        match item:
            case CopyChunk(data=data):
                parts.append(data)
            case CopyEnd():
                parts.append(b"\\.\n")
            case CopyBegin(text=text):
                parts.append(text.encode())
            case _:
                parts.append(item.text.encode())
    return b"".join(parts)
