"""The command line: flags, one of our commands, and the COMMAND that the process becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from entrypoint.commands import command as commands
from entrypoint.commands.command import MODULES, STANDARD_OUTPUT, WITH_VALUES, Command
from entrypoint.errors import ConfigurationError
from entrypoint.output.redaction import REDACTED

_OUR_NAME = "morse-entrypoint"
_ANYWHERE = frozenset({"--help", "-h", "--version"})
_PLAIN = re.compile(r"[\w./-]{1,60}", re.ASCII)


class Invocation(NamedTuple):
    """What was asked for; `flags` are those given, `command` is what to become, empty for nothing.

    `record` is our command, and `named` is whether it was written, not implied. `values` holds the
    values of flags, `operand` the word that stands behind the name.
    """

    record: Command
    named: bool
    flags: frozenset[str]
    command: tuple[str, ...]
    values: Mapping[str, str] = MappingProxyType({})
    operand: str = ""

    @property
    def verb(self) -> str:
        """The name of our command."""
        return self.record.name

    def has(self, flag: str) -> bool:
        """Return whether `flag` was given."""
        return flag in self.flags

    @property
    def asks(self) -> bool:
        """Whether the answer is all that the command is for."""
        return self.record.answers and not self.has(self.record.acts_with)

    @property
    def answers(self) -> bool:
        """Whether standard output is for an answer or a backup, and standard error for the log."""
        return self.asks or self.has("--json") or self.values.get("--backup-dir") == STANDARD_OUTPUT

    @property
    def confirmed(self) -> str | None:
        """The name behind --confirm=, empty for --confirm alone, None without it."""
        return self.values.get("--confirm", "") if self.has("--confirm") else None


def parse(argv: Sequence[str]) -> Invocation:
    """Take the words behind the program's name apart.

    The first word that is neither a flag nor one of our commands starts COMMAND, and so does --. Raises
    ConfigurationError for whatever does not fit, before anything is connected to.
    """
    record: Command | None = None
    operand = ""
    flags: set[str] = set()
    values: dict[str, str] = {}
    words = list(argv)
    # A platform may put its command behind the ENTRYPOINT instead of replacing it.
    if words[:1] == [_OUR_NAME]:
        words.pop(0)
    while words:
        word = words[0]
        if word == "--":
            words.pop(0)
            break
        if word.startswith("-"):
            flags.add(_take_flag(words, values))
        elif record is None and word in MODULES:
            record = commands.load(words.pop(0))
        elif record is not None and record.operand and not operand:
            operand = words.pop(0)
        else:
            break
    invocation = Invocation(
        record=record or commands.load("init"),
        named=record is not None,
        flags=frozenset(flags),
        command=tuple(words),
        values=values,
        operand=operand,
    )
    if not invocation.flags & _ANYWHERE:
        _check(invocation)
    return invocation


def _take_flag(words: list[str], values: dict[str, str]) -> str:
    """Take the first of `words` and return the flag; put the value that it may carry into `values`."""
    word = words.pop(0)
    name, equals, value = word.partition("=")
    flag = WITH_VALUES.get(name)
    if flag is None or not (equals or flag.value_needed):
        return word
    if not equals:
        value = words.pop(0) if words else ""
    if not value or (flag.value_needed and value.startswith("-") and value != STANDARD_OUTPUT):
        raise _refused(f"{name}{equals} names no {flag.value}")
    values[name] = value
    return name


def _check(invocation: Invocation) -> None:
    record, command = invocation.record, invocation.command
    for flag in sorted(invocation.flags):
        _check_flag(record, flag)
    _check_together(invocation)
    if command and not record.execs:
        raise _refused(f"{record.name} takes no COMMAND, but {shown(command[0])} was given")
    if command and invocation.has(record.instead):
        raise _refused(f"{record.instead} takes no COMMAND, but {shown(command[0])} was given")
    if record.execs and not command and not invocation.has(record.instead):
        raise _refused(
            "no COMMAND was given",
            remedy="name the process to start, such as `node src/app.js`"
            + (f", or give {record.instead}" if record.instead else ""),
        )


def _check_flag(record: Command, given: str) -> None:
    if record.flag(given):
        return
    name, equals, _ = given.partition("=")
    if equals and record.flag(name):
        raise _refused(f"{name} takes no value")
    owners = [other.name for other in commands.load_all() if other.flag(given)]
    if owners:
        raise _refused(f"{given} belongs to {' and '.join(owners)}, not to {record.name}")
    import difflib  # noqa: PLC0415 - few people mistype

    near = difflib.get_close_matches(name, [flag.name for flag in record.flags], n=1)
    raise _refused(f"unknown flag {shown(name)}" + (f"; did you mean {near[0]}?" if near else ""))


def _check_together(invocation: Invocation) -> None:
    record = invocation.record
    if record.operand and record.operand_needed and not invocation.operand:
        raise _refused(f"{record.name} names no {record.operand}")
    if record.confirmed and not invocation.has("--confirm"):
        raise _refused(
            f"{record.name} changes the database and was not confirmed; nothing was done",
            remedy="add --confirm=DATABASE with the name of the database",
        )
    for flag in record.flags:
        for other, remedy in flag.needs.items():
            if invocation.has(flag.name) and not invocation.has(other):
                raise _refused(
                    f"{flag.name} needs {other}",
                    remedy=remedy or f"add {other}, or leave {flag.name} out",
                )
    if invocation.has("--json") and invocation.values.get("--backup-dir") == STANDARD_OUTPUT:
        raise _refused("--json and --backup-dir - both want standard output")


def shown(word: str) -> str:
    """Repeat a word that was given, unless it could be a URL with a password in it."""
    return word if _PLAIN.fullmatch(word) else REDACTED


def _refused(message: str, *, remedy: str = "see `morse-entrypoint --help`") -> ConfigurationError:
    return ConfigurationError(message, remedy=remedy)
