"""The command line: flags, one of our commands, and the COMMAND that the process becomes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    "wait": {},
}
_TAKES_COMMAND = frozenset({"init", "wait"})
_ANYWHERE = frozenset({"--help", "-h", "--version"})
_PLAIN = re.compile(r"[\w./-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was asked for; `flags` are those given, `command` is what to become, empty for nothing."""

    verb: str
    flags: frozenset[str]
    command: tuple[str, ...]

    def has(self, flag: str) -> bool:
        """Say whether `flag` was given."""
        return flag in self.flags


def parse(argv: Sequence[str]) -> Invocation:
    """Take the words behind the program's name apart.

    The first word that is neither a flag nor one of our commands starts COMMAND, and so does --. Raises
    ConfigurationError for whatever does not fit, before anything is connected to.
    """
    verb: str | None = None
    flags: list[str] = []
    words = list(argv)
    while words:
        word = words[0]
        if word == "--":
            words.pop(0)
            break
        if word.startswith("-"):
            flags.append(words.pop(0))
        elif verb is None and word in FLAGS:
            verb = words.pop(0)
        else:
            break
    invocation = Invocation(verb=verb or "init", flags=frozenset(flags), command=tuple(words))
    if not invocation.flags & _ANYWHERE:
        _check(invocation)
    return invocation


def _check(invocation: Invocation) -> None:
    for flag in sorted(invocation.flags):
        _check_flag(invocation.verb, flag)
    if invocation.command and invocation.verb not in _TAKES_COMMAND:
        raise _refused(f"{invocation.verb} takes no COMMAND, but {_shown(invocation.command[0])} was given")
    if invocation.command and invocation.has("--init-only"):
        raise _refused(f"--init-only takes no COMMAND, but {_shown(invocation.command[0])} was given")
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
    raise _refused(f"unknown flag {_shown(name)}" + (f"; did you mean {near[0]}?" if near else ""))


def _shown(word: str) -> str:
    """Repeat a word that was given, unless it could be a URL with a password in it."""
    return word if _PLAIN.fullmatch(word) else REDACTED


def _refused(message: str, *, remedy: str = "see `morse-entrypoint --help`") -> ConfigurationError:
    return ConfigurationError(message, remedy=remedy)
