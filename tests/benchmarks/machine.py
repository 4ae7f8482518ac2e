"""What the figures were taken on: without it they mean nothing to anybody else."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(server_version: str) -> str:
    """Return one sentence about processor, system, interpreter and server."""
    cores = os.cpu_count() or 1
    return (
        f"{_processor()}, {cores} core{'s' if cores > 1 else ''}, {platform.system()} {_release()}, "
        f"Python {platform.python_version()}, PostgreSQL {server_version} on the same machine over TCP with "
        "scram-sha-256 and fsync off"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _release() -> str:
    return platform.release().split("-")[0]
