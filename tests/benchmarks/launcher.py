"""Start processes for the stopwatch and account for them, from a process that is itself small.

A child inherits the peak memory of whoever starts it, so this one imports nothing that it can do without.
Run it with -I -S; it reads requests from standard input and writes answers to standard output.
"""

import marshal
import os
import sys
import time

_KIBIBYTES = 1 if sys.platform == "darwin" else 1024


def measure(
    argv: list[str], environ: dict[str, str], directory: str, output: str
) -> tuple[int, float, float, int]:
    """Run a program to its end and return exit code, wall and processor seconds, peak memory in bytes."""
    os.chdir(directory)
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    began = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, environ, file_actions=streams)
    _, status, usage = os.wait4(pid, 0)
    ended = time.monotonic()
    processor = usage.ru_utime + usage.ru_stime
    return (os.waitstatus_to_exitcode(status), ended - began, processor, usage.ru_maxrss * _KIBIBYTES)


def main() -> None:
    """Answer requests until standard input ends."""
    while True:
        try:
            request = marshal.load(sys.stdin.buffer)  # noqa: S302 - from our own parent
        except EOFError:
            return
        marshal.dump(measure(*request), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
