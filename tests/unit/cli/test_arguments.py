"""The command line, taken apart."""

from __future__ import annotations

import pytest

from entrypoint.cli.arguments import parse
from entrypoint.commands.command import WITH_VALUES, Command, Flag, load_all
from entrypoint.errors import ConfigurationError, ExitCode
from tests.support.cluster import CANARY_MARK

FLAGS = [(command, flag) for command in load_all() for flag in command.flags]


@pytest.mark.parametrize(
    ("line", "verb", "flags", "command"),
    [
        ("--init-only", "init", "--init-only", ""),
        ("init --init-only", "init", "--init-only", ""),
        ("--init-only init", "init", "--init-only", ""),
        ("node src/app.js", "init", "", "node src/app.js"),
        ("--strict --with-test-data node app.js", "init", "--strict --with-test-data", "node app.js"),
        ("init node app.js", "init", "", "node app.js"),
        ("-- verify", "init", "", "verify"),
        ("init -- --init-only", "init", "", "--init-only"),
        ("init init", "init", "", "init"),
        ("node verify --deep", "init", "", "node verify --deep"),
        ("node -- x", "init", "", "node -- x"),
        ("verify", "verify", "", ""),
        ("morse-entrypoint wait node worker.js", "wait", "", "node worker.js"),
        ("wait morse-entrypoint verify", "wait", "", "morse-entrypoint verify"),
        ("verify --deep --strict --json", "verify", "--deep --strict --json", ""),
        ("--deep verify", "verify", "--deep", ""),
        ("verify --", "verify", "", ""),
        ("wait node worker.js --queue", "wait", "", "node worker.js --queue"),
        ("wait -- -c", "wait", "", "-c"),
        ("plan --check --json", "plan", "--check --json", ""),
        ("--confirm=morse plan --rehearse", "plan", "--confirm --rehearse", ""),
        ("rollback --confirm --save-backup", "rollback", "--confirm --save-backup", ""),
        ("rollback --save-backup --backup-dir -", "rollback", "--save-backup --backup-dir", ""),
        ("--force --confirm --init-only", "init", "--force --confirm --init-only", ""),
        ("status --json", "status", "--json", ""),
        ("help", "help", "", ""),
        ("help restore", "help", "", ""),
        ("version", "version", "", ""),
        ("-- version", "init", "", "version"),
        ("--help", "init", "--help", ""),
        ("verify -h", "verify", "-h", ""),
        ("--version node", "init", "--version", "node"),
    ],
)
def test_command_lines(line: str, verb: str, flags: str, command: str) -> None:
    """The first word that is neither a flag nor a command of ours starts COMMAND, and so does --."""
    invocation = parse(line.split())

    expected = (verb, {*flags.split()}, tuple(command.split()))
    assert expected == (invocation.verb, invocation.flags, invocation.command)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "no COMMAND was given"),
        ("--", "no COMMAND was given"),
        ("--strict", "no COMMAND was given"),
        ("wait", "no COMMAND was given"),
        ("--init-only node", "--init-only takes no COMMAND, but node was given"),
        ("--init-only -- node", "--init-only takes no COMMAND, but node was given"),
        ("verify node", "verify takes no COMMAND, but node was given"),
        ("verify init", "verify takes no COMMAND, but init was given"),
        ("--init-onyl", "unknown flag --init-onyl; did you mean --init-only?"),
        ("-x node", "unknown flag -x"),
        ("--force=yes node", "--force takes no value"),
        ("--forse node", "unknown flag --forse; did you mean --force?"),
        ("--force --confirm node", "--force needs --init-only"),
        ("--force --init-only", "--force needs --confirm"),
        ("rollback --save-backup --backup-dir", "--backup-dir names no DIR"),
        ("rollback --save-backup --backup-dir=", "--backup-dir= names no DIR"),
        ("rollback --save-backup --backup-dir --json", "--backup-dir names no DIR"),
        (
            "rollback --save-backup --backup-dir - --json",
            "--json and --backup-dir - both want standard output",
        ),
        ("restore", "restore names no FILE"),
        ("restore a.sql.gz", "restore changes the database and was not confirmed; nothing was done"),
        ("restore --confirm a.sql.gz b.sql.gz", "restore takes no COMMAND, but b.sql.gz was given"),
        ("stamp --confirm", "stamp names no ENVIRONMENT"),
        ("--init-only=true", "--init-only takes no value"),
        ("wait --strict node", "--strict belongs to init and verify, not to wait"),
        ("--deep node", "--deep belongs to verify, not to init"),
        ("plan --confirm=", "--confirm= names no DATABASE"),
        ("version --json", "--json belongs to verify and plan and status and rollback, not to version"),
        ("version node", "version takes no COMMAND, but node was given"),
        ("help plan status", "help takes no COMMAND, but status was given"),
    ],
)
def test_mistakes(line: str, message: str) -> None:
    """What does not fit is refused with its own words and where to read on."""
    with pytest.raises(ConfigurationError) as raised:
        parse(line.split())

    assert message == raised.value.message
    assert raised.value.remedy
    assert ExitCode.USAGE is raised.value.exit_code


