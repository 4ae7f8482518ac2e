"""The metrics as a file, for a node exporter's collector or for the API to serve beside its own."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from glob import escape
from pathlib import Path

from prometheus_client import write_to_textfile

from entrypoint.report import prometheus
from entrypoint.report.report import Report

_LAST_SUCCESS = re.compile(rf"^{prometheus.LAST_SUCCESS} ([0-9]+(?:\.[0-9]+)?(?:e\+[0-9]+)?)$", re.MULTILINE)


def write(report: Report, path: Path) -> None:
    """Write `report` to `path` so that a collector sees the old file or the new one, whole.

    A run that failed keeps the time of the last success that the old file holds. Raises OSError;
    nothing but `path` is left behind then.
    """
    registry = prometheus.of_both(report, _last_success(path))
    # What a killed run left, whose process id ours often is in a container.
    for left in path.parent.glob(f"{escape(path.name)}.{os.getpid()}.*"):
        left.unlink()
    write_to_textfile(str(path), registry)


def _last_success(path: Path) -> float | None:
    """Return the time that an earlier run left in `path`, None when there is none that can be read."""
    with suppress(OSError):
        # A pipe of that name would be waited for.
        if path.is_file():
            found = _LAST_SUCCESS.search(path.read_text("utf-8", errors="replace"))
            return float(found[1]) if found else None
    return None
