"""Metrics that nobody can take: how the run ends is the same, and a warning says what was lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from entrypoint.report.prometheus import LAST_SUCCESS
from entrypoint.report.pushgateway import LIMIT_SECONDS
from tests.support import fake_servers, pushgateways
from tests.support.cluster import CANARY_MARK, free_port
from tests.support.database import Database
from tests.support.database_state import assert_converged
from tests.support.deploys import deploy
from tests.support.process import Completed, run_entrypoint, started_entrypoint
from tests.support.waiting import PATIENCE_SECONDS

# What any machine takes between the timer and the line that tells of it.
_SLACK_SECONDS = 1.0
_RETYPED = "ALTER TABLE teams ALTER COLUMN team_name TYPE VARCHAR(300)"
_PROBE = "import os; print([item for item in os.environ.items() if item[0].startswith('MORSE_')])"


def mounted(directory: Path, options: str) -> None:
    """Mount a small file system, or skip the test."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own path
    if done.returncode:
        pytest.skip(f"this machine mounts no tmpfs: {done.stderr.decode().strip()}")


@pytest.fixture(params=["missing", "no folder", "taken", "read-only", "full"])
def useless_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Name a path at which no metrics can be written, each for another reason."""
    folder = tmp_path / "metrics"
    match request.param:
        case "no folder":
            folder.write_text("a file", encoding="utf-8")
        case "taken":
            (folder / "morse.prom").mkdir(parents=True)
        case "read-only" | "full":
            folder.mkdir()
            mounted(folder, "ro" if request.param == "read-only" else "size=64k")
            if request.param == "full":
                fill(folder)
    yield folder / "morse.prom"
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S603 - our own path


def fill(folder: Path) -> None:
    """Write until there is no space left."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def ending(completed: Completed) -> tuple[int, str]:
    """Return what must not depend on metrics: the exit code and how the run says it ended."""
    return completed.exit_code, completed.event_names[-1]


async def broken(database: Database) -> None:
    """Change the database so that a person has to decide, which makes every start fail."""
    connection = await database.connect()
    await connection.execute(_RETYPED)


@pytest.mark.representative("missing", "full")
async def test_a_path_that_cannot_be_written(initialised_database: Database, useless_path: Path) -> None:
    """A folder that is missing, none, read-only or full costs a warning; what lies there is left alone."""
    before = sorted(useless_path.parent.iterdir()) if useless_path.parent.is_dir() else []
    completed = await deploy(initialised_database, MORSE_METRICS_TEXTFILE=str(useless_path))
    warned = completed.event("metrics.write_failed")
    assert (ExitCode.OK, "start.finished") == ending(completed)
    assert ("warning", str(useless_path)) == (warned["level"], warned["path"])
    assert warned["reason"]
    assert before == (sorted(useless_path.parent.iterdir()) if useless_path.parent.is_dir() else [])


@asynccontextmanager
async def _nobody() -> AsyncIterator[int]:
    yield free_port()


@asynccontextmanager
async def _refusing() -> AsyncIterator[int]:
    async with pushgateways.recording("500 Internal Server Error", "out of memory") as (port, _):
        yield port


_GATEWAYS: dict[str, Callable[[], AbstractAsyncContextManager[int]]] = {
    "down": _nobody,
    "silent": fake_servers.silent,
    "trickling": partial(pushgateways.trickling, b"HTTP/1.1 200 OK\r\nX-Long: "),
    "closing": fake_servers.closing,
    "answering 500": _refusing,
}