@pytest.mark.parametrize(
    "line",
    [
        f"verify postgresql://u:{CANARY_MARK}@h/d",
        f"--init-only postgresql://u:{CANARY_MARK}@h/d",
        f"--postgresql://u:{CANARY_MARK}@h/d",
        f"--url=postgresql://u:{CANARY_MARK}@h/d",
        f"plan --confirm postgresql://u:{CANARY_MARK}@h/d",
        f"--json=postgresql://u:{CANARY_MARK}@h/d verify",
    ],
)
def test_urls_are_not_repeated(line: str) -> None:
    """A mistake never repeats a word that could be a URL with its password."""
    with pytest.raises(ConfigurationError) as raised:
        parse(line.split())

    assert CANARY_MARK not in f"{raised.value.message} {raised.value.remedy} {raised.value.facts}"


@pytest.mark.parametrize(("command", "flag"), FLAGS, ids=lambda record: record.name)
def test_every_flag(command: Command, flag: Flag) -> None:
    """Every flag of the help is accepted, in front of its command and behind it."""
    given = _with_companions(command, flag)
    operand = ["word"] if command.operand else []
    words = ["node"] if command.execs and command.instead not in given else []

    for argv in ([command.name, *operand, *given, *words], [*given, command.name, *operand, *words]):
        invocation = parse(argv)
        assert (command.name, True) == (invocation.verb, invocation.has(flag.name))


def _with_companions(command: Command, flag: Flag) -> list[str]:
    """Return the flag with its value and those that it needs, as somebody would type them."""
    needed = [other for other in command.flags if other.name in flag.needs]
    companions = [word for other in needed for word in _with_companions(command, other)]
    confirmed = ["--confirm"] if command.confirmed and flag.name != "--confirm" else []
    value = ["there"] if flag.value_needed else []
    return [flag.name, *value, *companions, *confirmed]


@pytest.mark.parametrize(("command", "flag"), FLAGS, ids=lambda record: record.name)
def test_a_flag_means_the_same_in_front_of_every_command(command: Command, flag: Flag) -> None:
    """Whether the next word is a flag's value does not depend on the command, which may follow it."""
    known = WITH_VALUES.get(flag.name, Flag(flag.name, ""))
    assert (known.value, known.value_needed) == (flag.value, flag.value_needed)
    assert all(command.flag(other) for other in flag.needs)


def test_values() -> None:
    """An optional value stands behind = only: the next word may be COMMAND or a command of ours."""
    assert {"--confirm": "a=b"} == parse(["plan", "--confirm=a=b", "--rehearse"]).values
    assert {} == parse(["--confirm", "rollback"]).values
    assert (None, "", "morse") == tuple(
        parse(["rollback", *flags]).confirmed for flags in ([], ["--confirm"], ["--confirm=morse"])
    )


@pytest.mark.parametrize("words", [["--backup-dir", "there"], ["--backup-dir=there"]])
def test_a_needed_value(words: list[str]) -> None:
    """A flag that is nothing without its value takes the next word for it."""
    assert {"--backup-dir": "there"} == parse(["rollback", "--save-backup", *words]).values


@pytest.mark.parametrize("line", ["restore --confirm a.sql.gz", "restore a.sql.gz --confirm"])
def test_operands(line: str) -> None:
    """The word that a command needs stands before or behind its flags."""
    assert ("restore", "a.sql.gz") == (parse(line.split()).verb, parse(line.split()).operand)


def test_init_only_is_named_where_it_helps() -> None:
    """Without COMMAND the remedy names --init-only for `init`, which alone has it."""
    remedies = {}
    for verb in ("init", "wait"):
        with pytest.raises(ConfigurationError) as raised:
            parse([verb])
        remedies[verb] = raised.value.remedy

    assert {"init": True, "wait": False} == {
        verb: "--init-only" in remedy for verb, remedy in remedies.items()
    }
