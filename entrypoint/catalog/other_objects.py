"""What belongs to others: counted, named up to a limit, and judged by what it does to ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

from entrypoint.catalog.difference import Difference, Key
from entrypoint.catalog.kinds.kind import described
from entrypoint.catalog.kinds.registry import KINDS, kind_of
from entrypoint.catalog.objects import Catalog, names
from entrypoint.postgres.connection import Connection, rolled_back
from entrypoint.postgres.queries import query

_NAMED = 20
# Kinds of which others may have any number in public.
_COUNTED = frozenset({"table", "view", "materialized view", "sequence", "function", "type"})


class Effect(NamedTuple):
    """What an object of a class does to ours; `harmful` is said where it changes how they behave."""

    plural: str
    usual: str
    harmful: str | None = None


_ELSEWHERE = "is in another schema, and would fall with what it uses"
# Extra objects warn. Those fail for which the query says so: they act on objects that do not name them.
EFFECTS: Mapping[str, Effect] = {
    "access method": Effect("access methods", "serves only what names it"),
    "cast": Effect(
        "casts",
        "applies only where it is written",
        "decides how expressions over types of ours are understood",
    ),
    "collation": Effect("collations", "applies only where it is named"),
    "conversion": Effect("conversions", "applies only where it is called"),
    "default privileges": Effect(
        "default privileges", "grants rights on whatever is created, by a start too"
    ),
    "event trigger": Effect("event triggers", "runs for every DDL statement, those of a start too"),
    "foreign-data wrapper": Effect("foreign-data wrappers", "serves only foreign tables"),
    "server": Effect("foreign servers", "serves only foreign tables"),
    "user mapping": Effect("user mappings", "serves only foreign tables"),
    "language": Effect("languages", "serves only functions that name it"),
    "transform": Effect("transforms", "serves only functions that name it"),
    "operator": Effect("operators", "applies only to arguments of its types"),
    "operator class": Effect(
        "operator classes",
        "applies only where it is named",
        "is the default of a type that ours use, for their indexes and comparisons",
    ),
    "operator family": Effect("operator families", "serves only operator classes"),
    "operator of access method": Effect(
        "operators of access methods", "serves only expressions that use the operator"
    ),
    "function of access method": Effect(
        "functions of access methods", "serves only expressions over its types"
    ),
    "publication": Effect(
        "publications",
        "sends the changes of tables to other servers",
        "publishes a table of ours that has no replica identity: UPDATE or DELETE on it is refused",
    ),
    "setting": Effect("settings", "is in force in each session that does not set it"),
    "statistics": Effect("extended statistics", "serves only the planner"),
    "text search configuration": Effect("text search configurations", "applies only where it is named"),
    "text search dictionary": Effect("text search dictionaries", "applies only where it is named"),
    "text search parser": Effect("text search parsers", "applies only where it is named"),
    "text search template": Effect("text search templates", "applies only where it is named"),
    "type": Effect("types", "applies only where it is named"),
    # Of kinds that are compared, but in another schema.
    "table": Effect("tables", _ELSEWHERE, "inherits from a table of ours, whose queries find its rows"),
    "foreign table": Effect(
        "tables", _ELSEWHERE, "inherits from a table of ours, whose queries find its rows"
    ),
    "view": Effect("views", _ELSEWHERE),
    "materialized view": Effect("materialized views", _ELSEWHERE),
    "function": Effect("functions", _ELSEWHERE),
}


class Others(NamedTuple):
    """What belongs to others: those that are named, and how many there are in each category.

    `compared` counts relations, routines and types of public, `others` everything else; neither counts what
    is known and tolerated.
    """

    differences: tuple[Difference, ...] = ()
    compared: tuple[tuple[str, int], ...] = ()
    others: tuple[tuple[str, int], ...] = ()


async def read(connection: Connection, expected: Catalog, known_extras: Mapping[Key, str]) -> Others:
    """Return what the current transaction sees of others, of whom at most twenty harmless ones are named."""
    kinds, known = [kind for kind, _ in known_extras], [name for _, name in known_extras]
    async with rolled_back(connection, "other_objects"):
        rows = await connection.fetch(query("other_objects"), "public", names(expected), kinds, known, _NAMED)
    found = [_difference(row, name, harmful, known_extras) for row in rows for name, harmful in _named(row)]
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in rows:
        tolerated = sum((row["kind"], name) in known_extras for name, _ in _named(row))
        counts[row["compared"]][_plural(row["kind"])] += row["total"] - tolerated
    return Others(
        differences=tuple(found),
        compared=tuple((plural, count) for plural, count in counts[True].items() if count),
        others=tuple((plural, count) for plural, count in counts[False].items() if count),
    )


def ours(actual: Catalog, expected: Catalog) -> Catalog:
    """Return `actual` without what belongs to others, which is counted instead.

    Ours is what has the name of an expected object, what belongs to that, and what changes how it behaves.
    """
    wanted = {form for name in names(expected) for form in (name, name.partition("(")[0])}
    gone = {
        key
        for key, item in actual.items()
        if item.kind in _COUNTED
        and item.relation is None
        and not wanted & {item.name, item.name.partition("(")[0]}
        and not kind_of(item.kind).harms(item, expected)
    }
    relations = {name for _, name in gone} - wanted
    return {
        key: item
        for key, item in actual.items()
        if key not in gone and item.relation not in relations and described(item) not in gone
    }


def _named(row: asyncpg.Record) -> list[tuple[str, bool]]:
    return [(name, True) for name in row["harmful"] or ()] + [(name, False) for name in row["named"] or ()]


def _plural(kind: str) -> str:
    effect = EFFECTS.get(kind)
    return effect.plural if effect else kind_of(kind).plural if kind in KINDS else f"{kind}s"


def _difference(row: asyncpg.Record, name: str, harmful: bool, known_extras: Mapping[Key, str]) -> Difference:
    kind, known = row["kind"], known_extras.get((row["kind"], name))
    effect = EFFECTS.get(kind) or Effect(_plural(kind), "is of a class that is not known here")
    usual = None if row["compared"] else effect.usual
    harmful = harmful and known is None
    return Difference(
        status="extra",
        kind=kind,
        name=name,
        relation=None,
        expected=None,
        actual=None,
        severity="failure" if harmful else "warning",
        note=known or (effect.harmful if harmful else usual),
        # What a file of ours names is recorded; others may be gone when the record is read.
        unowned=known is None or not row["compared"],
    )
