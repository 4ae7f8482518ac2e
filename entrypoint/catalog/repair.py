"""Restore single objects: statements for each difference, made from the row that is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from entrypoint.catalog import replacing
from entrypoint.catalog.dependents import Dependents
from entrypoint.catalog.kinds.kind import Action, Phase
from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, CatalogObject, Key, holds
from entrypoint.catalog.replacing import Obstacle, Replaced
from entrypoint.errors import ExitCode
from entrypoint.postgres.table_locks import LockMode

# What is dropped first: nothing else of ours depends on parts of tables and views but foreign keys on keys.
_PARTS_RANK = kind_of("constraint").rank


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


class Repairs(NamedTuple):
    """The repairs in the order in which they run, and what no statement can repair.

    `undecided` are keys of what a person has to decide, `obstacles` what depends on an object that would have
    to be made anew.
    """

    work: tuple[Repair, ...] = ()
    undecided: tuple[Key, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


def repairs(expected: Catalog, actual: Catalog, dependents: Dependents | None = None) -> Repairs:
    """Return what makes `actual` equal to `expected`. Extra objects stay as they are."""
    replaced = replacing.replaced(expected, actual, dependents or {})
    work: list[Repair] = []
    undecided: list[Key] = []
    for item in expected.values():
        if not _needs_work(item, expected, actual, replaced):
            continue
        made = list(_restore(item, actual.get(item.key), replaced))
        work += made
        if not made:
            undecided.append(item.key)
    work += _others(actual, replaced)
    existing = {name for kind, name in actual if kind == "table"}
    bounded = (
        repair._replace(locks=tuple(lock for lock in repair.locks if lock[0] in existing)) for repair in work
    )
    return Repairs(tuple(sorted(bounded, key=_order)), tuple(undecided), replaced.obstacles)


def _needs_work(item: CatalogObject, expected: Catalog, actual: Catalog, replaced: Replaced) -> bool:
    """Return whether the object has to be restored, and by statements of its own."""
    kind = kind_of(item.kind)
    found = actual.get(item.key)
    if item.key in replaced.anew or item.key in replaced.fallen:
        return not (kind.made_with_table or kind.left_alone)
    if kind.left_alone or holds(actual, item):
        return False
    if found is None:
        missing_table = ("table", item.relation) in expected and ("table", item.relation) not in actual
        # What a parent hands down is there as soon as the parent has it.
        return not (item.facets.get("inherited") or (kind.made_with_table and missing_table))
    return bool(kind.to_restore(item, item.changed_facets(found)))


def _order(repair: Repair) -> tuple[Phase, bool, bool, int, int]:
    """Order by what each needs: an object's number says when it was made among those expected."""
    rank = kind_of(repair.kind).rank
    if repair.phase is Phase.DROP:
        return repair.phase, rank < _PARTS_RANK, not repair.refers, -repair.position, rank
    return repair.phase, False, repair.refers and not repair.position, repair.position, rank


def _restore(item: CatalogObject, actual: CatalogObject | None, replaced: Replaced) -> Iterable[Repair]:
    """Return the statements for one object; none when a person has to decide."""
    kind = kind_of(item.kind)
    if actual is not None and item.key in replaced.anew:
        return _make_anew(item, actual, replaced.anew[item.key])
    if item.key in replaced.fallen:
        return _repairs(replaced.fallen[item.key], kind.create(item))
    if actual is None:
        return _repairs("missing", kind.create(item))
    facets = kind.to_restore(item, item.changed_facets(actual))
    altered = kind.alter(item, actual, facets)
    return _repairs("changed: " + ", ".join(facets), altered or [])


def _make_anew(item: CatalogObject, actual: CatalogObject, reason: str) -> Iterator[Repair]:
    """Yield DROP, CREATE, and what went with the old one and stands in no file."""
    kind = kind_of(item.kind)
    created = kind.create(item)
    if not created or "drop" not in actual.statements:
        return
    yield from _repairs(reason, [kind.action(actual, "drop"), *created, *_again(item, actual)])


def _again(item: CatalogObject, actual: CatalogObject) -> Iterator[Action]:
    for name, phase in (("populate", Phase.SETTINGS), ("privileges", Phase.PRIVILEGES)):
        if text := actual.statements.get(name):
            yield Action(item, text, phase)


def _others(actual: Catalog, replaced: Replaced) -> Iterator[Repair]:
    """Yield what makes the views of others anew that stand in the way of a wider type."""
    for key, reason in replaced.others.items():
        item = actual[key]
        kind = kind_of(item.kind)
        yield from _repairs(reason, [kind.action(item, "drop")] if kind.holds_parts else [])
        created = [action._replace(phase=max(action.phase, Phase.OTHERS)) for action in kind.create(item)]
        yield from _repairs(reason, [*created, *_again(item, item)])


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
