"""In which order the objects of the product are dropped, found in the catalog: what depends goes first."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from entrypoint.errors import DatabaseIncompatible

_TABLES = "tables"


class Drop(NamedTuple):
    """One object: `type` and `identity` as DROP names it, `dependents` the ids of those that go first."""

    id: str
    type: str
    identity: str
    dependents: tuple[str, ...]


def statements(drops: Iterable[Drop]) -> list[str]:
    """Return the DROP statements in an order in which nothing is missed by what is still there.

    All tables are one statement, because foreign keys may refer to each other in a circle, and none
    says CASCADE. Raises DatabaseIncompatible where other objects depend on each other in a circle.
    """
    by_id = {drop.id: drop for drop in drops}
    tables = [drop.identity for drop in by_id.values() if drop.type == "table"]
    order: TopologicalSorter[str] = TopologicalSorter()
    for drop in by_id.values():
        node = _node(drop)
        order.add(node, *({_node(by_id[other]) for other in drop.dependents} - {node}))
    try:
        nodes = list(order.static_order())
    except CycleError as error:
        names = sorted({_name(by_id.get(node)) for node in error.args[1]})
        raise DatabaseIncompatible(
            f"objects depend on each other in a circle: {', '.join(names)}; nothing was dropped",
            remedy="drop one of them by hand, then roll back again",
            objects=names,
        ) from error
    return [
        f"DROP TABLE {', '.join(tables)}"
        if node == _TABLES
        else f"DROP {by_id[node].type.upper()} {by_id[node].identity}"
        for node in nodes
    ]


def _node(drop: Drop) -> str:
    return _TABLES if drop.type == "table" else drop.id


def _name(drop: Drop | None) -> str:
    return f"{drop.type} {drop.identity}" if drop else "the tables"
