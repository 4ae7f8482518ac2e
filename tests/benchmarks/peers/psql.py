"""psql with all files in one transaction: no history, so each start runs everything again."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.installation import version_of
from tests.benchmarks.peers.kit import Peer, environment, write_steps
from tests.benchmarks.stopwatch import Command


def install(scratch: Path, psql: Path) -> Peer:
    """Write the files; the program is the server's own."""
    directory = scratch / "psql"
    write_steps(directory, "{number}_{step}.sql")
    files = [word for file in sorted(directory.glob("*.sql")) for word in ("-f", file.name)]

    def command(url: str) -> Command:
        argv = (str(psql), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", *files, url)
        return Command(
            argv=argv, environ=environment(PGOPTIONS="-c client_min_messages=warning"), directory=directory
        )

    return Peer(name="psql -1 -f", version=version_of((str(psql), "--version")), command=command)
