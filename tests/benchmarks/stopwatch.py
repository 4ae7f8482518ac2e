"""Run a command as a whole process and say what it cost."""

from __future__ import annotations

import marshal
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.figures import Sample

_LAUNCHER = Path(__file__).with_name("launcher.py")
_SHOWN_CHARACTERS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, with nothing in its environment but `environ`."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    directory: Path


class Failed(Exception):
    """A measured command did not end with 0, so its figures mean nothing."""


class Stopwatch:
    """Measures one command at a time; use it as a context manager.

    What the last command printed is in `output`.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self._launcher = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", str(_LAUNCHER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._launcher.communicate(timeout=10)

    def measure(self, command: Command) -> Sample:
        """Run `command` to its end. Raises Failed with what it printed when that was not a success."""
        program = shutil.which(command.argv[0], path=command.environ.get("PATH"))
        if program is None:
            raise Failed(f"{command.argv[0]} was not found")
        request = (
            [program, *command.argv[1:]],
            dict(command.environ),
            str(command.directory),
            str(self.output),
        )
        assert self._launcher.stdin is not None
        assert self._launcher.stdout is not None
        marshal.dump(request, self._launcher.stdin)
        self._launcher.stdin.flush()
        code, wall, processor, memory = marshal.load(self._launcher.stdout)  # noqa: S302 - our own child
        if code != 0:
            printed = self.output.read_text(errors="replace")[-_SHOWN_CHARACTERS:]
            raise Failed(f"{Path(program).name} ended with {code}:\n{printed}")
        return Sample(seconds=wall, cpu_seconds=processor, memory=memory)
