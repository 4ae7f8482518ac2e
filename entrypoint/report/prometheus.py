"""Show a finished run to Prometheus: pure functions of its report, without memory or output."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from entrypoint import __version__
from entrypoint.report.journal import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from entrypoint.postgres.sizes import Sizes
    from entrypoint.report.report import Report
    from entrypoint.verification.result import Verification

    Samples = Mapping[tuple[str, ...], float]

PREFIX = "morse_entrypoint_"
# By name: the labels and what an operator learns from the value.
GAUGES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "build_info": (
        ("version", "release", "commit"),
        "Always 1; the labels name the entrypoint, the release of its SQL files and the commit.",
    ),
    "run_info": (
        ("command", "environment", "server_version"),
        "Always 1; the labels name what the last run was asked to do, and where it did it.",
    ),
    "outcome": (
        ("outcome",),
        "1 for the way in which the last run ended, 0 for every other way.",
    ),
    "exit_code": (
        (),
        "Exit code of the last run; 0 when the database was ready for the command.",
    ),
    "start_seconds": (
        (),
        "Duration of the last run up to the moment in which it reported.",
    ),
    "phase_seconds": (
        ("phase",),
        "Duration of each phase of the last run; repeated tries are added up.",
    ),
    "connect_attempts": (
        (),
        "Attempts to connect; more than 1 means that the database was not there at once.",
    ),
    "lock_wait_seconds": (
        (),
        "Time spent waiting for the advisory lock while another instance held it.",
    ),
    "transaction_attempts": (
        (),
        "How often the apply transaction began; more than 1 means that it lost against traffic.",
    ),
    "steps_applied": (
        ("action",),
        "Steps of the plan that were committed, by kind; none when there was nothing to do.",
    ),
    "table_lock_hold_seconds": (
        ("table", "mode"),
        "How long the apply transaction held a lock on a table, by its strongest mode.",
    ),
    "verification_objects": (
        ("category", "result"),
        "Objects by category; all are matched in a database that is what the SQL files say.",
    ),
    "verification_checks": (
        ("result",),
        "Integrity checks that passed or failed; one fails when it returns a violation.",
    ),
    "differences": (
        ("status", "kind"),
        "Differences between the database and the SQL files that were left at the end.",
    ),
    "database_size_bytes": (
        (),
        "Bytes on disk of the whole database at the end of the last run.",
    ),
    "table_size_bytes": (
        ("table", "part"),
        "Bytes of each large table and of its indexes, as the last VACUUM or ANALYZE noted them.",
    ),
    "last_run_timestamp_seconds": (
        (),
        "Unix time at which the last run began.",
    ),
    "last_success_timestamp_seconds": (
        (),
        "Unix time at which the last run that succeeded began; a failed run leaves it as it was.",
    ),
}
_LAST_SUCCESS = "last_success_timestamp_seconds"
# A partitioned table of another product must not fill a monitoring system with series.
_TABLES = 50

LAST_SUCCESS = PREFIX + _LAST_SUCCESS


def of_run(report: Report) -> CollectorRegistry:
    """Return the metrics of the run itself."""
    return _registry(_samples(report))


def of_success(moment: float) -> CollectorRegistry:
    """Return the one metric that says when the last run that succeeded began, in Unix seconds."""
    return _registry([(_LAST_SUCCESS, {(): moment})])


def of_both(report: Report, earlier_success: float | None = None) -> CollectorRegistry:
    """Return both in one; `earlier_success` is included when this run failed."""
    success = report.started_at if report.exit_code == 0 else earlier_success
    known: list[tuple[str, Samples]] = [] if success is None else [(_LAST_SUCCESS, {(): success})]
    return _registry(chain(_samples(report), known))


def _registry(families: Iterable[tuple[str, Samples]]) -> CollectorRegistry:
    registry = CollectorRegistry()
    for name, samples in families:
        labels, help_text = GAUGES[name]
        if not samples:
            continue
        gauge = Gauge(PREFIX + name, help_text, labels, registry=registry)
        for values, number in samples.items():
            (gauge.labels(*values) if labels else gauge).set(number)
    return registry


def _samples(report: Report) -> Iterator[tuple[str, Samples]]:
    yield "build_info", {(__version__, str(report.release), report.commit): 1}
    yield "run_info", {(report.command, report.environment, report.server_version or ""): 1}
    yield "outcome", {(outcome,): outcome == report.outcome for outcome in Outcome}
    yield "exit_code", {(): report.exit_code}
    yield "start_seconds", {(): report.seconds}
    phases: dict[tuple[str, ...], float] = defaultdict(float)
    for phase in report.phases:
        phases[phase.name,] += phase.seconds
    yield "phase_seconds", phases
    yield "connect_attempts", {(): report.connect_attempts}
    yield "lock_wait_seconds", {(): report.lock_wait_seconds}
    yield "transaction_attempts", {(): report.transaction_attempts}
    yield "steps_applied", Counter((step.action,) for step in report.steps)
    yield "table_lock_hold_seconds", {(lock.table, lock.mode): lock.seconds for lock in report.locks}
    if report.verification:
        yield from _verification_samples(report.verification)
    if report.sizes:
        yield from _size_samples(report.sizes)
    yield "last_run_timestamp_seconds", {(): report.started_at}


def _verification_samples(verification: Verification) -> Iterator[tuple[str, Samples]]:
    missing = Counter(
        _category(difference.kind)
        for difference in verification.differences
        if difference.status == "missing"
    )
    objects: dict[tuple[str, ...], float] = {}
    for count in verification.counts:
        absent = missing[count.category]
        objects[count.category, "matched"] = count.matched
        objects[count.category, "missing"] = absent
        objects[count.category, "changed"] = count.expected - count.matched - absent
        objects[count.category, "extra"] = count.extra
    yield "verification_objects", objects
    results = Counter(check.passed for check in verification.checks)
    yield "verification_checks", {("passed",): results[True], ("failed",): results[False]}
    yield "differences", Counter((item.status, item.kind) for item in verification.differences)


def _category(kind: str) -> str:
    from entrypoint.catalog.kinds.registry import kind_of  # noqa: PLC0415 - a start with nothing to do misses nothing

    return kind_of(kind).plural


def _size_samples(sizes: Sizes) -> Iterator[tuple[str, Samples]]:
    yield "database_size_bytes", {(): sizes.database_bytes}
    tables: dict[tuple[str, ...], float] = {}
    for table in sizes.tables[:_TABLES]:
        tables[table.name, "table"] = table.table_bytes
        tables[table.name, "indexes"] = table.index_bytes
    yield "table_size_bytes", tables
