"""Restore single objects: one statement for each difference, made from the row that is expected."""

from __future__ import annotations

from typing import NamedTuple

from entrypoint.catalog.objects import Catalog, CatalogObject, Key, holds
from entrypoint.errors import ExitCode
from entrypoint.postgres.table_locks import LockMode

_ROUTINES = frozenset({"function", "view", "trigger"})

# Later ranks may need what earlier ones made; DROP first, so that nothing stands in the way.
_ORDER = (
    "drop",
    "sequence",
    "table",
    "column",
    "constraint",
    "index",
    "foreign key",
    "ownership",
    "function",
    "view",
    "trigger",
    "row security",
    "comment",
    "privileges",
    "grant",
)


class Repair(NamedTuple):
    """One statement that restores `kind` `name`; `locks` are existing tables and the modes it takes."""

    kind: str
    name: str
    reason: str
    statement: str
    order: str
    locks: tuple[tuple[str, LockMode], ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that stands for a failure of this statement."""
        if self.kind == "grant":
            return ExitCode.INCOMPATIBLE
        return ExitCode.ROUTINES if self.kind in _ROUTINES else ExitCode.SCHEMA


def repairs(expected: Catalog, actual: Catalog) -> tuple[tuple[Repair, ...], tuple[Key, ...]]:
    """Return the repairs in the order in which they run, and the keys that no statement can repair.

    Extra objects are neither: they stay as they are.
    """
    work: list[Repair] = []
    undecided: list[Key] = []
    for key, item in expected.items():
        if holds(actual, item):
            continue
        if item.kind == "storage parameters":
            continue  # Tuned by people, and left to them.
        if item.kind == "column" and ("table", item.relation) not in actual:
            continue  # CREATE TABLE brings its columns along.
        made = list(_restore(item, actual.get(key), expected))
        work += made
        if not made:
            undecided.append(key)
    existing = {name for kind, name in actual if kind == "table"}
    bounded = (
        repair._replace(locks=tuple(lock for lock in repair.locks if lock[0] in existing)) for repair in work
    )
    return tuple(sorted(bounded, key=lambda repair: _ORDER.index(repair.order))), tuple(undecided)


def _restore(item: CatalogObject, actual: CatalogObject | None, expected: Catalog) -> list[Repair]:
    """Return the statements for one object; none when a person has to decide."""
    if actual is None:
        return _create(item, "missing")
    facets = item.changed_facets(actual)
    reason = "changed: " + ", ".join(facets)
    match item.kind:
        case "table":
            return []
        case "column" | "sequence":
            alone = all(facet in item.statements for facet in facets)
            return [_repair(item, reason, facet) for facet in facets] if alone else []
        case "constraint":
            return [_repair(item, reason, "validated" if facets == ["validated"] else "replace")]
        case "trigger" if facets == ["enabled"]:
            return [_repair(item, reason, "enabled")]
        case "index":
            return _replace(item, actual, expected, reason)
        case "view" | "function" if facets != ["definition"]:
            return _replace(item, actual, expected, reason)
        case _:
            return _create(item, reason)


def _create(item: CatalogObject, reason: str) -> list[Repair]:
    """Return what makes the object anew, or over the old one where CREATE OR REPLACE serves."""
    if "create" not in item.statements:
        return []
    made = [_repair(item, reason, "create")]
    if item.kind == "sequence":
        made += [_repair(item, reason, name) for name in ("owned_by", "continue") if name in item.statements]
    if item.kind == "trigger" and item.facets["enabled"] != "enabled":
        made.append(_repair(item, reason, "enabled"))
    return made


def _replace(item: CatalogObject, actual: CatalogObject, expected: Catalog, reason: str) -> list[Repair]:
    """Return DROP and CREATE, for what CREATE OR REPLACE refuses; the comments went with the old one."""
    if "create" not in item.statements or "drop" not in actual.statements:
        return []
    comments = [
        _repair(comment, f"its {item.kind} is made anew", "create")
        for comment in expected.values()
        if comment.kind == "comment" and _describes(comment, item)
    ]
    dropped = _repair(item, reason, "create")._replace(statement=actual.statements["drop"], order="drop")
    if item.kind == "index" and actual.relation is not None:
        dropped = dropped._replace(locks=((actual.relation, LockMode.ACCESS_EXCLUSIVE),))
    again = actual.statements.get("privileges")
    granted = [_repair(item, reason, "create")._replace(statement=again, order="privileges")] if again else []
    return [dropped, *_create(item, reason), *comments, *granted]


def _describes(comment: CatalogObject, item: CatalogObject) -> bool:
    return comment.name == f"{item.kind} {item.name}" or comment.relation == item.name


def _repair(item: CatalogObject, reason: str, statement: str) -> Repair:
    return Repair(
        kind=item.kind,
        name=item.name,
        reason=reason,
        statement=item.statements[statement],
        order=_order(item, statement),
        locks=_locks(item, statement),
    )


def _order(item: CatalogObject, statement: str) -> str:
    if item.kind == "sequence" and statement in ("owned_by", "continue"):
        return "ownership"
    return "foreign key" if item.references else item.kind


def _locks(item: CatalogObject, statement: str) -> tuple[tuple[str, LockMode], ...]:
    """Return the locks that PostgreSQL's documentation gives for the statement, by table."""
    tables = [table for table in (item.relation, item.references) if table]
    match item.kind, statement:
        case "constraint", "validated":
            mode = LockMode.SHARE_UPDATE_EXCLUSIVE
        case "constraint", "create" if item.references:
            mode = LockMode.SHARE_ROW_EXCLUSIVE
        case (("constraint" | "column" | "row security"), _):
            mode = LockMode.ACCESS_EXCLUSIVE
        case "index", _:
            mode = LockMode.SHARE
        case "trigger", _:
            mode = LockMode.SHARE_ROW_EXCLUSIVE
        case "comment", _ if item.name.startswith(("table ", "column ")):
            mode = LockMode.SHARE_UPDATE_EXCLUSIVE
        case _:
            return ()
    return tuple((table, mode) for table in tables)