@pytest.mark.representative("silent")
@pytest.mark.parametrize("kind", _GATEWAYS)
async def test_a_gateway_that_takes_nothing(initialised_database: Database, kind: str) -> None:
    """A start ends as without a Pushgateway, at most the limit later, and no login is shown."""
    async with _GATEWAYS[kind]() as port:
        url = f"http://push:{CANARY_MARK}@127.0.0.1:{port}/{CANARY_MARK}"
        completed = await deploy(initialised_database, MORSE_PUSHGATEWAY_URL=url)
    warned = completed.event("metrics.push_failed")
    assert (ExitCode.OK, "start.finished") == ending(completed)
    assert ("warning", f"http://127.0.0.1:{port}") == (warned["level"], warned["gateway"])
    assert warned["reason"]
    assert warned["seconds"] < LIMIT_SECONDS + _SLACK_SECONDS + completed.waited
    await assert_converged(initialised_database)


async def test_a_name_that_does_not_exist(initialised_database: Database) -> None:
    """A host that nobody knows is told of like any other failure."""
    completed = await deploy(initialised_database, MORSE_PUSHGATEWAY_URL="http://gateway.invalid:9091")
    assert (ExitCode.OK, "start.finished") == ending(completed)
    assert (
        completed.event("metrics.push_failed")["seconds"] < LIMIT_SECONDS + _SLACK_SECONDS + completed.waited
    )


async def test_a_failed_start_fails_as_it_would(initialised_database: Database) -> None:
    """A start that fails does so with its own exit code and words, also when its metrics are not taken."""
    await broken(initialised_database)
    without = await deploy(initialised_database)
    async with fake_servers.silent() as port:
        completed = await deploy(initialised_database, MORSE_PUSHGATEWAY_URL=f"http://127.0.0.1:{port}")
    assert (ExitCode.INCOMPATIBLE, "start.failed") == ending(without)
    assert ending(without) == ending(completed)
    assert without.event("start.failed")["message"] == completed.event("start.failed")["message"]
    assert "metrics.push_failed" in completed.event_names


