"""The command gets the process as a shell would have given it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from entrypoint.cli.handoff import execute
from entrypoint.errors import ExitCode, HandoffFailed
from tests.support.process import run_entrypoint

LINUX = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")

SPOILED = """
import json, os, signal, sys
from entrypoint.cli.handoff import execute
from entrypoint.cli.signals import Signals
print(os.getpid())
Signals().install()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})
signal.setitimer(signal.ITIMER_REAL, 60)
left_open = open(os.devnull)
execute(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
"""


# Signals 32 and 33: glibc leaves them ignored in what posix_spawn starts, as `make` does.
INTERNAL_TO_LIBC = 0b11 << 31


def run(script: str, *argv: str) -> tuple[int, str, str]:
    """Run `script` and return its exit code and its two streams."""
    ended = run_entrypoint(*argv, command=(sys.executable, "-c", script))
    return ended.exit_code, ended.stdout, ended.stderr


@LINUX
def test_the_command_finds_clean_signals() -> None:
    """The command has our pid, and no signal is ignored or blocked."""
    probe = ["grep", "-E", "^(Pid|SigBlk|SigIgn):", "/proc/self/status"]
    code, stdout, stderr = run(SPOILED, json.dumps(probe), json.dumps({"PATH": os.defpath}))
    pid, *seen = stdout.splitlines()
    status = dict(line.split(":\t") for line in seen)
    ignored = int(status["SigIgn"], 16) & ~INTERNAL_TO_LIBC
    assert (pid, 0, 0) == (status["Pid"], int(status["SigBlk"], 16), ignored)
    assert (0, "") == (code, stderr)


@LINUX
def test_the_command_finds_the_standard_descriptors() -> None:
    """The command has the descriptors 0 to 2 and none that we opened."""
    probe = ["sh", "-c", "ls /proc/$$/fd"]
    code, stdout, stderr = run(SPOILED, json.dumps(probe), json.dumps({"PATH": os.defpath}))
    assert (0, ["0", "1", "2"], "") == (code, stdout.splitlines()[1:], stderr)


def test_the_command_gets_the_given_environment() -> None:
    """The command has the variables it was given and no other."""
    environ = {"PATH": os.defpath, "GREETING": "höflich\n2", "EMPTY": ""}
    code, stdout, stderr = run(SPOILED, json.dumps(["env", "-0"]), json.dumps(environ))
    seen = dict(line.split("=", 1) for line in stdout.partition("\n")[2].split("\0") if line)
    assert (0, environ, "") == (code, seen, stderr)


def test_an_armed_deadline_does_not_reach_the_command() -> None:
    """An alarm that was set before exec never goes off in the command."""
    script = """
import signal, sys
from entrypoint.cli.handoff import execute
signal.setitimer(signal.ITIMER_REAL, 60)
probe = "import signal; print(signal.getitimer(signal.ITIMER_REAL))"
execute([sys.executable, "-c", probe], {})
"""
    assert (0, "(0.0, 0.0)\n", "") == run(script)


def test_arguments_arrive_untouched() -> None:
    """Arguments reach the command one by one, whatever is in them."""
    script = """
import sys
from entrypoint.cli.handoff import execute
execute(["printf", "[%s]", "a b", "", "$HOME", "ä\\n"], {"PATH": "/usr/bin:/bin"})
"""
    assert (0, "[a b][][$HOME][ä\n]", "") == run(script)


def test_what_was_printed_comes_first() -> None:
    """What was printed before stands before what the command prints."""
    script = """
from entrypoint.cli.handoff import execute
print("before", end=" ")
execute(["echo", "after"], {"PATH": "/usr/bin:/bin"})
"""
    assert (0, "before after\n", "") == run(script)


@pytest.mark.parametrize("closing", ["sys.stdout = None", "sys.stdout.close()", "os.close(1)"])
def test_a_closed_stdout_does_not_matter(closing: str) -> None:
    """The command starts without a standard output too."""
    script = f"""
import os, sys
from entrypoint.cli.handoff import execute
print("lost")
{closing}
execute(["sh", "-c", "echo started >&2"], {{"PATH": "/usr/bin:/bin"}})
"""
    code, _, stderr = run(script)
    assert (0, "started\n") == (code, stderr)


def test_the_path_of_the_given_environment_counts(tmp_path: Path) -> None:
    """The command is looked up in the PATH it will get, in order, past what cannot be executed."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, mode in ((first, 0o644), (second, 0o755)):
        folder.mkdir()
        (folder / "tool").write_text(f"#!/bin/sh\necho {folder.name}\n", encoding="utf-8")
        (folder / "tool").chmod(mode)
    script = f"""
from entrypoint.cli.handoff import execute
execute(["tool"], {{"PATH": "{first}:/nonexistent:{second}"}})
"""
    assert (0, "second\n", "") == run(script)


def test_a_command_that_is_not_on_the_path() -> None:
    """A name that no folder of PATH holds is 127, and the remedy shows PATH."""
    with pytest.raises(HandoffFailed) as caught:
        execute(["no-such-tool"], {"PATH": "/nonexistent:/usr/bin"})
    assert "'no-such-tool' was not found" == caught.value.message
    assert ExitCode.NOT_FOUND == caught.value.exit_code
    assert "install it or name its full path; PATH is '/nonexistent:/usr/bin'" == caught.value.remedy


@pytest.mark.parametrize("name", ["/nonexistent/tool", "/etc/passwd/tool", "./no-such-tool", ""])
def test_a_path_that_does_not_exist(name: str) -> None:
    """A path that leads nowhere is 127."""
    with pytest.raises(HandoffFailed) as caught:
        execute([name], {"PATH": "/usr/bin"})
    assert (f"{name!r} was not found", 127) == (caught.value.message, caught.value.exit_code)


@pytest.mark.parametrize(
    ("first_line", "message"),
    [
        ("#!/nonexistent/node --flag", "its interpreter '/nonexistent/node' was not found"),
        ("#! /bin/sh\r", "its interpreter '/bin/sh\\r' was not found"),
    ],
)
def test_a_script_without_its_interpreter(tmp_path: Path, first_line: str, message: str) -> None:
    """A script whose interpreter is missing is 127, and the interpreter is named."""
    tool = tmp_path / "tool"
    tool.write_bytes(first_line.encode() + b"\necho\n")
    tool.chmod(0o755)
    with pytest.raises(HandoffFailed) as caught:
        execute(["tool"], {"PATH": str(tmp_path)})
    assert f"{str(tool)!r} exists, but {message}" == caught.value.message
    assert ExitCode.NOT_FOUND == caught.value.exit_code


def test_the_file_that_was_tried_is_named(tmp_path: Path) -> None:
    """A file on PATH that may not be executed is passed over in the explanation too."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, mode in ((first, 0o644), (second, 0o755)):
        folder.mkdir()
        (folder / "tool").write_text("neither a script nor a binary", encoding="utf-8")
        (folder / "tool").chmod(mode)
    with pytest.raises(HandoffFailed) as caught:
        execute(["tool"], {"PATH": f"{first}:{second}"})
    assert str(second / "tool") in caught.value.message


def test_a_directory(tmp_path: Path) -> None:
    """A directory is 126."""
    with pytest.raises(HandoffFailed) as caught:
        execute([str(tmp_path)], {})
    assert f"{str(tmp_path)!r} cannot be executed: it is a directory" == caught.value.message
    assert ExitCode.NOT_EXECUTABLE == caught.value.exit_code


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"#!/bin/sh\n", 0o644, "permission denied"),
        (b"neither a script nor a binary", 0o755, "exec format error"),
        (b"", 0o755, "exec format error"),
    ],
)
def test_a_file_that_cannot_run(tmp_path: Path, content: bytes, mode: int, reason: str) -> None:
    """A file that is not executable, or nothing the system can run, is 126."""
    tool = tmp_path / "tool"
    tool.write_bytes(content)
    tool.chmod(mode)
    with pytest.raises(HandoffFailed) as caught:
        execute(["tool"], {"PATH": str(tmp_path)})
    assert f"{str(tool)!r} cannot be executed: {reason}" == caught.value.message
    assert ExitCode.NOT_EXECUTABLE == caught.value.exit_code


def test_a_failure_can_still_be_logged_to_a_broken_pipe() -> None:
    """After a failed exec a write to a pipe without reader is an error, not the end."""
    script = """
import os, sys
from entrypoint.errors import HandoffFailed
from entrypoint.cli.handoff import execute
reader, writer = os.pipe()
os.close(reader)
try:
    execute(["/nonexistent"], {})
except HandoffFailed as failure:
    try:
        os.write(writer, b"failed")
    except BrokenPipeError:
        sys.exit(failure.exit_code)
"""
    assert (127, "", "") == run(script)
