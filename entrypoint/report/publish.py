"""Publish how a run ended, where that is asked for; what goes wrong there is logged and no more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from entrypoint.report import report as reports
from entrypoint.report.journal import Journal
from entrypoint.settings.settings import Settings

if TYPE_CHECKING:
    from entrypoint.report.report import Report
    from entrypoint.settings.pushgateway_url import GatewayUrl

log = structlog.get_logger()


def publish(journal: Journal, code: int, settings: Settings) -> None:
    """Write the textfile and push, each if asked for; a failure is a warning and changes nothing.

    Takes no longer than `pushgateway.LIMIT_SECONDS` and what a local file takes.
    """
    report = reports.of(journal, code)
    if settings.metrics_textfile is not None:
        _write(report, settings.metrics_textfile)
    if settings.pushgateway is not None:
        _push(report, settings.pushgateway, settings.identity.service)


def _write(report: Report, path: Path) -> None:
    from entrypoint.report import textfile  # noqa: PLC0415 - most starts write none and need not load it

    try:
        textfile.write(report, path)
    except Exception as error:  # noqa: BLE001 - no mistake in here may cost a deploy
        log.warning("metrics.write_failed", path=str(path), reason=_reason(error))
    else:
        log.info("metrics.written", path=str(path))


def _push(report: Report, gateway: GatewayUrl, service: str) -> None:
    from entrypoint.report import pushgateway  # noqa: PLC0415 - nor need they load HTTP

    began = time.monotonic()
    try:
        pushgateway.push(report, gateway, service)
    except Exception as error:  # noqa: BLE001 - no mistake in here may cost a deploy
        event, reason = "metrics.push_failed", _reason(error)
        log.warning(event, gateway=str(gateway), reason=reason, seconds=round(time.monotonic() - began, 3))
    else:
        log.info("metrics.pushed", gateway=str(gateway), seconds=round(time.monotonic() - began, 3))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
