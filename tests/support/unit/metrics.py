"""What Prometheus would read of a report: for the tests of the metrics and of the ways they take."""

from __future__ import annotations

from prometheus_client import generate_latest

from entrypoint.report import prometheus
from entrypoint.report.report import Report


def of_run(report: Report) -> str:
    """Return the text of the run's own metrics."""
    return generate_latest(prometheus.of_run(report)).decode()


def of_success(moment: float) -> str:
    """Return the text of the last success."""
    return generate_latest(prometheus.of_success(moment)).decode()


def of_both(report: Report, earlier_success: float | None = None) -> str:
    """Return the text of both."""
    return generate_latest(prometheus.of_both(report, earlier_success)).decode()
