"""What a command is: one record, which parser, help, dispatch, exit codes and the tables of the docs read.

A command is the module that holds its record, under the name COMMAND, and its line in MODULES.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from entrypoint.errors import DatabaseBusy, DatabaseUnavailable, EntrypointError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from entrypoint.commands.answer import Answer
    from entrypoint.deploy.run import Run

# In the order of the help. A module is loaded when its command is asked for, or all are.
MODULES: Mapping[str, str] = {
    "init": "entrypoint.commands.init",
    "verify": "entrypoint.commands.verify",
    "plan": "entrypoint.commands.plan.command",
    "status": "entrypoint.commands.status.command",
    "wait": "entrypoint.commands.wait",
    "rollback": "entrypoint.commands.rollback.command",
    "restore": "entrypoint.commands.restore.command",
    "stamp": "entrypoint.commands.stamp",
    "help": "entrypoint.commands.help",
    "version": "entrypoint.commands.version",
}
STANDARD_OUTPUT = "-"


class Flag(NamedTuple):
    """A flag of a command.

    `value` is the name of the value that it carries: behind = only, since the next word may be COMMAND,
    unless the flag is nothing without it (`value_needed`). `needs` are the flags without which it is
    refused, each with the remedy, which is empty for the usual one.
    """

    name: str
    meaning: str
    value: str = ""
    value_needed: bool = False
    needs: Mapping[str, str] = MappingProxyType({})

    @property
    def spelled(self) -> str:
        """The flag as the help writes it, with what its value is."""
        if not self.value:
            return self.name
        return f"{self.name} {self.value}" if self.value_needed else f"{self.name}[={self.value}]"


class Exit(NamedTuple):
    """An exit code, its meaning for one command, and the errors that end that command with it."""

    code: int
    meaning: str
    errors: tuple[type[EntrypointError], ...] = ()


class Example(NamedTuple):
    """A command line without the program's name, and what it is for."""

    line: str
    purpose: str


class Command(NamedTuple):
    """What a person can ask for.

    `run` does it; a command that needs neither database nor settings `prints` instead, given its operand.
    `operand` is the word behind the name. `execs` is whether COMMAND follows, unless the flag `instead` is
    given. A command that `answers` writes its answer to standard output and changes nothing, unless the
    flag `acts_with` is given. `confirmed` is whether it is refused without --confirm.
    """

    name: str
    summary: str
    text: str
    examples: tuple[Example, Example]
    exits: tuple[Exit, ...]
    run: Callable[[Run], Coroutine[Any, Any, Answer | None]] | None = None
    prints: Callable[[str], str] | None = None
    flags: tuple[Flag, ...] = ()
    operand: str = ""
    operand_needed: bool = True
    writes: bool = False
    execs: bool = False
    instead: str = ""
    answers: bool = False
    acts_with: str = ""
    confirmed: bool = False

    def flag(self, name: str) -> Flag | None:
        """Return the flag of that name, None when it is none of this command's."""
        return next((flag for flag in self.flags if flag.name == name), None)

    def exit_code(self, error: EntrypointError) -> int:
        """Return the code with which `error` ends the command: its own, unless an exit names its class."""
        codes = {kind: listed.code for listed in self.exits for kind in listed.errors}
        return next((codes[kind] for kind in type(error).__mro__ if kind in codes), int(error.exit_code))

    @property
    def usages(self) -> tuple[str, ...]:
        """The ways to write the command, without the program's name."""
        name = "[init]" if self.name == "init" else self.name
        operand = self.operand if self.operand_needed else f"[{self.operand}]"
        flags = "[FLAGS]" if len(self.flags) > self.confirmed else ""
        confirmed = "--confirm" if self.confirmed else ""
        following = "[--] COMMAND ARG..." if self.execs else ""
        forms = [f"{name} {operand} {confirmed} {flags} {following}"]
        forms += [f"{name} {self.instead} {flags}"] if self.instead else []
        return tuple(" ".join(form.split()) for form in forms)


def load(name: str) -> Command:
    """Return the record of a command, with the modules that it needs."""
    module = importlib.import_module(MODULES[name])
    command: Command = module.COMMAND
    return command


def load_all() -> Iterator[Command]:
    """Yield the record of every command, in the order of the help."""
    return map(load, MODULES)


def confirm(meaning: str) -> Flag:
    """Return the flag by which a person names the database."""
    return Flag("--confirm", meaning, value="DATABASE")


STRICT = Flag("--strict", "fail on extra objects too, known ones excepted")
SAVE_BACKUP = Flag("--save-backup", "write and prove a backup before anything is dropped")
BACKUP_DIR = Flag(
    "--backup-dir",
    "where the backup goes, ./backups by default; - is standard output",
    value="DIR",
    value_needed=True,
    needs={"--save-backup": ""},
)
# A flag may stand in front of its command, and its value is taken before the command is known.
WITH_VALUES: Mapping[str, Flag] = {flag.name: flag for flag in (confirm(""), BACKUP_DIR)}

USAGE = Exit(1, "usage or configuration")
UNREACHABLE = Exit(
    2,
    "database not reachable, login refused, or not writable although something had to be written",
    (DatabaseUnavailable,),
)
VERIFICATION = Exit(6, "verification failed; the transaction was rolled back")
BUSY = Exit(7, "busy: the advisory lock or a table lock was not obtained in time", (DatabaseBusy,))
FILES = Exit(8, "the files under sql/ break their contract")
INCOMPATIBLE = Exit(9, "the database needs a decision: ownership, privileges, version, shape, environment")
# What can end every command that connects.
ALWAYS = (
    Exit(70, "a mistake in the entrypoint itself; please report it"),
    Exit(143, "ended by SIGTERM (130: by SIGINT); the transaction was rolled back"),
)
NO_EXEC = (Exit(126, "COMMAND cannot be executed"), Exit(127, "COMMAND was not found"))
