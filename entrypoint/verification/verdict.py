"""Whether a verification passes, and what to say when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from entrypoint.catalog.difference import Difference, Key
from entrypoint.errors import VerificationFailed
from entrypoint.output.plain import first_of
from entrypoint.verification.result import Verification

if TYPE_CHECKING:
    from entrypoint.sqlfiles.source import Source


def forbid_extras(recorded: Verification, source: Source) -> Verification:
    """Return what the ledger recorded, failed when an extra is in it that no file tolerates."""
    known = known_extras(source)
    failing = any(fails(item, strict=True, known=known) for item in recorded.differences)
    return recorded._replace(passed=recorded.passed and not failing)


def failure(verification: Verification) -> VerificationFailed:
    """Return the error that names the first thing that is wrong, and how much more there is."""
    wrong = [
        f"{item.kind} {item.name} is {item.status}" + (f": {item.note}" if item.note else "")
        for item in verification.differences
        if item.severity == "failure"
    ]
    wrong += [
        f"check {item.name} found {item.violations[0]}" for item in verification.checks if not item.passed
    ]
    wrong += [f"{item.kind} {item.name} is {item.status}" for item in verification.differences][: not wrong]
    wrong += [f"{count} {category} are extra" for category, count in verification.unowned][: not wrong]
    return VerificationFailed(
        f"the database is not what sql/ says: {first_of(wrong)}",
        remedy="run `morse-entrypoint --init-only` to repair what is missing or changed; "
        "remove what is extra, or add it to sql/",
        failures=len(wrong),
    )


def fails(difference: Difference, *, strict: bool, known: Mapping[Key, str]) -> bool:
    """Say whether one difference fails the verification."""
    unknown_extra = difference.status == "extra" and difference.key not in known
    return difference.severity == "failure" or (strict and unknown_extra)


def known_extras(source: Source) -> dict[Key, str]:
    """Return the tolerated extras of `sql/known_extras.toml` with their reasons."""
    return {(extra.kind, extra.name): extra.reason for extra in source.known_extras}
