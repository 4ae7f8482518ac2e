"""Prove the database: expected against actual catalog, then the named integrity checks."""

from __future__ import annotations

import time

import asyncpg

from entrypoint.catalog.compare import compare
from entrypoint.catalog.kinds.registry import KINDS
from entrypoint.catalog.objects import Catalog, holds
from entrypoint.catalog.other_objects import Others, ours
from entrypoint.postgres.classify import diagnose, message_of
from entrypoint.postgres.conditions import Retry
from entrypoint.postgres.connection import Connection, rolled_back
from entrypoint.postgres.queries import query
from entrypoint.sqlfiles.source import Source
from entrypoint.verification.derived_checks import DerivedCheck, derive
from entrypoint.verification.result import CategoryCount, CheckResult, Verification
from entrypoint.verification.verdict import fails, failure, known_extras

_VIOLATIONS_SHOWN = 20


def judge(
    expected: Catalog,
    actual: Catalog,
    source: Source,
    checks: tuple[CheckResult, ...] = (),
    others: Others = Others(),  # noqa: B008 - immutable
    *,
    strict: bool = False,
    tolerant: bool = False,
) -> Verification:
    """Compare and decide; `others` is what was found of objects that are not ours.

    With `strict` every extra object fails that is not a known one. With `tolerant` none does: a restart
    that has nothing to apply must not turn somebody's constraint into an outage.
    """
    known = known_extras(source)
    actual = ours(actual, expected)
    differences = compare(expected, actual, known) + others.differences
    failing = (item for item in differences if fails(item, strict=strict, known=known))
    if tolerant and not strict:
        failing = (item for item in failing if item.status != "extra")
    return Verification(
        counts=tuple(_count(expected, actual, others)),
        differences=differences,
        checks=checks,
        # Nothing expected proves nothing.
        passed=bool(expected)
        and all(check.passed for check in checks)
        and not any(failing)
        and not (strict and (others.compared or others.others)),
        unowned=others.compared,
        others=others.others,
    )


def refuse_harmful(before: Verification) -> None:
    """Raise VerificationFailed for extra objects that change how ours behave, before anything is applied."""
    harmful = [item for item in before.differences if item.status == "extra" and item.severity == "failure"]
    if harmful:
        raise failure(before._replace(differences=tuple(harmful)))


def _count(expected: Catalog, actual: Catalog, others: Others) -> list[CategoryCount]:
    """Count by category, in the order in which people read them."""
    counts, unowned = [], dict(others.compared)
    for kind in KINDS.values():
        wanted = [item for item in expected.values() if item.kind == kind.name]
        matched = sum(1 for item in wanted if holds(actual, item))
        extra = sum(1 for key in actual if key[0] == kind.name and key not in expected)
        extra += unowned.get(kind.plural, 0)
        if wanted or extra:
            counts.append(
                CategoryCount(category=kind.plural, expected=len(wanted), matched=matched, extra=extra)
            )
    return counts


async def check(
    connection: Connection,
    source: Source,
    expected: Catalog,
    *,
    deep: bool = False,
    seconds: float | None = None,
) -> tuple[CheckResult, ...]:
    """Run the integrity checks in the current transaction, the deep ones only when asked.

    They are those that follow from `expected` and those of `source`, in name order. Each may take `seconds`,
    or as long as any command; a deep check reads whole tables.
    """
    own = [DerivedCheck(name=item.name, query=item.query) for item in source.checks if deep or not item.deep]
    checks = sorted((*own, *await derive(connection, expected, deep=deep)), key=lambda item: item.name)
    return tuple([await _check(connection, item, seconds) for item in checks])


async def _check(connection: Connection, item: DerivedCheck, seconds: float | None) -> CheckResult:
    started = time.monotonic()
    try:
        async with rolled_back(connection, "integrity_check"):
            text = query("violations").replace("$check", item.query)
            rows = await connection.fetch(text, *item.values, timeout=seconds)
        violations = tuple(_line(row) for row in rows)
    except asyncpg.PostgresError as error:
        if diagnose(error).retry is not Retry.NEVER:
            raise
        violations = (f"the check could not run: {message_of(error)}",)
    return CheckResult(
        name=item.name,
        passed=not violations,
        seconds=time.monotonic() - started,
        violations=violations[:_VIOLATIONS_SHOWN],
    )


def _line(row: asyncpg.Record) -> str:
    return ", ".join(f"{column}={value}" for column, value in row.items())
