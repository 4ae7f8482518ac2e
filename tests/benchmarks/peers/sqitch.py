"""Sqitch, a Perl program of Debian's that runs its files of SQL with psql."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.benchmarks.installation import debian_packages, version_of
from tests.benchmarks.peers.kit import Peer, environment, steps, write_steps
from tests.benchmarks.stopwatch import Command

_PLANNED = "2026-01-01T00:00:00Z Benchmark <benchmark@localhost>"


def install(scratch: Path, psql: Path) -> Peer:
    """Install the packages and write plan and scripts."""
    debian_packages("sqitch", "sqitch", "libdbd-pg-perl")
    directory = scratch / "sqitch"
    write_steps(directory / "deploy", "{step}.sql")
    changes = "".join(f"{step} {_PLANNED} # {number}\n" for number, step, _ in steps())
    (directory / "sqitch.plan").write_text(f"%syntax-version=1.0.0\n%project=benchmark\n\n{changes}")
    (directory / "sqitch.conf").write_text("[core]\n\tengine = pg\n")
    person = {"SQITCH_FULLNAME": "Benchmark", "SQITCH_EMAIL": "benchmark@localhost"}

    def command(url: str) -> Command:
        target = url.replace("postgresql:", "db:pg:")
        argv = ("sqitch", "deploy", "--client", str(psql), "--target", target)
        return Command(argv=argv, environ=environment(**person), directory=directory)

    program = shutil.which("sqitch") or "sqitch"
    return Peer(name="sqitch", version=version_of((program, "--version")), command=command)