async def test_a_failed_run_keeps_the_last_success(initialised_database: Database, tmp_path: Path) -> None:
    """After a success and a failure the file tells of the failure, and of when the success was."""
    file = tmp_path / "morse.prom"
    await deploy(initialised_database, MORSE_METRICS_TEXTFILE=str(file))
    [success] = [line for line in file.read_text().splitlines() if line.startswith(LAST_SUCCESS)]
    await broken(initialised_database)
    completed = await deploy(initialised_database, MORSE_METRICS_TEXTFILE=str(file))
    assert ExitCode.INCOMPATIBLE == completed.exit_code
    lines = file.read_text().splitlines()
    assert 'morse_entrypoint_outcome{outcome="failed"} 1.0' in lines
    assert f"morse_entrypoint_exit_code {float(ExitCode.INCOMPATIBLE)}" in lines
    assert success in lines


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A run that never connected leaves metrics of its failure."""
    file = tmp_path / "morse.prom"
    env = {
        "DATABASE_URL": f"postgresql://morse:{CANARY_MARK}@127.0.0.1:{free_port()}/morse",
        "MORSE_START_BUDGET_SECONDS": "1",
        "MORSE_METRICS_TEXTFILE": str(file),
    }
    assert ExitCode.UNREACHABLE == run_entrypoint("--init-only", env=env).exit_code
    text = file.read_text()
    assert "morse_entrypoint_exit_code 2.0\n" in text
    assert CANARY_MARK not in text


@pytest.mark.representative("plan")
@pytest.mark.parametrize("argv", [("--initonly",), ("plan",), ("status",), ("--help",)], ids=" ".join)
async def test_what_is_no_run_is_not_measured(
    initialised_database: Database, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    """A mistake in the command line and a question leave the metrics of the last run as they are."""
    file = tmp_path / "morse.prom"
    await deploy(initialised_database, None, *argv, MORSE_METRICS_TEXTFILE=str(file))
    assert not file.exists()


async def test_a_mistake_of_our_own_is_measured(initialised_database: Database, tmp_path: Path) -> None:
    """A run that ends with code 70 is a failure in the metrics, too."""
    file = tmp_path / "morse.prom"
    program = "from entrypoint import __main__ as m; m.main()"
    spoiled = f"import entrypoint.deploy.up_to_date as u; u.look = None; {program}"
    env = {"DATABASE_URL": initialised_database.url, "MORSE_METRICS_TEXTFILE": str(file)}
    completed = run_entrypoint("--init-only", env=env, command=(sys.executable, "-c", spoiled))
    assert ExitCode.INTERNAL == completed.exit_code
    assert "morse_entrypoint_exit_code 70.0\n" in file.read_text()


async def test_the_command_gets_the_path_and_no_login(initialised_database: Database, tmp_path: Path) -> None:
    """COMMAND learns where the metrics are, whatever its working directory, and no login that is ours."""
    env = {
        "DATABASE_URL": initialised_database.url,
        "MORSE_METRICS_TEXTFILE": "morse.prom",
        "MORSE_PUSHGATEWAY_URL": f"http://me:{CANARY_MARK}@127.0.0.1:{free_port()}",
    }
    async with started_entrypoint("--", sys.executable, "-c", _PROBE, env=env, cwd=tmp_path) as running:
        completed = await running.wait()
    file = tmp_path / "morse.prom"
    assert str([("MORSE_METRICS_TEXTFILE", str(file))]) == completed.stdout.splitlines()[-1]
    assert file.is_file()


async def test_sizes_that_cannot_be_asked(initialised_database: Database, tmp_path: Path) -> None:
    """A server that does not tell the sizes costs these two metrics and a warning, and nothing else."""
    file = tmp_path / "morse.prom"
    admin = await initialised_database.server.admin(initialised_database.name)
    try:
        await admin.execute("REVOKE EXECUTE ON FUNCTION pg_database_size(name) FROM PUBLIC")
        completed = await deploy(initialised_database, MORSE_METRICS_TEXTFILE=str(file))
    finally:
        await admin.close()
    assert (ExitCode.OK, "start.finished") == ending(completed)
    assert "sizes" == completed.event("metrics.incomplete")["missing"]
    assert "size_bytes" not in file.read_text()
    assert LAST_SUCCESS in file.read_text()


async def test_nobody_asks_for_sizes_without_need(initialised_database: Database) -> None:
    """A start whose metrics nobody wants asks for no sizes, so that it costs no round trip."""
    admin = await initialised_database.server.admin(initialised_database.name)
    try:
        await admin.execute("REVOKE EXECUTE ON FUNCTION pg_database_size(name) FROM PUBLIC")
        completed = await deploy(initialised_database)
    finally:
        await admin.close()
    assert "metrics.incomplete" not in completed.event_names


async def test_a_failed_verification_has_sizes(initialised_database: Database, tmp_path: Path) -> None:
    """A nightly `verify` that finds a difference tells the sizes all the same, and what it found."""
    file = tmp_path / "morse.prom"
    connection = await initialised_database.connect()
    await connection.execute("DROP INDEX idx_workouts_user_id")
    completed = await deploy(initialised_database, None, "verify", MORSE_METRICS_TEXTFILE=str(file))
    text = file.read_text()
    assert ExitCode.USAGE == completed.exit_code
    assert 'morse_entrypoint_differences{kind="index",status="missing"} 1.0\n' in text
    assert "\nmorse_entrypoint_database_size_bytes " in text


async def test_a_signal_ends_a_push_that_hangs(initialised_database: Database) -> None:
    """SIGTERM while a gateway keeps silent ends the start at once, with the code of the signal."""
    arrived = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        arrived.set()
        await asyncio.Event().wait()

    async with fake_servers.serving(silent) as port:
        env = {"DATABASE_URL": initialised_database.url, "MORSE_PUSHGATEWAY_URL": f"127.0.0.1:{port}"}
        async with started_entrypoint("--init-only", env=env) as running:
            await asyncio.wait_for(arrived.wait(), PATIENCE_SECONDS)
            completed = await running.end(signal.SIGTERM, within=3)
    assert 128 + signal.SIGTERM == completed.exit_code
    assert "signal.received" in completed.event_names
    assert "metrics.push_failed" not in completed.event_names
