"""Expected against actual: what is missing, changed or extra, and which of it matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from entrypoint.catalog.difference import Difference
from entrypoint.catalog.kinds.kind import described
from entrypoint.catalog.kinds.registry import kind_of
from entrypoint.catalog.objects import Catalog, CatalogObject, Key, holds

_STATUS_RANK = {"missing": 0, "changed": 1, "comment": 2, "extra": 3}
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
        if not _serves(item, actual.get(item.key))
    )
    return tuple(sorted(lost, key=_order))


def _serves(item: CatalogObject, actual: CatalogObject | None) -> bool:
    """Return whether an API that relies on `item` can work with what is there."""
    kind = kind_of(item.kind)
    needed = kind.interface(item)
    return needed is None or (actual is not None and kind.interface(actual) == needed)


def _order(difference: Difference) -> tuple[int, int, str, str]:
    foreign_key = "1" if (difference.expected or "").startswith("FOREIGN KEY") else "0"
    rank = kind_of(difference.kind).rank
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
        severity=kind_of(item.kind).severity,
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
        severity=kind_of(expected.kind).severity_of(expected, expected.changed_facets(actual)),
        note=actual.note,
    )


def _extra(item: CatalogObject, expected: Catalog, known: str | None) -> Difference:
    kind = kind_of(item.kind)
    inherited = item.facets.get("inherited")
    harmful = known is None and not inherited and kind.harms(item, expected)
    return Difference(
        status="extra",
        kind=item.kind,
        name=item.name,
        relation=item.relation,
        expected=None,
        actual=_shorten(item.definition),
        severity="failure" if harmful else "warning",
        note=known or ("changes how our objects behave" if harmful else kind.note(item)),
    )


def _describes_extra(item: CatalogObject, expected: Catalog, actual: Catalog) -> bool:
    """Return whether an extra comment or parameter only describes an object that is itself extra."""
    if not kind_of(item.kind).describes:
        return False
    key = described(item)
    return key in actual and key not in expected


def _fold(found: Iterable[Difference]) -> Iterable[Difference]:
    """Replace the parts of a missing or extra table or view by a note on it."""
    found = list(found)
    holders = [item for item in found if kind_of(item.kind).holds_parts]
    whole = {(item.status, item.name) for item in holders if item.status != "changed"}
    parts: dict[tuple[str, str | None], Counter[str]] = {}
    kept = []
    for item in found:
        holder = (item.status, item.relation)
        if item not in holders and holder in whole:
            parts.setdefault(holder, Counter())[item.kind] += 1
        else:
            kept.append(item)
    for item in kept:
        held = parts.get((item.status, item.name)) if item in holders else None
        yield item._replace(note=f"with its {_listed(held)}") if held else item


def _listed(parts: Counter[str]) -> str:
    return ", ".join(
        f"{count} {kind_of(kind).plural if count > 1 else kind}" for kind, count in sorted(parts.items())
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
