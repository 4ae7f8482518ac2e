"""The records of the commands, and the help that is made from them."""

from __future__ import annotations

import ast
import importlib
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from entrypoint.cli.arguments import parse
from entrypoint.commands.command import MODULES, Command, Example, Exit, Flag, load, load_all
from entrypoint.commands.help import help_text
from entrypoint.errors import (
    ApplyFailed,
    BackupFailed,
    ConfigurationError,
    DatabaseBusy,
    DatabaseIncompatible,
    DatabaseUnavailable,
    EntrypointError,
    ExitCode,
    FilesRefused,
    StatementFailed,
    VerificationFailed,
)
from entrypoint.settings.variables import VARIABLES
from tests.support.process import minimal_environment, run_entrypoint
from tests.support.waiting import PATIENCE_SECONDS

PACKAGE = Path(__file__).parents[3] / "entrypoint"
SCREEN = (80, 50)
COMMANDS = [pytest.param(command, id=command.name) for command in load_all()]
ERRORS = {
    "usage": ConfigurationError(""),
    "unreachable": DatabaseUnavailable(""),
    "schema": StatementFailed("", exit_code=ExitCode.SCHEMA),
    "routines": StatementFailed("", exit_code=ExitCode.ROUTINES),
    "apply": ApplyFailed(""),
    "backup": BackupFailed(""),
    "verification": VerificationFailed(""),
    "busy": DatabaseBusy(""),
    "files": FilesRefused(""),
    "incompatible": DatabaseIncompatible(""),
    "internal": EntrypointError(""),
}
# In the order of ERRORS.
START = (1, 2, 3, 4, 3, 3, 6, 7, 8, 9, 70)
CODES = {
    **dict.fromkeys(("init", "plan", "status", "wait", "stamp"), START),
    "verify": (1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    "rollback": (1, 2, 4, 4, 4, 3, 4, 7, 4, 4, 4),
    "restore": (1, 2, 4, 4, 4, 3, 6, 7, 4, 4, 4),
}


def assert_on_one_screen(text: str) -> None:
    """Fail unless `text` fits on a terminal of 80 columns without scrolling."""
    assert max(map(len, text.splitlines())) <= SCREEN[0]
    assert len(text.splitlines()) <= SCREEN[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_record_is_whole(command: Command) -> None:
    """A record names its module, says what it does, and either runs or prints."""
    assert command is importlib.import_module(MODULES[command.name]).COMMAND
    assert (command.run is None) != (command.prints is None)
    assert command.summary
    assert command.text
    assert len({example.line for example in command.examples}) == 2
    codes = [listed.code for listed in command.exits]
    assert len(codes) == len({*codes})
    for flag in (command.acts_with, command.instead, "--confirm" * command.confirmed):
        assert not flag or command.flag(flag)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_can_be_typed(command: Command) -> None:
    """Both examples of a command are command lines of that command, or ask for what it prints."""
    for example in command.examples:
        invocation = parse(shlex.split(example.line))
        assert invocation.verb == command.name or f"--{command.name}" in invocation.flags


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command(command: Command) -> None:
    """The page of a command fits into 80 columns and has its flags, its exit codes and both examples."""
    page = help_text(command.name)
    assert max(map(len, page.splitlines())) <= SCREEN[0]
    words = page.split()
    for flag in command.flags:
        assert f"  {flag.spelled}" in page
        assert " ".join(flag.meaning.split()) in " ".join(words)
    assert [str(code.code) for code in sorted(command.exits)] == [
        line.split()[0] for line in page.partition("Exit codes:\n")[2].splitlines() if line[2:3].isdigit()
    ]
    for example in command.examples:
        assert f"  morse-entrypoint {example.line}\n" in page


def test_the_help_is_one_screen() -> None:
    """The help names every command and every variable on one screen of 80 columns."""
    text = help_text()
    assert_on_one_screen(text)
    words = text.replace(",", "").split()
    assert set() == {*VARIABLES} - {*words}
    assert set(MODULES) <= {word.strip("[]") for word in words}


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("help", "--help"),
        ("help", "-h"),
        ("help verify", "verify --help"),
        ("help init", "init -h"),
        ("help version", "version --help"),
        ("version", "--version"),
        ("version", "plan --version"),
    ],
)
def test_help_and_version_as_words_and_as_flags(line: str, same: str) -> None:
    """What a person types first works as a word and as a flag, without any environment."""
    word, flag = run_entrypoint(*line.split()), run_entrypoint(*same.split())
    assert (0, 0) == (word.exit_code, flag.exit_code)
    assert word.stdout == flag.stdout
    assert word.stdout


def test_help_for_what_does_not_exist() -> None:
    """A topic that does not exist is refused, with the one that was meant most likely."""
    refused = run_entrypoint("help", "restoer")
    assert ExitCode.USAGE == refused.exit_code
    assert "there is no help of that name; did you mean restore?" == refused.event("start.failed")["message"]


def test_a_record_and_its_module_are_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed record is parsed, and has its help and its exit codes, without any other change."""
    record = Command(
        name="count",
        summary="count the devices",
        text="Counts the devices.",
        examples=(Example("count TABLE", "one table"), Example("count TABLE --json", "for a program")),
        prints=lambda table: f"{table}: 5\n",
        flags=(Flag("--json", "write the number as JSON"),),
        operand="TABLE",
        exits=(Exit(0, "counted"), Exit(5, "refused", (FilesRefused,))),
    )
    module = ModuleType("counting")
    vars(module)["COMMAND"] = record
    monkeypatch.setitem(sys.modules, "counting", module)
    monkeypatch.setitem(MODULES, "count", "counting")

    invocation = parse(["count", "devices", "--json"])
    assert (record, "devices", True) == (invocation.record, invocation.operand, invocation.has("--json"))
    with pytest.raises(ConfigurationError, match="count names no TABLE"):
        parse(["count"])
    assert "\n  count TABLE [FLAGS]" in help_text()
    assert "  --json  write the number as JSON\n" in help_text("count")
    assert "  5    count: refused\n" in help_text("exit-codes")
    assert 5 == record.exit_code(FilesRefused(""))


@pytest.mark.parametrize("name", CODES)
def test_exit_codes_of_errors(name: str) -> None:
    """Every error ends a command with a code that the command's own record lists."""
    command = load(name)
    codes = tuple(command.exit_code(error) for error in ERRORS.values())
    assert CODES[name] == codes


def test_no_command_is_loaded_that_was_not_asked_for() -> None:
    """Taking the command line of a start apart loads no other command."""
    program = """
import sys
from entrypoint.cli import arguments
arguments.parse(["node", "app.js"])
print(*sorted(name for name in sys.modules if name.startswith("entrypoint.commands.")))
"""
    loaded = subprocess.run(  # noqa: S603 - the test's own program
        [sys.executable, "-c", program],
        env=minimal_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert ["entrypoint.commands.command", "entrypoint.commands.init"] == loaded.stdout.split()


def test_exit_codes_are_compared_by_value() -> None:
    """No code is compared by identity: an exit code may be any int, and 0 is not always ExitCode.OK."""
    by_identity = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops)
        and any("ExitCode." in ast.unparse(side) for side in (node.left, *node.comparators))
    ]
    assert [] == by_identity
