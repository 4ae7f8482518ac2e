"""Restore single objects: one statement for each difference, made from the row that is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from entrypoint.catalog.kinds.kind import Action, Phase, described
from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, CatalogObject, Key, holds
from entrypoint.errors import ExitCode
from entrypoint.postgres.table_locks import LockMode


class Repair(NamedTuple):
    """One statement that restores `kind` `name`; `locks` are existing tables and the modes it takes."""

    kind: str
    name: str
    reason: str
    statement: str
    phase: Phase
    position: int = 0
    locks: tuple[tuple[str, LockMode], ...] = ()
    refers: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that stands for a failure of this statement."""
        return kind_of(self.kind).exit_code


def repairs(expected: Catalog, actual: Catalog) -> tuple[tuple[Repair, ...], tuple[Key, ...]]:
    """Return the repairs in the order in which they run, and the keys that no statement can repair.

    Extra objects are neither: they stay as they are.
    """
    work: list[Repair] = []
    undecided: list[Key] = []
    for key, item in expected.items():
        kind = kind_of(item.kind)
        if holds(actual, item) or kind.left_alone:
            continue
        if kind.made_with_table and ("table", item.relation) not in actual:
            continue
        made = list(_restore(item, actual.get(key), expected))
        work += made
        if not made:
            undecided.append(key)
    existing = {name for kind, name in actual if kind == "table"}
    bounded = (
        repair._replace(locks=tuple(lock for lock in repair.locks if lock[0] in existing)) for repair in work
    )
    return tuple(sorted(bounded, key=_order)), tuple(undecided)


def _order(repair: Repair) -> tuple[Phase, int, bool, int]:
    """Order by what each needs: the number of an object says when it was made among those expected."""
    position = -repair.position if repair.phase is Phase.DROP else repair.position
    return repair.phase, position, repair.refers, kind_of(repair.kind).rank


def _restore(item: CatalogObject, actual: CatalogObject | None, expected: Catalog) -> Iterable[Repair]:
    """Return the statements for one object; none when a person has to decide."""
    kind = kind_of(item.kind)
    if actual is None:
        return _repairs("missing", kind.create(item))
    facets = item.changed_facets(actual)
    reason = "changed: " + ", ".join(facets)
    altered = kind.alter(item, actual, facets)
    return _make_anew(item, actual, expected, reason) if altered is None else _repairs(reason, altered)


def _make_anew(
    item: CatalogObject, actual: CatalogObject, expected: Catalog, reason: str
) -> Iterator[Repair]:
    """Yield DROP and CREATE; the comments and the privileges went with the old one."""
    kind = kind_of(item.kind)
    created = kind.create(item)
    if not created or "drop" not in actual.statements:
        return
    yield from _repairs(reason, [kind.action(actual, "drop")])
    yield from _repairs(reason, created)
    for comment in expected.values():
        if kind_of(comment.kind).phase is Phase.COMMENT and _belongs(comment, item):
            yield from _repairs(f"its {item.kind} is made anew", kind_of(comment.kind).create(comment))
    if again := actual.statements.get("privileges"):
        yield from _repairs(reason, [Action(item, again, Phase.PRIVILEGES)])


def _belongs(part: CatalogObject, item: CatalogObject) -> bool:
    return described(part) == item.key or part.relation == item.name


def _repairs(reason: str, actions: Iterable[Action]) -> Iterator[Repair]:
    for action in actions:
        yield Repair(
            kind=action.item.kind,
            name=action.item.name,
            reason=reason,
            statement=action.statement,
            phase=action.phase,
            position=action.item.position,
            locks=action.locks,
            refers=action.item.references is not None,
        )
