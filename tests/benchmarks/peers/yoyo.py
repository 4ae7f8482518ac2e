"""yoyo-migrations, which splits files of SQL into statements."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.installation import python_packages, python_version
from tests.benchmarks.peers.kit import Peer, environment, write_steps
from tests.benchmarks.stopwatch import Command


def install(scratch: Path, _: Path) -> Peer:
    """Install the package with its usual driver, and write the migrations."""
    directory = scratch / "yoyo"
    # It asks for pkg_resources, which newer environments do not bring.
    packages = ("yoyo-migrations", "psycopg2-binary", "setuptools<80")
    program = python_packages(directory / "venv", *packages) / "yoyo"
    write_steps(directory / "migrations", "{number:04}_{step}.sql")

    def command(url: str) -> Command:
        argv = (str(program), "apply", "--batch", "--no-config-file", "--database", url, "migrations")
        return Command(argv=argv, environ=environment(), directory=directory)

    return Peer(name="yoyo", version=python_version(program, "yoyo-migrations"), command=command)
