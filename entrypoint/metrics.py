"""Show a finished run to Prometheus: a pure function of its report, and a file for a collector."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint import __version__
from entrypoint.comparison import CATEGORIES
from entrypoint.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrypoint.report import Report, Verification

    Samples = Mapping[tuple[str, ...], float]

_PREFIX = "morse_entrypoint_"
# By name: the labels and what an operator learns from the value.
_GAUGES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "build_info": (
        ("version", "release"),
        "Always 1; the labels name the entrypoint and the release of its SQL files.",
    ),
    "outcome": (
        ("outcome",),
        "1 for the way in which the last run ended, 0 for every other way.",
    ),
    "exit_code": (
        (),
        "Exit code of the last run; 0 when the command took over.",
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
    "last_run_timestamp_seconds": (
        (),
        "Unix time at which the last run began.",
    ),
    "last_success_timestamp_seconds": (
        (),
        "Unix time at which the last run began, if it succeeded; absent if it failed.",
    ),
}

METRICS: tuple[str, ...] = tuple(_PREFIX + name for name in _GAUGES)


def render(report: Report) -> str:
    """Return `report` in the Prometheus text format; a metric without samples is left out."""
    # The import costs more than a quiet start may, so that only those who want metrics pay for it.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest  # noqa: PLC0415

    registry = CollectorRegistry()
    for name, samples in _samples(report):
        labels, help_text = _GAUGES[name]
        if not samples:
            continue
        gauge = Gauge(_PREFIX + name, help_text, labels, registry=registry)
        for values, number in samples.items():
            (gauge.labels(*values) if labels else gauge).set(number)
    return generate_latest(registry).decode()


def write_textfile(report: Report, path: Path) -> None:
    """Write `report` to `path` so that a collector sees the old file or the new one, whole.

    Raises OSError; nothing but `path` is left behind then.
    """
    text = render(report)
    # The temporary name must not end in .prom, or a collector would read the half-written file.
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _samples(report: Report) -> Iterator[tuple[str, Samples]]:
    yield "build_info", {(__version__, str(report.release)): 1}
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
    yield "last_run_timestamp_seconds", {(): report.started_at}
    if report.exit_code == 0:
        yield "last_success_timestamp_seconds", {(): report.started_at}


def _verification_samples(verification: Verification) -> Iterator[tuple[str, Samples]]:
    missing = Counter(
        CATEGORIES.get(difference.kind)
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
