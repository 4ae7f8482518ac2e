"""Measure what a start costs: `python -m tests.benchmarks [ROW...] [--quick] [--record]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import installation, machine, record
from tests.benchmarks.bench import Bench, Options, Product, make_role
from tests.benchmarks.installation import NotInstalled
from tests.benchmarks.outcome import Outcome
from tests.benchmarks.peers import everyone
from tests.benchmarks.record import Record
from tests.benchmarks.rows.everything import ROWS
from tests.benchmarks.stopwatch import Failed, Stopwatch
from tests.support.process import ROOT
from tests.support.servers import ServerPool

_SCRATCH = ROOT / ".bench"
_LATEST = Path(__file__).with_name("latest")
# Only these let the peers run.
_WITH_PEERS = {"quiet", "first"}


def main() -> int:
    """Measure the chosen rows and return 1 when a target was missed or nothing could be measured."""
    arguments = _parse(sys.argv[1:])
    rows = tuple(arguments.rows) or tuple(ROWS)
    # Whoever stops the benchmark finds neither its servers nor its starters left.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        taken = measure(rows, _options(quick=arguments.quick))
    except NotInstalled as reason:
        _log_wait(str(reason))
        return 1
    _SCRATCH.mkdir(exist_ok=True)
    _write(_SCRATCH / "results", taken)
    if arguments.record:
        _write(_LATEST, taken)
        record.write_into(ROOT / record.PAGE, taken)
    sys.stdout.write(record.to_markdown(taken))
    return int(taken.missed)


def measure(rows: Sequence[str], options: Options) -> Record:
    """Install what is measured, start a server, and measure `rows`, keys of ROWS, one after the other."""
    _SCRATCH.mkdir(exist_ok=True)
    _log_wait("installing the product and its peers")
    programs = installation.product(_SCRATCH)
    product = Product(program=(str(programs / "morse-entrypoint"),), python=programs / "python")
    server_pool = ServerPool()
    try:
        with Stopwatch(_SCRATCH / "output") as stopwatch:
            return asyncio.run(_measure(server_pool, product, stopwatch, options, rows))
    finally:
        server_pool.close()


async def _measure(
    server_pool: ServerPool, product: Product, stopwatch: Stopwatch, options: Options, rows: Sequence[str]
) -> Record:
    server = await server_pool.server("bench")
    await make_role(server)
    wanted = not _WITH_PEERS.isdisjoint(rows)
    peers, skipped = everyone.install(_SCRATCH, server.bin / "psql") if wanted else ((), ())
    bench = Bench(
        server_pool=server_pool,
        server=server,
        product=product,
        stopwatch=stopwatch,
        scratch=_SCRATCH,
        options=options,
        peers=peers,
        skipped=skipped,
    )
    outcomes, failed = await _run(bench, rows)
    return record.collect(
        outcomes,
        failed,
        machine=machine.describe(str(server.version)),
        day=datetime.now(UTC).date().isoformat(),
        versions={peer.name: peer.version for peer in peers},
    )


async def _run(bench: Bench, rows: Sequence[str]) -> tuple[list[Outcome], list[str]]:
    """Measure one row after the other; one that fails does not cost the others their figures."""
    outcomes, failed = [], []
    for name in rows:
        began = time.monotonic()
        try:
            outcomes.append(await ROWS[name](bench))
        except (Failed, TimeoutError) as error:
            told = str(error) or type(error).__name__
            failed.append(f"{name}: {told.splitlines()[0]}")
            _log_wait(f"{name}: {told}")
        else:
            _log_wait(f"{name}: {time.monotonic() - began:.0f} s")
    return outcomes, failed


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure what a start costs."
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"any of {', '.join(ROWS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="few runs: a look whether everything works")
    parser.add_argument("--record", action="store_true", help="put the figures into docs/performance.md")
    arguments = parser.parse_args(argv)
    if unknown := sorted(set(arguments.rows) - set(ROWS)):
        parser.error(f"no such row: {', '.join(unknown)}")
    if arguments.record and (arguments.rows or arguments.quick):
        parser.error("--record takes every row, and no --quick")
    return arguments


def _options(*, quick: bool) -> Options:
    options = Options.quick() if quick else Options()
    rows = os.environ.get("BENCH_ROWS")
    return replace(options, rows=int(rows)) if rows else options


def _write(path: Path, taken: Record) -> None:
    path.with_suffix(".json").write_text(record.to_json(taken), "utf-8")
    path.with_suffix(".svg").write_text(record.to_svg(taken), "utf-8")


def _log_wait(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")


if __name__ == "__main__":
    sys.exit(main())
