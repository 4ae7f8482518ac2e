"""Expected against actual: what is missing, changed or extra, and which of it matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from entrypoint.catalog.difference import Difference
from entrypoint.catalog.objects import Catalog, CatalogObject, Key, holds

# Every kind of object and what several of them are called, in the order in which people read them.
CATEGORIES: Mapping[str, str] = {
    "extension": "extensions",
    "type": "types",
    "table": "tables",
    "column": "columns",
    "constraint": "constraints",
    "index": "indexes",
    "sequence": "sequences",
    "function": "functions",
    "view": "views",
    "materialized view": "materialized views",
    "trigger": "triggers",
    "rule": "rules",
    "policy": "policies",
    "row security": "row security",
    "storage parameters": "storage parameters",
    "comment": "comments",
    "grant": "grants",
}

# What falls with an object comes after it: dropping a column takes its indexes, constraints and comments.
RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            "extension",
            "type",
            "table",
            "column",
            "sequence",
            "function",
            "view",
            "materialized view",
            "constraint",
            "index",
            "trigger",
            "rule",
            "policy",
            "row security",
            "storage parameters",
            "comment",
            "grant",
        )
    )
}
# What people may tune or write as they like: a difference is worth a line, never a failure.
_WARNINGS = frozenset({"comment", "storage parameters"})
_STATUS_RANK = {"missing": 0, "changed": 1, "comment": 2, "extra": 3}
_HARMFUL_ON_OURS = frozenset({"trigger", "rule", "policy", "row security"})
_HOLDERS = frozenset({"table", "view", "materialized view"})
_EXCERPT = 400


def compare(expected: Catalog, actual: Catalog, known_extras: Mapping[Key, str]) -> tuple[Difference, ...]:
    """Return every difference: the missing before the changed before the extra, causes before effects.

    What belongs to a missing or an extra table is counted in that table's note, not listed.
    `known_extras` gives the reason for which an extra object is tolerated.
    """
    found = [
        *(_missing(item) for key, item in expected.items() if key not in actual),
        *(
            _changed(item, actual[key])
            for key, item in expected.items()
            if key in actual and not holds(actual, item)
        ),
        *(
            _extra(item, expected, known_extras.get(key))
            for key, item in actual.items()
            if key not in expected and not _describes_extra(item, expected, actual)
        ),
    ]
    return tuple(sorted(_fold(found), key=_order))


def interface_differences(expected: Catalog, actual: Catalog) -> tuple[Difference, ...]:
    """Return only what a running API of this image would miss; more than expected is fine."""
    lost = (
        _missing(item) if item.key not in actual else _changed(item, actual[item.key])
        for item in expected.values()
        if item.interface is not None
        and (item.key not in actual or actual[item.key].interface != item.interface)
    )
    return tuple(sorted(lost, key=_order))


def _order(difference: Difference) -> tuple[int, int, str, str]:
    foreign_key = "1" if (difference.expected or "").startswith("FOREIGN KEY") else "0"
    rank = RANK.get(difference.kind, len(RANK))
    # An object that was made anew lost its comment, so a missing comment may be the effect of a change.
    status = "comment" if difference.kind == "comment" else difference.status
    return _STATUS_RANK[status], rank, foreign_key, difference.name


def _missing(item: CatalogObject) -> Difference:
    return Difference(
        status="missing",
        kind=item.kind,
        name=item.name,
        relation=item.relation,
        expected=_shorten(item.definition),
        actual=None,
        severity="warning" if item.kind in _WARNINGS else "failure",
    )


def _changed(expected: CatalogObject, actual: CatalogObject) -> Difference:
    before, after = _excerpts(expected.definition, actual.definition)
    return Difference(
        status="changed",
        kind=expected.kind,
        name=expected.name,
        relation=expected.relation,
        expected=before,
        actual=after,
        severity="warning" if expected.kind in _WARNINGS else "failure",
    )


def _extra(item: CatalogObject, expected: Catalog, known: str | None) -> Difference:
    harmful = known is None and _changes_ours(item, expected)
    return Difference(
        status="extra",
        kind=item.kind,
        name=item.name,
        relation=item.relation,
        expected=None,
        actual=_shorten(item.definition),
        severity="failure" if harmful else "warning",
        note=known or ("changes how our objects behave" if harmful else _note(item)),
    )


def _note(item: CatalogObject) -> str | None:
    if item.kind == "grant":
        return "more than the API needs"
    if item.kind == "column" and item.name.endswith("_legacy"):
        return "kept by a conversion that would have lost digits"
    if item.kind == "index" and item.facets.get("valid"):
        return f"left by an interrupted build: DROP INDEX CONCURRENTLY {item.name}"
    return None


def _changes_ours(item: CatalogObject, expected: Catalog) -> bool:
    """Say whether an extra object makes ours behave differently."""
    if item.kind == "function":
        names = {name.partition("(")[0] for kind, name in expected if kind == "function"}
        return item.name.partition("(")[0] in names
    if item.kind == "table":
        parents = re.findall(r"INHERITS \((.*)\)", item.definition)
        return any(_is_ours(name, expected) for names in parents for name in names.split(", "))
    if item.relation is None or not _is_ours(item.relation, expected):
        return False
    if item.kind == "column":
        filled = item.facets["default"] or item.facets["identity"] or item.facets["generated"]
        return item.facets["not_null"] is not None and not filled
    if item.kind == "constraint" and not item.columns:
        return True  # A CHECK that names no column rejects rows all the same.
    if item.kind == "index" and item.facets.get("valid"):
        return False  # What an interrupted build left behind.
    if item.kind in ("constraint", "index"):
        return any(("column", f"{item.relation}.{column}") in expected for column in item.columns)
    return item.kind in _HARMFUL_ON_OURS


def _is_ours(relation: str, expected: Catalog) -> bool:
    return ("table", relation) in expected or ("view", relation) in expected


def _describes_extra(item: CatalogObject, expected: Catalog, actual: Catalog) -> bool:
    """Say whether an extra comment or parameter only describes an object that is itself extra."""
    if item.kind not in _WARNINGS:
        return False
    word, _, name = item.name.partition(" ")
    key = (word, name)
    return key in actual and key not in expected


def _fold(found: Iterable[Difference]) -> Iterable[Difference]:
    """Replace the parts of a missing or extra table or view by a note on it."""
    found = list(found)
    whole = {(item.status, item.name) for item in found if item.kind in _HOLDERS and item.status != "changed"}
    parts: dict[tuple[str, str | None], Counter[str]] = {}
    kept = []
    for item in found:
        holder = (item.status, item.relation)
        if item.kind not in _HOLDERS and holder in whole:
            parts.setdefault(holder, Counter())[item.kind] += 1
        else:
            kept.append(item)
    for item in kept:
        held = parts.get((item.status, item.name)) if item.kind in _HOLDERS else None
        yield item._replace(note=f"with its {_listed(held)}") if held else item


def _listed(parts: Counter[str]) -> str:
    return ", ".join(
        f"{count} {CATEGORIES.get(kind, kind) if count > 1 else kind}"
        for kind, count in sorted(parts.items())
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _excerpts(expected: str, actual: str) -> tuple[str, str]:
    """Cut two long texts to the place where they part."""
    if max(len(expected), len(actual)) <= _EXCERPT:
        return expected, actual
    pairs = zip(expected, actual, strict=False)
    shorter = min(len(expected), len(actual))
    parting = next((at for at, (one, other) in enumerate(pairs) if one != other), shorter)
    start = max(0, parting - 60)
    lead = "…" if start else ""
    return lead + _shorten(expected[start:]), lead + _shorten(actual[start:])
