"""The command line, taken apart."""

from __future__ import annotations

import pytest

from entrypoint.cli.arguments import parse
from entrypoint.cli.flags import FLAGS, NEEDED_VALUES, NEEDS, OPERANDS
from entrypoint.errors import ConfigurationError, ExitCode
from tests.support.cluster import CANARY_MARK

TAKES_COMMAND = {"init", "wait"}
FLAGS_OF_VERBS = [(verb, flag) for verb, flags in FLAGS.items() for flag in flags]


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


@pytest.mark.parametrize(("verb", "flag"), FLAGS_OF_VERBS)
def test_every_flag(verb: str, flag: str) -> None:
    """Every flag of the help is accepted, in front of its command and behind it."""
    given = _with_companions(verb, flag)
    operand = ["word"] if verb in OPERANDS else []
    command = ["node"] if verb in TAKES_COMMAND and "--init-only" not in given else []

    for argv in ([verb, *operand, *given, *command], [*given, verb, *operand, *command]):
        invocation = parse(argv)
        assert (verb, True) == (invocation.verb, invocation.has(flag))


def _with_companions(verb: str, flag: str) -> list[str]:
    """Return the flag with its value and those that it needs, as somebody would type them."""
    needed = [other for other in NEEDS.get(flag, ()) if other in FLAGS[verb]]
    companions = [word for other in needed for word in _with_companions(verb, other)]
    confirmed = ["--confirm"] if verb in OPERANDS and flag != "--confirm" else []
    value = ["there"] if flag in NEEDED_VALUES else []
    return [flag, *value, *companions, *confirmed]


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
