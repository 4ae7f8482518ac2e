"""Nothing stands in the package that only its tests use."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "entrypoint"


def defined(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module defines, and those of its classes."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=inner):
                yield name
                yield from defined(inner)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def used_once(sources: list[str]) -> set[str]:
    """Return every name that is defined and stands nowhere else in the sources."""
    words = Counter(word for source in sources for word in re.findall(r"\w+", source))
    names = {name for source in sources for name in defined(ast.parse(source).body)}
    return {name for name in names if words[name] == 1 and not name.startswith("__")}


def test_every_name_is_used() -> None:
    """What the package defines it also uses; what only tests need stands in tests/support."""
    assert set() == used_once([path.read_text("utf-8") for path in PACKAGE.rglob("*.py")])


def test_no_module_passes_names_on() -> None:
    """Nothing is exported a second time: whoever needs a name imports it from where it is defined."""
    lists = [path.name for path in PACKAGE.rglob("*.py") if "__all__ =" in path.read_text("utf-8")]
    assert [] == lists


def test_a_dead_name_is_found() -> None:
    """A function, a method, a class and a constant that nobody uses are each found."""
    source = (
        "USED = 1\nUNUSED: int = USED\nclass A:\n    def method(self): ...\ndef f(): ...\nasync def g(): ..."
    )
    assert {"UNUSED", "A", "method", "f", "g"} == used_once([source])
