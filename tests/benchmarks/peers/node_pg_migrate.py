"""node-pg-migrate, on Node.js, with files of SQL."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.installation import node_packages, node_version
from tests.benchmarks.peers.kit import Peer, environment, write_steps
from tests.benchmarks.stopwatch import Command


def install(scratch: Path, _: Path) -> Peer:
    """Install the package with its driver, and write the migrations."""
    directory = scratch / "node-pg-migrate"
    program = node_packages(directory, "node-pg-migrate", "pg") / "node-pg-migrate"
    write_steps(directory / "migrations", "{number}_{step}.sql", "-- Up Migration\n{}".format)

    def command(url: str) -> Command:
        argv = (str(program), "up", "--migrations-dir", "migrations")
        return Command(argv=argv, environ=environment(DATABASE_URL=url), directory=directory)

    return Peer(name="node-pg-migrate", version=node_version(program, "node-pg-migrate"), command=command)
