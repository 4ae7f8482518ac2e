"""Every kind of object has every answer, so that none is read and then forgotten by what follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.catalog import kinds
from entrypoint.catalog.kinds.kind import Kind
from entrypoint.catalog.kinds.registry import KINDS

_FOLDER = Path(kinds.__file__).parent
_NO_KIND = {"__init__", "kind", "registry"}
# What the API's role may do is read by a query of its own.
_READ_ELSEWHERE = {"grant"}


def _file_of(kind: Kind) -> str:
    return kind.name.replace(" ", "_")


def test_each_module_is_registered_and_has_its_query() -> None:
    """A kind is a module and a query of the same name, and the registry holds them all."""
    modules = {path.stem for path in _FOLDER.glob("*.py")} - _NO_KIND
    queries = {path.stem for path in _FOLDER.glob("*.sql")}
    registered = {_file_of(kind) for kind in KINDS.values()}
    assert modules == registered
    assert queries == registered - _READ_ELSEWHERE


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_has_every_answer(kind: Kind) -> None:
    """Name, plural, rank and facets have no default: a kind that lacks one would fail a start halfway."""
    for answer in ("name", "plural", "rank"):
        assert answer in vars(type(kind)), answer
    assert kind.facets
    assert {"name", "plural", "rank"} <= vars(type(kind)).keys()


def test_ranks_differ() -> None:
    """No two kinds have the same rank, so that the order of differences is one."""
    ranks = [kind.rank for kind in KINDS.values()]
    assert len(set(ranks)) == len(ranks)
