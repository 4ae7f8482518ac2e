"""Stop the embedded server once the process that asked for it has gone.

Runs as a script of its own, on the standard library alone: see `entrypoint.postgres.embedded.server`.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_POLL_SECONDS = 0.25


def main(argv: list[str]) -> None:
    """Wait for the parent's end, then stop the server unless another watcher still needs it."""
    parent, users, uid, gid = map(int, argv[:4])
    directory, binaries, sockets = map(Path, argv[4:7])
    # A session of our own: Ctrl-C in the terminal is for the API, which still needs the server.
    os.setsid()
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    with (directory / "start.lock").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop(directory, binaries / "pg_ctl", uid, gid)
        # Empty only when it is a directory of its own, made because the path was too long.
        with suppress(OSError):
            sockets.rmdir()


def _stop(directory: Path, pg_ctl: Path, uid: int, gid: int) -> None:
    identity = {} if uid == os.geteuid() else {"user": uid, "group": gid, "extra_groups": []}
    subprocess.run(  # type: ignore[call-overload]  # noqa: S603
        [pg_ctl, "stop", "--silent", "--mode=fast", f"--pgdata={directory / 'data'}"],
        cwd=directory,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        check=False,
        **identity,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
