"""Private PostgreSQL servers on loopback, made for a test session and thrown away with it."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import asyncpg

from tests.support.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.support.servers import ServerPool

CANARY_MARK = "kanari9"
# Every part that a wrong split of a URL could leave over carries the mark.
CANARY = CANARY_MARK.join(["", "@", ":", "/", "%", "#", "?", " ", ""])
ADMIN = "postgres"
OWNER = "morse"


StopMode = Literal["smart", "fast", "immediate"]

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d %a ",
}


class Server:
    """A PostgreSQL server in a directory of its own; every role's password is CANARY.

    `bin` holds its programs, `version` is its major version, `log` its log file. The role OWNER
    is what Render grants: no superuser, and owner of nothing but its databases.
    """

    def __init__(self, server_pool: ServerPool, name: str, settings: Mapping[str, str]) -> None:
        self._pool = server_pool
        self.bin = server_pool.bin
        self.version = server_pool.version
        self.directory = server_pool.directory / name
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.host = "127.0.0.1"
        self.port = free_port()
        self._settings = {**_SETTINGS, **settings}

    def url(self, dbname: str, *, user: str = OWNER, password: str = CANARY) -> str:
        """Return a URL of `dbname` over TCP, with every special character percent-encoded."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@{self.host}:{self.port}/{quote(dbname, safe='')}"

    async def admin(self, dbname: str = "postgres") -> asyncpg.Connection:
        """Return a superuser's connection, which the caller closes."""
        return await asyncpg.connect(self.url(dbname, user=ADMIN))

    def configure(self, **settings: str) -> None:
        """Set server parameters for the next start; the last value given wins."""
        lines = (f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(lines)

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        self._pg_ctl("start", "--wait", f"--timeout={PATIENCE_SECONDS}", f"--log={self.log}")

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server, if it runs, and wait until it has gone."""
        if self.running():
            self._pg_ctl("stop", "--wait", f"--timeout={PATIENCE_SECONDS}", f"--mode={mode}")

    def restart(self, mode: StopMode = "fast") -> None:
        """Stop the server and start it on the same port."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """Kill the server's first process and wait for its end; the others follow by themselves."""
        os.kill(self.pid(), signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.running():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server in {self.directory} outlived SIGKILL")
            time.sleep(0.01)

    def promote(self) -> None:
        """Make a standby the primary and wait until it accepts writes."""
        self._pg_ctl("promote", "--wait", f"--timeout={PATIENCE_SECONDS}")

    def running(self) -> bool:
        """Tell whether the server's first process is there; a killed one leaves its file."""
        try:
            os.kill(self.pid(), 0)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True

    def pid(self) -> int:
        """Return the process id of the server's first process; FileNotFoundError when stopped."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def standby(self, name: str = "standby") -> Server:
        """Return a started hot standby that follows this server by streaming."""
        standby = Server(self._pool, name, self._settings)
        self._pool.make_directory(standby.directory)
        login = f"user={ADMIN} password='{CANARY}' host={self.host} port={self.port}"
        self._pool.run(
            *("pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
            *(f"--pgdata={standby.data}", f"--dbname={login}"),
        )
        standby.write_settings()
        standby.start()
        self._pool.servers.append(standby)
        return standby

    def write_settings(self) -> None:
        """Write the port, the socket's place and the chosen settings for the next start."""
        place = {"port": str(self.port), "unix_socket_directories": str(self.directory)}
        self.configure(**self._settings, **place)

    def _pg_ctl(self, *argv: str) -> None:
        self._pool.run("pg_ctl", "--silent", f"--pgdata={self.data}", *argv, log=self.log)


def free_port() -> int:
    """Return a port below the ephemeral ones, so that no client takes it between two starts."""
    while True:
        port = random.randrange(15_000, 30_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
