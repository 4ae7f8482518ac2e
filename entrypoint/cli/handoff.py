"""Become the command: leave the process as a shell would have given it, then exec."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from entrypoint.errors import ExitCode, HandoffFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def execute(command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process by `command`, found through the PATH of `environ`.

    Call it after the event loop is closed. Raises HandoffFailed, with the signal dispositions as
    they were, so that the failure can still be logged to a broken pipe.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    # An armed timer survives exec, and its SIGALRM would kill the command.
    signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        with _default_signals():
            os.execvpe(command[0], list(command), dict(environ))  # noqa: S606 - our whole purpose
    except (OSError, ValueError) as error:
        raise _explain(command[0], environ, error) from error


@contextmanager
def _default_signals() -> Iterator[None]:
    """Undo what Python ignores and the parent blocked, which exec would pass on."""
    before = {signum: signal.signal(signum, signal.SIG_DFL) for signum in _IGNORED_BY_PYTHON}
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _explain(name: str, environ: Mapping[str, str], error: OSError | ValueError) -> HandoffFailed:
    file = _locate(name, environ)
    if name and not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return HandoffFailed(
            f"{file or name!r} cannot be executed: {_reason(file or name, error)}",
            exit_code=ExitCode.NOT_EXECUTABLE,
            remedy="name an executable file, built for this machine or starting with a #! line",
        )
    if file is None:
        return HandoffFailed(
            f"{name!r} was not found",
            exit_code=ExitCode.NOT_FOUND,
            remedy=_where_to_look(name, environ),
        )
    interpreter = _interpreter(file)
    missing = f"its interpreter {interpreter!r}" if interpreter else "its program loader"
    return HandoffFailed(
        f"{file!r} exists, but {missing} was not found",
        exit_code=ExitCode.NOT_FOUND,
        remedy="install it in the image; Windows line ends after #!, or a binary built for "
        "another C library, have the same effect",
    )


def _locate(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the file that exec tried: the first on PATH that may be executed, else the first."""
    if not name or "\0" in name:
        return None
    if "/" in name:
        return name if os.access(name, os.F_OK) else None
    files = [str(Path(folder, name)) for folder in os.get_exec_path(environ)]
    existing = [file for file in files if os.access(file, os.F_OK)]
    usable = [file for file in existing if os.access(file, os.X_OK)]
    return next(iter(usable or existing), None)


def _where_to_look(name: str, environ: Mapping[str, str]) -> str:
    if "/" in name:
        return "check the path; without a leading slash it starts at the working directory"
    path = os.pathsep.join(os.get_exec_path(environ))
    return f"install it or name its full path; PATH is {path!r}"


def _interpreter(file: str) -> str | None:
    """Return the program named by the #! line of `file`, None when there is no such line."""
    with suppress(OSError), Path(file).open("rb") as script:
        first_line = script.readline(256)
        if first_line.startswith(b"#!"):
            line = first_line[2:].replace(b"\t", b" ").strip(b" \n")
            return os.fsdecode(line.split(b" ")[0]) or None
    return None


def _reason(file: str, error: OSError | ValueError) -> str:
    with suppress(OSError):
        if Path(file).is_dir():
            return "it is a directory"
    return (getattr(error, "strerror", None) or str(error)).lower()
