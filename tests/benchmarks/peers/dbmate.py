"""dbmate, a Go program with files of SQL; its npm package holds the native binary."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.installation import NotInstalled, node_packages, version_of
from tests.benchmarks.peers.kit import Peer, environment, write_steps
from tests.benchmarks.stopwatch import Command


def install(scratch: Path, _: Path) -> Peer:
    """Install the package and write the migrations."""
    directory = scratch / "dbmate"
    modules = node_packages(directory, "dbmate").parent
    # Without the JavaScript around it, which would cost more than the program itself.
    binary = next(modules.glob("@dbmate/*/bin/dbmate"), None)
    if binary is None:
        raise NotInstalled("the package holds no binary for this machine")
    write_steps(
        directory / "migrations", "{number:014}_{step}.sql", "-- migrate:up\n{}\n-- migrate:down\n".format
    )

    def command(url: str) -> Command:
        argv = (str(binary), "--migrations-dir", "migrations", "--no-dump-schema", "migrate")
        environ = environment(DATABASE_URL=f"{url}?sslmode=disable")
        return Command(argv=argv, environ=environ, directory=directory)

    return Peer(name="dbmate", version=version_of((str(binary), "--version")), command=command)
