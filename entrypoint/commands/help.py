"""`help`: the list of commands on one screen, and a page for each command, made from the records."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from entrypoint.commands.command import MODULES, USAGE, Command, Example, Exit, load, load_all
from entrypoint.errors import ConfigurationError
from entrypoint.settings.variables import VARIABLES

_NAME = "morse-entrypoint"
_COLUMNS = 80
_HEAD = f"""\
{_NAME}: bring the MORSE database to what sql/ says, prove it, then
become COMMAND.

{_NAME} followed by:
"""
_FOOT = f"""\

{_NAME} verify --help      flags, exit codes and examples of a command
{_NAME} help variables     what each variable means
{_NAME} help exit-codes    every exit code

Try it on your desk, without a server and without Docker:

  {_NAME} --embedded --init-only --with-test-data
"""


def help_text(topic: str = "") -> str:
    """Return the list of commands, or the page of a command or a topic, at most 80 columns wide.

    Raises ConfigurationError for a topic that does not exist.
    """
    if not topic:
        return overview()
    if topic in MODULES:
        return page(load(topic))
    if topic in _TOPICS:
        return _TOPICS[topic]()
    import difflib  # noqa: PLC0415 - few people mistype

    near = difflib.get_close_matches(topic, [*MODULES, *_TOPICS], n=1)
    raise ConfigurationError(
        "there is no help of that name" + (f"; did you mean {near[0]}?" if near else ""),
        remedy=f"see `{_NAME} --help`",
    )


def overview() -> str:
    """Return every command on one screen."""
    return _HEAD + _table(usages()) + "\nEnvironment variables:\n" + _names(VARIABLES) + _FOOT


def usages() -> dict[str, str]:
    """Return every way to call the program, without its name, and what it does."""
    rows = {}
    for command in load_all():
        first, *others = command.usages
        rows[first] = command.summary
        rows |= dict.fromkeys(others, command.summary.replace("exec COMMAND", "exit"))
    return rows


def page(command: Command) -> str:
    """Return what there is to know about a command, with two examples."""
    return "\n".join(_sections(command))


def _sections(command: Command) -> Iterator[str]:
    yield "".join(f"{_NAME} {usage}\n" for usage in command.usages)
    paragraphs = [*command.text.split("\n\n"), _effect(command)]
    yield "\n\n".join(textwrap.fill(" ".join(text.split()), _COLUMNS) for text in paragraphs) + "\n"
    if command.flags:
        yield "Flags:\n" + _table({flag.spelled: flag.meaning for flag in command.flags})
    yield "Exit codes:\n" + _table({str(code.code): code.meaning for code in sorted(command.exits)})
    yield "Examples:\n" + "\n".join(map(_example, command.examples))


def _effect(command: Command) -> str:
    if command.writes and command.acts_with:
        return f"Writes to the database only with {command.acts_with}."
    return f"{'Writes to' if command.writes else 'Never writes to'} the database."


def _example(example: Example) -> str:
    return f"  {_NAME} {example.line}\n" + textwrap.indent(textwrap.fill(example.purpose, 74), " " * 6) + "\n"


def variables() -> str:
    """Return every environment variable with its meaning."""
    return "Environment variables:\n" + _table(VARIABLES)


def exit_codes() -> str:
    """Return every exit code with its meaning for each command."""
    return "Exit codes:\n" + "".join(
        _row(str(code), f"{', '.join(names)}: {meaning}", width=3) for code, names, meaning in shared_exits()
    )


def shared_exits() -> list[tuple[int, tuple[str, ...], str]]:
    """Return every meaning of every exit code, with the commands that share it, by code."""
    names: dict[tuple[int, str], list[str]] = {}
    for command in load_all():
        for code, meaning, _ in command.exits:
            names.setdefault((code, meaning), []).append(command.name)
    return sorted(
        ((code, tuple(sharing), meaning) for (code, meaning), sharing in names.items()), key=_by_code
    )


def _by_code(row: tuple[int, tuple[str, ...], str]) -> int:
    return row[0]


def _table(rows: Mapping[str, str]) -> str:
    width = max(map(len, rows))
    return "".join(_row(name, words, width) for name, words in rows.items())


def _row(name: str, words: str, width: int) -> str:
    hanging = " " * (width + 4)
    return (
        textwrap.fill(words, _COLUMNS, initial_indent=f"  {name:<{width}}  ", subsequent_indent=hanging)
        + "\n"
    )


def _names(names: Iterable[str]) -> str:
    return textwrap.fill(", ".join(names), _COLUMNS, initial_indent="  ", subsequent_indent="  ") + "\n"


_TOPICS = {"variables": variables, "exit-codes": exit_codes}

COMMAND = Command(
    name="help",
    summary="print this, or the help of a command",
    text="""\
Prints the list of commands. With the name of a command, its flags, exit codes and examples; with
variables, every environment variable; with exit-codes, every exit code of every command.""",
    examples=(
        Example("help restore", "the same as `restore --help`"),
        Example("help variables", "what can be set in the environment"),
    ),
    prints=help_text,
    operand="COMMAND",
    operand_needed=False,
    exits=(Exit(0, "printed"), USAGE),
)
