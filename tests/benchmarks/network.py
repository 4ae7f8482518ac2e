"""A network with latency in front of the server, and the round trips that a start makes over it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.background import running
from tests.benchmarks.stopwatch import Command, Failed
from tests.support.cluster import Server
from tests.support.proxy import Message, proxied

_SCRIPT = Path(__file__).with_name("delay_line.py")
_SECONDS = 60
_READY = "Z"


@contextmanager
def distant(server: Server, url: str, seconds: float) -> Iterator[str]:
    """Yield `url` through a network on which a round trip takes `seconds` longer."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(_SCRIPT), str(server.port), str(seconds / 2)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield url.replace(f":{server.port}/", f":{port}/")
    finally:
        process.kill()
        process.communicate()


async def round_trips_after_login(server: Server, url: str, command: Command) -> int:
    """Run `command` with its DATABASE_URL through a counting proxy, and return its round trips.

    A round trip is a change from the client's to the server's message after the login's last one.
    """
    at_login: list[int] = []

    async with proxied(server.host, server.port) as proxy:

        async def inspect(message: Message) -> None:
            if message.side == "server" and message.kind == _READY and not at_login:
                at_login.append(proxy.round_trips)

        proxy.inspect = inspect
        through = replace(command, environ={**command.environ, "DATABASE_URL": proxy.url(url)})
        async with running(through) as process:
            code = await asyncio.wait_for(process.wait(), _SECONDS)
        if code != 0 or not at_login:
            raise Failed(f"{command.argv[0]} ended with {code} behind a proxy")
        return proxy.round_trips - at_login[0]
