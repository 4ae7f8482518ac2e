"""graphile-migrate, on Node.js, with committed files of SQL that are chained by their hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.benchmarks.installation import node_packages, node_version
from tests.benchmarks.peers.kit import Peer, environment, steps
from tests.benchmarks.stopwatch import Command


def install(scratch: Path, _: Path) -> Peer:
    """Install the package and write the migrations as it would have committed them."""
    directory = scratch / "graphile-migrate"
    program = node_packages(directory, "graphile-migrate") / "graphile-migrate"
    committed = directory / "migrations" / "committed"
    committed.mkdir(parents=True, exist_ok=True)
    previous = ""
    for number, _step, text in steps():
        hashed = _hash(text, previous)
        header = f"--! Previous: {previous or '-'}\n--! Hash: {hashed}\n"
        (committed / f"{number:06}.sql").write_text(f"{header}\n{text.strip()}\n")
        previous = hashed
    (directory / ".gmrc").write_text("{}\n")

    def command(url: str) -> Command:
        return Command(
            argv=(str(program), "migrate"), environ=environment(DATABASE_URL=url), directory=directory
        )

    return Peer(name="graphile-migrate", version=node_version(program, "graphile-migrate"), command=command)


def _hash(text: str, previous: str) -> str:
    hashed = f"{previous}\n{text.strip()}".strip() + "\n"
    return "sha1:" + hashlib.sha1(hashed.encode()).hexdigest()  # noqa: S324 - the tool's own choice
