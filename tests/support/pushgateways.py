"""Pushgateways: the real one as a process, and servers that only look like one."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.cluster import free_port
from tests.support.fake_servers import serving
from tests.support.waiting import PATIENCE_SECONDS, eventually

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One request that arrived; the names of `headers` are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@asynccontextmanager
async def recording(status: str = "200 OK", body: str = "") -> AsyncIterator[tuple[int, list[Push]]]:
    """Yield the port of a server that gives every request the same answer, and what arrives there."""
    pushes: list[Push] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pushes.append(await _request(reader))
        answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
        writer.write(answer.encode())
        await writer.drain()
        await reader.read()

    async with serving(handler) as port:
        yield port, pushes


def trickling(start: bytes) -> AbstractAsyncContextManager[int]:
    """Answer with `start` and then a byte at a time, without end, so that no single wait is long."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        writer.write(start)
        while True:
            await writer.drain()
            await asyncio.sleep(_PAUSE_SECONDS)
            writer.write(b"a")

    return serving(handler)


async def _request(reader: asyncio.StreamReader) -> Push:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Push(method=method, path=path, headers=headers, body=body.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A real Pushgateway that listens on `port` and stores nothing."""

    port: int

    async def metrics(self) -> str:
        """Return what Prometheus would scrape there."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
            head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        finally:
            writer.close()
            await writer.wait_closed()
        assert " 200 " in head.splitlines()[0], head
        return body

    async def samples(self, name: str) -> dict[tuple[tuple[str, str], ...], float]:
        """Return the values of one of our metrics by their labels, sorted, the empty `instance` left out."""
        return {
            tuple(sorted((label, value) for label, value in sample.labels.items() if label != "instance")): (
                sample.value
            )
            for family in text_string_to_metric_families(await self.metrics())
            for sample in family.samples
            if sample.name == f"morse_entrypoint_{name}"
        }


def debian_program(name: str, package: str) -> str:
    """Return the path of a program of Prometheus', or skip the test that needs it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; on Debian: apt-get install {package}")
    return found


@asynccontextmanager
async def pushgateway(*options: str) -> AsyncIterator[Gateway]:
    """Run Debian's Pushgateway; it is gone with the block."""
    program = debian_program("prometheus-pushgateway", "prometheus-pushgateway")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(program, f"--web.listen-address=127.0.0.1:{port}", "--persistence.file=", *options),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: _accepts(port), what="the Pushgateway accepts connections")
        yield Gateway(port=port)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def promtool(*arguments: str, text: str | None = None, accepted: Sequence[int] = (0,)) -> str:
    """Run promtool with `text` as its input and return what it said; AssertionError when it complains."""
    program = debian_program("promtool", "prometheus")
    completed = subprocess.run(  # noqa: S603 - Debian's own program
        [program, *arguments],
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert completed.returncode in accepted, completed.stdout
    return re.sub(r"\s+$", "", completed.stdout)
