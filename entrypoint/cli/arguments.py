"""The command line: flags, one of our commands, and the COMMAND that the process becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from entrypoint.cli.flags import FLAGS, NEEDED_VALUES, NEEDS, OPERANDS, STANDARD_OUTPUT, VALUES, WHY
from entrypoint.errors import ConfigurationError
from entrypoint.output.redaction import REDACTED

_OUR_NAME = "morse-entrypoint"
_TAKES_COMMAND = frozenset({"init", "wait"})
_QUESTIONS = frozenset({"plan", "status"})
_ANYWHERE = frozenset({"--help", "-h", "--version"})
_PLAIN = re.compile(r"[\w./-]{1,60}", re.ASCII)


class Invocation(NamedTuple):
    """What was asked for; `flags` are those given, `command` is what to become, empty for nothing.

    `values` holds the values of flags, `operand` the word that the command needs behind its name.
    """

    verb: str
    flags: frozenset[str]
    command: tuple[str, ...]
    values: Mapping[str, str] = MappingProxyType({})
    operand: str = ""

    def has(self, flag: str) -> bool:
        """Say whether `flag` was given."""
        return flag in self.flags

    @property
    def asks(self) -> bool:
        """Whether the command is a question, whose answer is all that it is for."""
        return self.verb in _QUESTIONS or (self.verb == "rollback" and not self.has("--confirm"))

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
    verb: str | None = None
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
        elif verb is None and word in FLAGS:
            verb = words.pop(0)
        elif verb in OPERANDS and not operand:
            operand = words.pop(0)
        else:
            break
    invocation = Invocation(
        verb=verb or "init",
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
    if name in NEEDED_VALUES and not equals:
        value = words.pop(0) if words else ""
    elif not equals or name not in {**VALUES, **NEEDED_VALUES}:
        return word
    if not value or (name in NEEDED_VALUES and value.startswith("-") and value != STANDARD_OUTPUT):
        raise _refused(f"{name}{equals} names no {VALUES.get(name) or NEEDED_VALUES[name]}")
    values[name] = value
    return name


def _check(invocation: Invocation) -> None:
    for flag in sorted(invocation.flags):
        _check_flag(invocation.verb, flag)
    _check_together(invocation)
    if invocation.command and invocation.verb not in _TAKES_COMMAND:
        raise _refused(f"{invocation.verb} takes no COMMAND, but {shown(invocation.command[0])} was given")
    if invocation.command and invocation.has("--init-only"):
        raise _refused(f"--init-only takes no COMMAND, but {shown(invocation.command[0])} was given")
    if invocation.verb in _TAKES_COMMAND and not invocation.command and not invocation.has("--init-only"):
        raise _refused(
            "no COMMAND was given",
            remedy="name the process to start, such as `node src/app.js`"
            + (", or give --init-only" if invocation.verb == "init" else ""),
        )


def _check_flag(verb: str, flag: str) -> None:
    if flag in FLAGS[verb]:
        return
    name, equals, _ = flag.partition("=")
    if equals and name in FLAGS[verb]:
        raise _refused(f"{name} takes no value")
    owners = [other for other, flags in FLAGS.items() if flag in flags]
    if owners:
        raise _refused(f"{flag} belongs to {' and '.join(owners)}, not to {verb}")
    import difflib  # noqa: PLC0415 - few people mistype

    near = difflib.get_close_matches(name, FLAGS[verb], n=1)
    raise _refused(f"unknown flag {shown(name)}" + (f"; did you mean {near[0]}?" if near else ""))


def _check_together(invocation: Invocation) -> None:
    verb = invocation.verb
    if verb in OPERANDS and not invocation.operand:
        raise _refused(f"{verb} names no {OPERANDS[verb]}")
    if verb in OPERANDS and not invocation.has("--confirm"):
        raise _refused(
            f"{verb} changes the database and was not confirmed; nothing was done",
            remedy="add --confirm=DATABASE with the name of the database",
        )
    for flag, needed in NEEDS.items():
        for other in needed:
            if flag in invocation.flags and other in FLAGS[verb] and other not in invocation.flags:
                remedy = WHY.get(other, f"add {other}, or leave {flag} out")
                raise _refused(f"{flag} needs {other}", remedy=remedy)
    if invocation.has("--json") and invocation.values.get("--backup-dir") == STANDARD_OUTPUT:
        raise _refused("--json and --backup-dir - both want standard output")


def shown(word: str) -> str:
    """Repeat a word that was given, unless it could be a URL with a password in it."""
    return word if _PLAIN.fullmatch(word) else REDACTED


def _refused(message: str, *, remedy: str = "see `morse-entrypoint --help`") -> ConfigurationError:
    return ConfigurationError(message, remedy=remedy)
