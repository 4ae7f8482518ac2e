"""Four clients that write short transactions at a steady rate, and how long each of them took."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.background import running
from tests.benchmarks.bench import Bench
from tests.benchmarks.peers.kit import environment
from tests.benchmarks.stopwatch import Command, Failed

_CLIENTS = 4
_SCRIPT = Path(__file__).with_name("traffic.sql")
_GRACE_SECONDS = 30


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What the clients did; filled in when the traffic has ended.

    A latency runs from the moment in which the transaction was due; `own` times leave out how long it had
    to wait for its client, which still had the one before. Seconds.
    """

    rate: int
    seconds: float
    latencies: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    @property
    def throughput(self) -> float:
        """Transactions a second."""
        return len(self.latencies) / self.seconds


@asynccontextmanager
async def flowing(bench: Bench, url: str, *, seconds: float, rate: int) -> AsyncIterator[Traffic]:
    """Let traffic flow for `seconds`, while the block runs and on to its end.

    Raises Failed when a client did not get through.
    """
    directory = bench.scratch / "traffic"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    traffic = Traffic(rate=rate, seconds=max(1, round(seconds)))
    program = (str(bench.server.bin / "pgbench"), "--no-vacuum", f"--client={_CLIENTS}", f"--rate={rate}")
    wanted = (f"--time={traffic.seconds:.0f}", f"--file={_SCRIPT}", "--log")
    command = Command(argv=(*program, *wanted, url), environ=environment(), directory=directory)
    async with running(command, read=True) as process:
        yield traffic
        printed, _ = await asyncio.wait_for(process.communicate(), seconds + _GRACE_SECONDS)
    if process.returncode != 0:
        raise Failed(f"pgbench ended with {process.returncode}:\n{printed.decode()}")
    for log in directory.iterdir():
        for line in log.read_text().splitlines():
            words = line.split()
            latency, lag = int(words[2]) / 1e6, int(words[6]) / 1e6
            traffic.latencies.append(latency)
            traffic.own.append(latency - lag)
