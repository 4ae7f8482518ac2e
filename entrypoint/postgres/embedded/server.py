"""Start the PostgreSQL server that `--embedded` asks for, from the wheel of that extra."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from entrypoint.errors import ConfigurationError, DatabaseUnavailable
from entrypoint.postgres.embedded import watcher
from entrypoint.postgres.embedded.programs import Account, admit, embedded_binaries, run_as, server_account

_START_SECONDS = 60
_END_SECONDS = 5
_POLL_SECONDS = 0.05
_LOG_LINES = 5
_SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
_SOCKET_PATH_BYTES = 103


def start(directory: Path, environ: Mapping[str, str]) -> str:
    """Start the server kept in `directory`, or join the one that runs, and return its URL.

    Blocks until the server answers. A watcher stops the server when this process, or the command
    that it executes, has gone; it is started with `environ`. Raise ConfigurationError when the extra
    is not installed or `directory` cannot be used, DatabaseUnavailable when the server does not start.
    """
    directory = directory.resolve()
    binaries = embedded_binaries()
    try:
        account = _prepare(directory)
        admit(account, directory, binaries)
        with _locked(directory / "start.lock", account, fcntl.LOCK_EX):
            sockets = _socket_directory(directory, account)
            _watch(directory, binaries, account, sockets, environ)
            _ensure_running(directory, binaries, account, sockets)
    except OSError as error:
        raise ConfigurationError(
            f"{directory} cannot be used for the embedded server: {error}",
            remedy=f"Remove {directory}, or start as the user it belongs to.",
        ) from error
    return f"postgresql://postgres@/postgres?host={quote(str(sockets))}"


def _prepare(directory: Path) -> Account:
    """Create `directory` unless it exists; root adopts the user it belongs to."""
    directory.mkdir(mode=0o700, exist_ok=True)
    owner = directory.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    account = server_account()
    os.chown(directory, account.uid, account.gid)
    return account


def _socket_directory(directory: Path, account: Account) -> Path:
    """Return where the socket lies: in `directory`, or in /tmp when that path cannot hold one.

    A path that is too long, or that the shell of pg_ctl could misread, cannot.
    """
    short = len(os.fsencode(directory / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES
    if short and re.fullmatch(r"[\w./-]+", str(directory), re.ASCII):
        return directory
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    # Not TMPDIR: every start must find the same directory, and that one is long on macOS.
    sockets = Path("/tmp") / f"morse-{digest}"  # noqa: S108 - its owner is checked below
    with suppress(FileExistsError):
        sockets.mkdir(mode=0o700)
        os.chown(sockets, account.uid, account.gid)
    found = sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise ConfigurationError(
            f"{sockets} belongs to another user",
            remedy="Remove it, or start from a directory with a shorter path.",
        )
    return sockets


@contextmanager
def _locked(path: Path, account: Account, kind: int) -> Iterator[TextIO]:
    """Hold a lock on `path`, which `account` can take too once root has made the file."""
    with path.open("a") as file:
        os.fchown(file.fileno(), account.uid, account.gid)
        fcntl.flock(file, kind)
        yield file


def _watch(
    directory: Path, binaries: Path, account: Account, sockets: Path, environ: Mapping[str, str]
) -> None:
    """Start the watcher before the server, so that no moment leaves the server unwatched.

    The command that we execute keeps our process id but knows nothing of the server, so another
    process has to stop it. Each watcher inherits a shared lock; the last one stops the server.
    """
    with _locked(directory / "users.lock", account, fcntl.LOCK_SH) as users:
        os.set_inheritable(users.fileno(), True)
        argv = [
            *(sys.executable, "-I", "-S", watcher.__file__),
            *(str(os.getpid()), str(users.fileno()), str(account.uid), str(account.gid)),
            *(str(directory), str(binaries), str(sockets)),
        ]
        # Not a pipe of ours: the reader of our output would wait for its end.
        null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
        os.posix_spawn(sys.executable, argv, environ, file_actions=null)


def _ensure_running(directory: Path, binaries: Path, account: Account, sockets: Path) -> None:
    data = directory / "data"
    if not data.exists():
        _initialize(directory, binaries, account)
    if _is_running(data):
        return
    (sockets / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)
    options = f"-c listen_addresses='' -c unix_socket_directories='{sockets}' -p 5432"
    finished = run_as(
        *(account, directory, str(binaries / "pg_ctl"), "start", "--silent", "--wait"),
        *(f"--timeout={_START_SECONDS}", f"--pgdata={data}", f"--log={directory / 'log'}"),
        f"--options={options}",
    )
    if finished.returncode:
        raise _failed("The embedded server did not start", directory, finished.stderr)


def _initialize(directory: Path, binaries: Path, account: Account) -> None:
    """Make the data directory; it gets its name when it is complete.

    Nothing is forced to the disk, which takes seconds: the data is a developer's, and still empty.
    """
    unfinished = directory / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    finished = run_as(
        *(account, directory, str(binaries / "initdb"), f"--pgdata={unfinished}"),
        *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    )
    if finished.returncode:
        raise _failed("The embedded server's data could not be made", directory, finished.stderr)
    unfinished.rename(directory / "data")


def _is_running(data: Path) -> bool:
    """Return whether the server of `data` runs, by its pid file and that process's arguments.

    A process that is ending has none. It is given time: the pid file also guards the memory that
    its children may still use.
    """
    pid_file = data / "postmaster.pid"
    try:
        process = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return False
    arguments = _arguments(process)
    deadline = time.monotonic() + _END_SECONDS
    while arguments == b"" and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        arguments = _arguments(process)
    if arguments is not None and os.fsencode(data) not in arguments:
        # The process id of a server that was killed may belong to another program now, as after a
        # container's restart. A new server would take that program for its predecessor.
        pid_file.unlink()
        return False
    return arguments is not None


def _arguments(process: int) -> bytes | None:
    """Return the command line of `process`; empty when it is ending, None when it has gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{process}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
    argv = ("ps", "-ww", "-o", "args=", "-p", str(process))
    shown = subprocess.run(argv, capture_output=True, check=False)  # noqa: S603 - fixed words
    return None if shown.returncode else shown.stdout


def _failed(message: str, directory: Path, stderr: str) -> DatabaseUnavailable:
    log = directory / "log"
    text = log.read_text(errors="replace") if log.exists() else stderr
    return DatabaseUnavailable(
        f"{message}: {' | '.join(text.splitlines()[-_LOG_LINES:])}",
        remedy=f"Read {log}. Removing {directory} starts with an empty database.",
    )
