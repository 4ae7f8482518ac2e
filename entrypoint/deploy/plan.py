"""Decide what a start does, from what was compared; no driver, no clock, no log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from entrypoint.catalog.dependents import Dependents
from entrypoint.catalog.difference import Difference
from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, without
from entrypoint.catalog.privileges import only_grants
from entrypoint.catalog.repair import Repair, repairs
from entrypoint.catalog.replacing import Obstacle
from entrypoint.postgres.table_locks import LockMode
from entrypoint.sqlfiles.source import Script, Source

_FRESH = "the database is empty"
_PENDING = "not applied here yet"
_SEED = "--with-test-data"


class Step(NamedTuple):
    """One step of a start in words, which `plan` prints and a start logs.

    Only repairs have their `statement` here, for files it is the whole file.
    """

    action: str
    target: str
    reason: str
    statement: str | None = None


W = TypeVar("W", Script, Repair)


class Task(NamedTuple, Generic[W]):
    """A step and what carries it out."""

    step: Step
    work: W


class Plan(NamedTuple):
    """What to do, in order: whole files and grants on a fresh database, else migrations or single repairs.

    Migrations change what differs, so that repairs are planned anew when they have run. `contained` are
    those that the baseline of a fresh database includes; `deferred` run after COMMIT, outside a transaction.
    `undecided` are differences that no statement can repair without a person's decision, `obstacles` what
    depends on an object that would have to be made anew; a plan that has any is never carried out. `locks`
    are the existing tables that the repairs need, in name order.
    """

    files: tuple[Script, ...] = ()
    contained: tuple[Script, ...] = ()
    migrations: tuple[Script, ...] = ()
    deferred: tuple[Script, ...] = ()
    repairs: tuple[Repair, ...] = ()
    seed: Script | None = None
    undecided: tuple[Difference, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the schema is left as it is; test data do not count."""
        changes = self.files or self.migrations or self.deferred or self.repairs
        return not (changes or self.undecided or self.obstacles)

    @property
    def locks(self) -> tuple[tuple[str, LockMode], ...]:
        """The strongest mode that any repair needs on each existing table, in name order."""
        strongest: dict[str, LockMode] = {}
        for repair in self.repairs:
            for table, mode in repair.locks:
                strongest[table] = max(mode, strongest.get(table, mode))
        return tuple(sorted(strongest.items()))

    @property
    def migration_tasks(self) -> tuple[Task[Script], ...]:
        """What runs first in the transaction; whatever is left to do is planned after it."""
        return tuple(_task(file, _PENDING) for file in self.migrations)

    @property
    def tasks(self) -> tuple[Task[Script] | Task[Repair], ...]:
        """What runs in the transaction when no migration is left, in order."""
        seeds = (self.seed,) if self.seed else ()
        return (
            *(_task(file, _FRESH) for file in self.files),
            *(Task(_repair_step(repair), repair) for repair in self.repairs),
            *(_task(file, _SEED) for file in seeds),
        )

    @property
    def deferred_tasks(self) -> tuple[Task[Script], ...]:
        """What runs after COMMIT, in order."""
        return tuple(_task(file, _deferred_reason(file)) for file in self.deferred)


def _task(file: Script, reason: str) -> Task[Script]:
    return Task(Step(action=file.role.value, target=file.name, reason=reason), file)


def _repair_step(repair: Repair) -> Step:
    return Step(
        action="repair",
        target=f"{repair.kind} {repair.name}",
        reason=repair.reason,
        statement=repair.statement,
    )


def _deferred_reason(migration: Script) -> str:
    built_here = f", builds {', '.join(migration.builds)}" if migration.builds else ""
    return f"after COMMIT, outside a transaction{built_here}"


def decide(
    expected: Catalog,
    actual: Catalog,
    differences: Iterable[Difference],
    source: Source,
    pending: tuple[Script, ...] = (),
    *,
    with_test_data: bool = False,
    dependents: Dependents | None = None,
) -> Plan:
    """Return the plan that makes `actual` equal to `expected`, of which `pending` is the first part.

    `dependents` are those of the objects in `actual`, where one of them has to be made anew.
    """
    seed = source.seed if with_test_data else None
    if is_fresh(expected, actual):
        files = (source.baseline, source.functions, source.triggers, source.views)
        granted = repairs(only_grants(expected), actual).work
        return Plan(files=files, contained=pending, repairs=granted, seed=seed)
    deferred = tuple(migration for migration in pending if not migration.transactional)
    if len(deferred) < len(pending):
        migrations = tuple(migration for migration in pending if migration.transactional)
        return Plan(migrations=migrations, deferred=deferred, seed=seed)
    work, undecided, obstacles = repairs(without(expected, built(deferred)), actual, dependents)
    return Plan(
        deferred=deferred,
        repairs=work,
        seed=seed,
        undecided=tuple(difference for difference in differences if difference.key in undecided),
        obstacles=obstacles,
    )


def built(deferred: Iterable[Script]) -> frozenset[str]:
    """Return the names of the indexes that are built after COMMIT, and not missing before it."""
    return frozenset(name for migration in deferred for name in migration.builds)


def is_fresh(expected: Catalog, actual: Catalog) -> bool:
    """Return whether nothing of ours is there; what belongs to others does not count."""
    return not present(expected, actual)


def present(expected: Catalog, actual: Catalog) -> list[str]:
    """Return what of ours is there, by kind and name, in that order."""
    ours = (key for key in expected if kind_of(key[0]).marks_ours and key in actual)
    return sorted(f"{kind} {name}" for kind, name in ours)
