"""The tables in the documentation that are made from the code: `make docs` writes them.

Each stands between two marks, and `written` replaces what is between them.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from entrypoint.catalog.kinds.registry import KINDS
from entrypoint.commands import help as help_texts
from entrypoint.commands.command import Command, load_all
from entrypoint.output import messages
from entrypoint.postgres import conditions
from entrypoint.postgres.conditions import Condition
from entrypoint.postgres.queries import query
from entrypoint.report.prometheus import GAUGES, PREFIX
from entrypoint.settings.variables import VARIABLES
from entrypoint.verification import derived_checks

METRICS = tuple(PREFIX + name for name in GAUGES)
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "entrypoint"
PAGES = (ROOT / "README.md", ROOT / "docs" / "reference.md")
# What an event means to a reader of the log; its name is the code's.
EVENTS = Path(__file__).with_name("events.toml")
EVENT = re.compile(
    r"(?:start|embedded|settings|phase|database|pooler|schema|environment|release|lock|plan|table|transaction|step"
    r"|verification|difference|check|ledger|migration|commit|index|metrics|signal|exit|process|backup|rollback|restore"
    r"|stamp|extras)\.(?!sql|py|lock$|command$)[a-z_]+"
)

_BLOCK = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)
_COLUMN = re.compile(r"(?m)^    (\w+) ")
_LEDGER_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (entrypoint\.\w+) \((.*?)\n\);", re.DOTALL)


def written(text: str) -> str:
    """Return a page with each of its tables as the code yields it."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{TABLES[block[2]]()}\n{block[3]}", text)


def marked(text: str) -> list[str]:
    """Return the names of the tables that a page has a place for."""
    return [block[2] for block in _BLOCK.finditer(text)]


def commands() -> str:
    """Return each way to call the program, as the help has it, and whether it writes to the database."""
    words = help_texts.usages()
    rows = (
        (f"`morse-entrypoint {usage}`", words[usage], _writes(command))
        for command in load_all()
        for usage in command.usages
    )
    return _table(("command", "what it does", "writes"), rows)


def _writes(command: Command) -> str:
    if command.writes and command.acts_with:
        return f"with {command.acts_with}"
    return "yes" if command.writes else "no"


def flags() -> str:
    """Return each flag with the commands that take it; one that differs among them has a line for each."""
    owners: dict[tuple[str, str], list[str]] = {}
    for command in load_all():
        for flag in command.flags:
            owners.setdefault((flag.spelled, flag.meaning), []).append(command.name)
    rows = [(f"`{flag}`", ", ".join(names), words) for (flag, words), names in owners.items()]
    rows.append(("`--help`, `--version`", "", "print and exit"))
    return _table(("flag", "of", "meaning"), rows)


def variables() -> str:
    """Return each variable with its default, where it has a plain one."""
    defaults = _defaults()
    rows = ((f"`{name}`", defaults.get(name, ""), words) for name, words in VARIABLES.items())
    return _table(("variable", "default", "meaning"), rows)


def exit_codes() -> str:
    """Return each exit code with its meaning for each command."""
    rows = ((str(code), ", ".join(names), words) for code, names, words in help_texts.shared_exits())
    return _table(("code", "of", "meaning"), rows)


def reasons() -> str:
    """Return each condition that has a name."""
    rows = (
        (f"`{condition.name}`", condition.retry.value, str(int(condition.error.exit_code)), condition.message)
        for condition in dict.fromkeys(_conditions(vars(conditions).values()))
    )
    return _table(("reason", "tried again", "code", "what happened"), sorted(rows))


def events() -> str:
    """Return each event with its meaning.

    Raises ValueError for an event without a meaning, and for a meaning of one that is never logged.
    """
    meanings = tomllib.loads(EVENTS.read_text("utf-8"))
    logged = events_in_code()
    if unequal := logged ^ meanings.keys():
        raise ValueError(f"either not logged or not in {EVENTS.name}: {', '.join(sorted(unequal))}")
    return _table(("event", "meaning"), ((f"`{name}`", words) for name, words in meanings.items()))


@cache
def events_in_code() -> frozenset[str]:
    """Return every string in the package that has the form of an event's name, the console's excepted."""
    return frozenset(
        node.value
        for path, tree in _trees()
        if path != Path(messages.__file__)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value)
    )


def categories() -> str:
    """Return each category of objects and the kind that is compared in it."""
    rows = ((f"`{kind.plural}`", kind.name) for kind in KINDS.values())
    return _table(("category", "kind of object"), rows)


def checks() -> str:
    """Return each integrity check, with the sentence at its top."""
    texts = {path.stem: path.read_text("utf-8") for path in (ROOT / "sql" / "verify").glob("*.sql")}
    deep = derived_checks.DEEP | {name for name, text in texts.items() if "\n-- entrypoint: deep\n" in text}
    texts |= {name: query(name) for name in derived_checks.NAMES}
    rows = (
        (f"`{name}`", "deep" if name in deep else "", text.splitlines()[0].removeprefix("-- "))
        for name, text in sorted(texts.items())
    )
    return _table(("check", "when", "what it proves"), rows)


def gauges() -> str:
    """Return each metric with its labels."""
    rows = ((f"`{PREFIX}{name}`", ", ".join(labels), words) for name, (labels, words) in GAUGES.items())
    return _table(("metric", "labels", "meaning"), rows)


def ledger() -> str:
    """Return each table of the ledger with its columns."""
    [path] = PACKAGE.rglob("ledger.sql")
    text = path.read_text("utf-8")
    comments = dict(re.findall(r"COMMENT ON TABLE (entrypoint\.\w+) IS '(.*)';", text))
    rows = (
        (f"`{table}`", comments[table], ", ".join(f"`{column}`" for column in _COLUMN.findall(body)))
        for table, body in _LEDGER_TABLE.findall(text)
    )
    return _table(("table", "what it holds", "columns"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "flags": flags,
    "variables": variables,
    "exit codes": exit_codes,
    "reasons": reasons,
    "events": events,
    "categories": categories,
    "checks": checks,
    "metrics": gauges,
    "ledger": ledger,
}


@cache
def _trees() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text("utf-8"))) for path in PACKAGE.rglob("*.py"))


@cache
def _defaults() -> Mapping[str, str]:
    """Return the variables that the settings read with a default: a number of seconds or the first choice."""
    found = {}
    for _, tree in _trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="seconds" | "choice"),
                    args=[
                        ast.Constant(value=str(name)),
                        ast.Constant(value=default) | ast.Tuple(elts=[ast.Constant(value=default), *_]),
                    ],
                ):
                    found[name] = str(default)
    return found


def _conditions(values: Iterable[object]) -> Iterator[Condition]:
    """Yield the conditions among `values`, and those in their mappings."""
    for value in values:
        if isinstance(value, Condition):
            yield value
        elif isinstance(value, Mapping):
            yield from _conditions(value.values())


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the tables of every page."""
    for page in PAGES:
        page.write_text(written(page.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
