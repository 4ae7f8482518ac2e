"""Which objects have to be made anew: those that cannot be changed in place, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from entrypoint.catalog import dependents as reading
from entrypoint.catalog.dependents import Dependents
from entrypoint.catalog.kinds.column import widens
from entrypoint.catalog.kinds.kind import described
from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.postgres.connection import Connection


class Obstacle(NamedTuple):
    """An object that cannot be changed while `dependent` depends on it."""

    kind: str
    name: str
    dependent: str


class Replaced(NamedTuple):
    """What is dropped and created again, by key, with the reason.

    `anew` is ours, and `fallen` what of ours goes with it. `others` are views of others, with their parts.
    """

    anew: dict[Key, str]
    fallen: dict[Key, str]
    others: dict[Key, str]
    obstacles: tuple[Obstacle, ...]


async def in_the_way(connection: Connection, expected: Catalog, actual: Catalog) -> Dependents:
    """Read the dependents of `actual`, read in the same transaction, if anything has to be made anew."""
    return await reading.read(connection, actual) if removed(expected, actual) else {}


def removed(expected: Catalog, actual: Catalog) -> dict[Key, str]:
    """Return the objects whose change fails while something depends on them, with the reason."""
    found = {}
    for key, item in expected.items():
        kind = kind_of(item.kind)
        if key not in actual or kind.left_alone:
            continue
        changed = item.changed_facets(actual[key])
        facets = kind.to_restore(item, changed)
        altered = kind.alter(item, actual[key], facets) if facets else []
        undecided = facets and altered == []
        if altered is None or (changed and not undecided and kind.removes(item, changed)):
            found[key] = "changed: " + ", ".join(changed)
    return found


def replaced(expected: Catalog, actual: Catalog, dependents: Dependents) -> Replaced:
    """Return what is made anew so that `actual` can become `expected`."""
    roots = removed(expected, actual)
    anew = {key: reason for key, reason in roots.items() if not _in_place(expected[key], actual[key])}
    others: dict[Key, str] = {}
    obstacles = []
    waiting = [(key, _keeps_shape(expected[key], actual[key])) for key in roots]
    while waiting:
        key, keeps_shape = waiting.pop()
        for dependent in dependents.get(key, ()):
            user = dependent.key
            if user in anew or user in others or user in roots:
                continue
            reason = f"it depends on {key[0]} {key[1]}"
            if user is not None and _can_be_made_anew(expected.get(user), actual[user]):
                anew[user] = reason
            elif user is not None and keeps_shape and user[0] == "view" and user not in expected:
                others[user] = reason
            else:
                obstacles.append(Obstacle(*key, dependent.text))
                continue
            waiting.append((user, keeps_shape))
    fallen = {part.key: why for part, why in _parts(expected, anew) if part.key not in anew}
    others |= {part.key: why for part, why in _parts(actual, others) if part.key not in expected}
    return Replaced(anew, fallen, others, tuple(obstacles))


def _keeps_shape(item: CatalogObject, actual: CatalogObject) -> bool:
    """Return whether what was written for the old object fits the new one: no type but wider ones."""
    if item.kind == "column":
        return True
    before, after = (one.facets.get("columns") for one in (actual, item))
    if before is None or after is None:
        return False
    columns = list(zip(before.split(", "), after.split(", "), strict=False))
    same_number = before.count(", ") == after.count(", ")
    return same_number and all(one == other or _is_wider(one, other) for one, other in columns)


def _is_wider(before: str, after: str) -> bool:
    name, _, kind = before.partition(" ")
    other, _, wider = after.partition(" ")
    return name == other and widens(kind, wider)


def _in_place(item: CatalogObject, actual: CatalogObject) -> bool:
    """Return whether statements change the object without dropping it first."""
    kind = kind_of(item.kind)
    facets = kind.to_restore(item, item.changed_facets(actual))
    return not facets or kind.alter(item, actual, facets) is not None


def _can_be_made_anew(item: CatalogObject | None, actual: CatalogObject) -> bool:
    if item is None or kind_of(item.kind).made_with_table:
        return False
    return "create" in item.statements and "drop" in actual.statements


def _parts(catalog: Catalog, holders: dict[Key, str]) -> Iterator[tuple[CatalogObject, str]]:
    """Yield what belongs to the holders, or describes them."""
    names = {name: kind for kind, name in holders if kind_of(kind).holds_parts}
    for item in catalog.values():
        if item.relation in names:
            yield item, f"its {names[item.relation]} is made anew"
        elif kind_of(item.kind).describes and described(item) in holders:
            yield item, f"its {described(item)[0]} is made anew"
