"""What a verification found, as plain data: told in the log, kept in the ledger, counted in metrics."""

from __future__ import annotations

import json
from typing import NamedTuple

import structlog

from entrypoint.catalog.difference import Difference
from entrypoint.output.plain import facts

log = structlog.get_logger()


class CategoryCount(NamedTuple):
    """How many expected objects of a category are there as defined; `extra` are not expected."""

    category: str
    expected: int
    matched: int
    extra: int


class CheckResult(NamedTuple):
    """The result of one file of `sql/verify/`; each violation is one readable line."""

    name: str
    passed: bool
    seconds: float
    violations: tuple[str, ...] = ()


class Verification(NamedTuple):
    """What a comparison with the live catalog and the integrity checks found.

    `unowned` and `others` count by category what belongs to others: the relations, routines and types of
    public, and everything else; a record has only the former, which its fingerprint covers.
    """

    counts: tuple[CategoryCount, ...]
    differences: tuple[Difference, ...]
    checks: tuple[CheckResult, ...]
    passed: bool
    unowned: tuple[tuple[str, int], ...] = ()
    others: tuple[tuple[str, int], ...] = ()

    @property
    def unnamed(self) -> int:
        """How many objects of others are counted and not among the differences."""
        counted = sum(count for _, count in (*self.unowned, *self.others))
        named = sum(item.unowned for item in self.differences)
        return max(0, counted - named)

    @property
    def warnings(self) -> int:
        """How many differences do not fail, objects of others included."""
        return sum(item.severity == "warning" for item in self.differences) + self.unnamed


def tell(verification: Verification) -> None:
    """Log a line for each category, difference and check, and one with the result."""
    for count in verification.counts:
        complete = count.matched == count.expected
        (log.info if complete else log.error)(
            "verification.counted",
            category=count.category,
            expected=count.expected,
            matched=count.matched,
            extra=count.extra,
        )
    for difference in verification.differences:
        found = {name: value for name, value in _plain(difference).items() if value is not None}
        (log.error if difference.severity == "failure" else log.warning)("difference.found", **found)
    if verification.unnamed:
        counted = dict((*verification.unowned, *verification.others))
        log.warning("extras.counted", extras=counted, unnamed=verification.unnamed)
    for check in verification.checks:
        if check.passed:
            log.info("check.passed", check=check.name, seconds=round(check.seconds, 4))
        else:
            log.error("check.failed", check=check.name, violations=list(check.violations))
    _log_check(verification)


def _log_check(verification: Verification) -> None:
    totals = {
        "objects": sum(count.matched for count in verification.counts),
        "expected": sum(count.expected for count in verification.counts),
        "checks": len(verification.checks),
        "warnings": verification.warnings,
    }
    if verification.passed:
        log.info("verification.passed", **totals)
    else:
        log.error("verification.failed", **totals)


def to_json(verification: Verification) -> str:
    """Write a verification for the ledger, where nothing of others is named."""
    data = facts(verification)
    data["differences"] = [_plain(item) for item in verification.differences if not item.unowned]
    return json.dumps(data)


def _plain(difference: Difference) -> dict[str, object]:
    """Return the fields that every image knows."""
    return {name: value for name, value in facts(difference).items() if name != "unowned"}


def counts_extras(text: str) -> bool:
    """Return whether a readable record counts objects of others."""
    data = json.loads(text)
    return bool(data.get("unowned") or data.get("others"))


def is_readable(text: str) -> bool:
    """Say whether `text` is a verification; what is not proves nothing."""
    try:
        from_json(text)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def from_json(text: str) -> Verification:
    """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    data = json.loads(text)
    return Verification(
        counts=tuple(CategoryCount(**item) for item in data["counts"]),
        differences=tuple(Difference(**item) for item in data["differences"]),
        checks=tuple(
            CheckResult(**(item | {"violations": tuple(item["violations"])})) for item in data["checks"]
        ),
        passed=data["passed"],
        unowned=tuple((category, count) for category, count in data.get("unowned", ())),
    )
