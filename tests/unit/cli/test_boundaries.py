"""What only `cli` may do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "entrypoint"
ONLY_IN_CLI = {
    *("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"),
    *("sys.argv", "sys.orig_argv"),
    *("sys.exit", "os._exit", "os.abort", "exit", "quit", "SystemExit"),
}


def used_outside_cli(source: str) -> list[str]:
    """Return every name that only `cli` may use, except in what runs when a module is run as a program."""
    return [
        name
        for statement in ast.parse(source).body
        if not _is_program(statement)
        for name in _uses(statement)
    ]


def _is_program(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'"


def _uses(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        names = []
        if isinstance(node, ast.Attribute | ast.Name):
            names = [ast.unparse(node)]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name in ONLY_IN_CLI)


def modules_below_cli() -> list[Path]:
    """Return every module but `cli` and the door to it."""
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if PACKAGE / "cli" not in path.parents and path != PACKAGE / "__main__.py"
    )


@pytest.mark.parametrize("path", modules_below_cli(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_cli_reads_the_process_and_ends_it(path: Path) -> None:
    """Below `cli` nothing reads environment or command line, and nothing exits: values are passed down."""
    assert [] == used_outside_cli(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\ndef f(): return os.environ['PATH']", ["os.environ"]),
        ("import os\nPATH = os.getenv('PATH')", ["os.getenv"]),
        ("from os import environ", ["os.environ"]),
        ("import sys\nclass A:\n    argv = sys.argv[1:]", ["sys.argv"]),
        ("import sys\ndef f(): sys.exit(1)", ["sys.exit"]),
        ("def f(): raise SystemExit", ["SystemExit"]),
        ("import sys\nif __name__ == '__main__':\n    sys.exit(main(sys.argv))", []),
        ("def f(environ): return environ['PATH']", []),
    ],
)
def test_the_search_finds_them(source: str, found: list[str]) -> None:
    """Each way to read the process or to end it is found."""
    assert found == used_outside_cli(source)
