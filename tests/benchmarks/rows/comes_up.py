"""A database that comes up while the product waits for it."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from datetime import UTC, datetime

from tests.benchmarks.background import running
from tests.benchmarks.bench import Bench, make_role
from tests.benchmarks.figures import Finding, Spread
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.stopwatch import Failed
from tests.support.cluster import Server
from tests.support.proxy import Proxy, proxied
from tests.support.waiting import eventually

_ROW = "database comes up while the product waits"
_READY = "database system is ready to accept connections"
_SECONDS = 30


async def measure(bench: Bench) -> Outcome:
    """Start the product first and the server, which is a real one, a while later."""
    server = await bench.server_pool.server("comes_up")
    delays, rates = [], []
    try:
        await make_role(server)
        async with (
            replace(bench, server=server).lent(initialised=True) as direct,
            proxied(server.host, server.port) as proxy,
        ):
            for _ in range(bench.options.slow_runs):
                server.stop()
                delay, rate = await _wait_for(bench, server, proxy, proxy.url(direct))
                delays.append(delay * 1000)
                rates.append(rate)
    finally:
        bench.server_pool.discard(server)
    return Outcome(
        findings=(
            Finding(
                row=_ROW,
                what="accepting connections to exec",
                spread=Spread.of(delays),
                limit=200,
                unit=" ms",
            ),
            Finding(row=_ROW, what="attempts to connect", spread=Spread.of(rates), limit=10, unit="/s"),
        )
    )


async def _wait_for(bench: Bench, server: Server, proxy: Proxy, url: str) -> tuple[float, float]:
    """Return the seconds from the server's readiness to exec, and the attempts in each second before."""
    before = proxy.connections
    async with running(bench.product.command(url)) as process:
        await eventually(lambda: proxy.connections > before, what="a first attempt to connect")
        first = time.time()
        # Long enough for a rate, and never in step with the attempts.
        await asyncio.sleep(1.5 + random.random())  # noqa: S311 - no secret
        await asyncio.to_thread(server.start)
        code = await asyncio.wait_for(process.wait(), _SECONDS)
        ended = time.time()
    if code != 0:
        raise Failed(f"a start that waited for its database ended with {code}")
    ready = _ready(server)
    return ended - ready, (proxy.connections - before) / (ready - first)


def _ready(server: Server) -> float:
    """Return when the server last said, in its log, that it accepts connections."""
    lines = [line for line in server.log.read_text().splitlines() if _READY in line]
    day, clock = lines[-1].split()[:2]
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC).timestamp()
