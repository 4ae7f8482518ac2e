"""How one kind of object is compared, restored and judged. Each module beside this one defines a kind."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from entrypoint.catalog.difference import Severity
from entrypoint.catalog.objects import Catalog, CatalogObject, Key
from entrypoint.errors import ExitCode
from entrypoint.postgres.table_locks import LockMode

_HOLDERS = ("table", "view", "materialized view", "type")


class Phase(IntEnum):
    """When a repair runs; a later phase may need what an earlier one made."""

    DROP = 0
    MAKE = 1
    OTHERS = 2
    SETTINGS = 3
    COMMENT = 4
    PRIVILEGES = 5
    GRANT = 6


class Action(NamedTuple):
    """One statement for an object; `locks` are the tables that it locks, existing or not."""

    item: CatalogObject
    statement: str
    phase: Phase = Phase.MAKE
    locks: tuple[tuple[str, LockMode], ...] = ()


class Kind:
    """The answers for one kind. A kind overrides those that differ from the usual ones.

    `facets` are what is read and compared; people may set those `tuned` where `sql/` says nothing. `rank`
    orders differences: causes before effects. `lock` is the mode in which a statement locks the tables of the
    object. `catalog` is the system catalog that holds it, where it has an entry of its own.
    """

    name: str
    plural: str
    rank: int
    catalog: str | None = None
    facets: tuple[str, ...] = ("definition",)
    tuned: frozenset[str] = frozenset()
    severity: Severity = "failure"
    exit_code: ExitCode = ExitCode.SCHEMA
    phase: Phase = Phase.MAKE
    lock: LockMode | None = None

    holds_parts: bool = False
    """Whether what belongs to a missing or extra object is counted in its note instead of listed."""
    made_with_table: bool = False
    """Whether CREATE TABLE brings the object along."""
    describes: bool = False
    """Whether an extra object only says something about another one, which its name names."""
    left_alone: bool = False
    """Whether people may change the object as they like, so that no repair changes it back."""
    harmful: bool = False
    """Whether an extra object on a table or view of ours changes how that behaves."""
    marks_ours: bool = False
    """Whether a database that has an expected object of this kind is not a fresh one."""
    stands_alone: bool = False
    """Whether a rollback may drop an object of this kind by its name only if it is ours."""
    counted: bool = False
    """Whether the inventory of a rollback counts the objects of this kind."""

    def create(self, item: CatalogObject) -> list[Action]:
        """Return what makes a missing object; nothing when a person has to decide."""
        return [self.action(item, "create")] if "create" in item.statements else []

    def alter(self, item: CatalogObject, actual: CatalogObject, facets: list[str]) -> list[Action] | None:
        """Return what changes these facets of `actual`.

        Nothing leaves it to a person, and None makes the object anew.
        """
        return self.create(item)

    def to_restore(self, item: CatalogObject, facets: list[str]) -> list[str]:
        """Return those of the changed facets that a repair changes back."""
        return [facet for facet in facets if facet not in self.tuned or item.facets[facet] is not None]

    def severity_of(self, item: CatalogObject, facets: list[str]) -> Severity:
        """Return how grave it is that these facets of `item` are not as expected."""
        return "warning" if self.tuned.issuperset(facets) else self.severity

    def removes(self, item: CatalogObject, facets: list[str]) -> bool:
        """Return whether changing these facets fails while something depends on the object."""
        return False

    def action(self, item: CatalogObject, statement: str) -> Action:
        """Return one of the statements of `item`, with the locks that PostgreSQL documents for it."""
        mode = self.lock_of(item, statement)
        tables = [table for table in (item.relation, item.references) if table]
        locks = tuple((table, mode) for table in tables) if mode else ()
        return Action(item, item.statements[statement], self.phase_of(statement), locks)

    def phase_of(self, statement: str) -> Phase:
        """Return when the statement of this name runs."""
        return Phase.DROP if statement == "drop" else self.phase

    def lock_of(self, item: CatalogObject, statement: str) -> LockMode | None:
        """Return the mode in which the statement of this name locks the tables of `item`."""
        return self.lock

    def harms(self, item: CatalogObject, expected: Catalog) -> bool:
        """Return whether an extra object makes ours behave differently."""
        return self.harmful and is_ours(item.relation, expected)

    def note(self, item: CatalogObject) -> str | None:
        """Return what a person should know of a harmless extra object."""
        return None

    def interface(self, item: CatalogObject) -> tuple[str | None, ...] | None:
        """Return what a running API relies on, or None when it does not rely on this kind."""
        return None


def is_ours(relation: str | None, expected: Catalog) -> bool:
    """Return whether a table or view of this name is expected."""
    return any((kind, relation) in expected for kind in _HOLDERS)


def described(item: CatalogObject) -> Key:
    """Return the key of the object that one of a describing kind is about."""
    word, _, name = item.name.partition(" ")
    return word, name
