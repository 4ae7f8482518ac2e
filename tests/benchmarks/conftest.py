"""A benchmark's bench for tests: the shared server, this checkout as the product, one run of each."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.bench import Bench, Options, Product, make_role
from tests.benchmarks.peers import psql
from tests.benchmarks.stopwatch import Stopwatch
from tests.support.cluster import Server
from tests.support.process import ROOT
from tests.support.servers import ServerPool


@pytest.fixture
def stopwatch(tmp_path: Path) -> Iterator[Stopwatch]:
    """Lend a stopwatch whose commands print into a file of this test's."""
    with Stopwatch(tmp_path / "output") as stopwatch:
        yield stopwatch


@pytest.fixture(scope="session")
def role(server: Server) -> None:
    """Create the role that owns the benchmark's databases."""
    asyncio.run(make_role(server))


@pytest.fixture
def bench(server_pool: ServerPool, server: Server, role: None, stopwatch: Stopwatch, tmp_path: Path) -> Bench:  # noqa: ARG001
    """Lend a bench with psql as the only peer, so that nothing has to be installed."""
    program = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "entrypoint")
    return Bench(
        server_pool=server_pool,
        server=server,
        product=Product(program=program, python=Path(sys.executable)),
        stopwatch=stopwatch,
        scratch=tmp_path,
        options=Options(runs=2, slow_runs=1, rows=1000, window_seconds=1, open_seconds=1),
        peers=(psql.install(tmp_path, server.bin / "psql"),),
    )
