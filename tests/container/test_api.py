"""In front of the API: the entrypoint hands over, and the API does not notice that it was ever there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import free_port
from tests.support.container.image_store import Image
from tests.support.container.run_image import Launcher
from tests.support.database import Database
from tests.support.database_state import assert_converged
from tests.support.process import Running, run_entrypoint, started_entrypoint
from tests.support.waiting import PATIENCE_SECONDS, eventually

_SECONDS = 3
_USER = 1000
_CODE_ON_SIGTERM = 42
# Read by the shell itself: while it starts a program, it blocks all signals for a moment.
_PROBE = """
ls /proc/$$/fd
while read -r line; do
    case $line in SigIgn:* | SigBlk:* | SigPnd:*) echo "$line" ;; esac
done < /proc/$$/status
echo "parent: $PPID"
echo "cwd: $(pwd)"
echo "names: $(env | cut --delimiter = --fields 1 | xargs)"
echo "NODE_ENV: $NODE_ENV"
echo "GREETING: $GREETING"
echo "url: $(printf %s "$DATABASE_URL" | sha256sum | cut --characters 1-64)"
"""
# What a shell adds, and a Python in a container that names no locale.
_ADDED = {"OLDPWD", "PWD", "SHLVL", "_", "LC_CTYPE"}
# Signals 32 and 33 are glibc's own; `make` and a shell may leave them ignored.
_INTERNAL_TO_LIBC = 0b11 << 31


@asynccontextmanager
async def serving(database: Database, command: tuple[str, ...]) -> AsyncIterator[tuple[Running, int]]:
    """Start the image as Render does, without arguments; yield it and its port once the API answers."""
    port = free_port()
    env = {
        "DATABASE_URL": database.url,
        "MORSE_ADMIN_DATABASE_URL": database.url,
        "PORT": str(port),
    }
    async with started_entrypoint(env=env, command=command) as running:
        await running.wait_for_text("The stand-in API answers.")
        yield running, port


async def ask(port: int, path: str, method: str = "GET") -> tuple[int, Any]:
    """Return the status and the body of an answer of the API."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head:
        body = body.split(b"\r\n")[1]
    return int(head.split(b" ")[1]), json.loads(body)


async def test_a_deploy(api: Image, launched: Launcher, empty_database: Database) -> None:
    """The first deploy makes the database, hands over, and the API answers from its tables."""
    async with serving(empty_database, launched(api)) as (running, port):
        answer = await ask(port, "/health")
        events = [event["event"] for event in running.events()]
        _, api_itself = await ask(port, "/process")

    assert (200, {"status": "ok", "workouts": 0}) == answer
    assert "process.handed_over" == events[-1]
    assert "/srv/morse-api" == api_itself["cwd"]
    await assert_converged(empty_database)


async def test_the_processes(api: Image, launched: Launcher, initialised_database: Database) -> None:
    """PID 1 is the init, the API is its only child, and neither is root."""
    async with serving(initialised_database, launched(api)) as (_, port):
        _, seen = await ask(port, "/process")

    processes = [(process["name"], process["pid"], process["parent"]) for process in seen["processes"]]
    assert [("tini", 1, 0), ("node", seen["pid"], 1)] == processes
    assert (_USER, _USER) == (seen["uid"], seen["gid"])


async def test_orphans(api: Image, launched: Launcher, initialised_database: Database) -> None:
    """A process that the API leaves behind is reaped when it ends."""
    async with serving(initialised_database, launched(api)) as (_, port):
        _, orphan = await ask(port, "/orphan", "POST")

        async def gone() -> bool:
            _, seen = await ask(port, "/process")
            return orphan["pid"] not in [process["pid"] for process in seen["processes"]]

        await eventually(gone, what="a reaped orphan")


async def test_sigterm_after_the_handover(
    api: Image, launched: Launcher, initialised_database: Database
) -> None:
    """SIGTERM reaches the API, which ends as it likes, and its exit code is the container's."""
    async with serving(initialised_database, launched(api)) as (running, _):
        ended = await running.end(signal.SIGTERM, within=_SECONDS)

    assert _CODE_ON_SIGTERM == ended.exit_code
    assert "signal.received" not in ended.event_names


def test_what_the_command_inherits(api: Image, launched: Launcher, initialised_database: Database) -> None:
    """COMMAND finds default signals, an empty mask, three descriptors, and the API image's own directory."""
    seen = _probe(api, launched, initialised_database)

    assert (0, 0, 0) == tuple(
        int(seen[name], 16) & ~_INTERNAL_TO_LIBC for name in ("SigIgn", "SigBlk", "SigPnd")
    )
    assert ("1", "0 1 2", "/srv/morse-api") == (seen["parent"], seen["descriptors"], seen["cwd"])


def test_the_environment_of_the_command(
    api: Image, launched: Launcher, initialised_database: Database
) -> None:
    """COMMAND gets its image's variables and the service's, but never the URL of the owner."""
    seen = _probe(api, launched, initialised_database)
    names = {"DATABASE_URL", "GREETING", "HOME", "NODE_ENV", "PATH"}

    assert names == set(seen["names"].split()) - _ADDED
    assert ("production", "hello") == (seen["NODE_ENV"], seen["GREETING"])
    assert hashlib.sha256(initialised_database.url.encode()).hexdigest() == seen["url"]


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("sh", "-c", "exit 7"), 7),
        (("sh", "-c", "kill -KILL $$"), 137),
        (("sh", "-c", "kill -TERM $$"), 143),
        (("no-such-program",), ExitCode.NOT_FOUND),
        (("/etc/passwd",), ExitCode.NOT_EXECUTABLE),
    ],
)
def test_exit_codes(
    api: Image, launched: Launcher, initialised_database: Database, words: tuple[str, ...], exit_code: int
) -> None:
    """The container ends with COMMAND's exit code, or with a shell's when it cannot be run."""
    env = {"DATABASE_URL": initialised_database.url}

    assert exit_code == run_entrypoint(*words, env=env, command=launched(api)).exit_code


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ("wait",)),
        ((), ("morse-entrypoint", "wait")),
        (("--entrypoint", "morse-entrypoint"), ("wait",)),
    ],
    ids=["instead of CMD", "named in CMD", "instead of ENTRYPOINT"],
)
def test_a_worker(
    api: Image,
    launched: Launcher,
    initialised_database: Database,
    options: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    """A worker starts behind `wait`, whatever part of the image the platform's command replaces."""
    env = {"DATABASE_URL": initialised_database.url}
    ended = run_entrypoint(*words, "echo", "the worker runs", env=env, command=launched(api, *options))

    assert 0 == ended.exit_code, ended.stdout + ended.stderr
    assert "the worker runs" in ended.stdout


def _probe(api: Image, launched: Launcher, database: Database) -> dict[str, str]:
    """Run a shell as COMMAND and return what it finds; of the URL, which no output may hold, a digest."""
    env = {
        "DATABASE_URL": database.url,
        "MORSE_ADMIN_DATABASE_URL": database.url,
        "GREETING": "hello",
    }
    ended = run_entrypoint("sh", "-c", _PROBE, env=env, command=launched(api))
    assert 0 == ended.exit_code, ended.stdout + ended.stderr
    lines = [line.partition(":") for line in ended.stdout.splitlines() if not line.startswith("{")]
    descriptors = " ".join(name for name, colon, _ in lines if not colon)
    return {"descriptors": descriptors, **{name: value.strip() for name, colon, value in lines if colon}}
