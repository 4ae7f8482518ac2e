"""Certificates that a test signs itself, for servers that encrypt."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE_SECONDS


def make_certificate(directory: Path, name: str) -> tuple[Path, Path]:
    """Write a self-signed certificate of 127.0.0.1 and its key, and return their paths.

    Skips the test where openssl is not installed.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed; on Debian: apt-get install openssl")
    certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
    subprocess.run(  # noqa: S603 - a fixed program
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    key.chmod(0o600)
    return certificate, key
