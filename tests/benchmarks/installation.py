"""Install what is measured: the product without development tools, and the peers, in a scratch folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.process import ROOT


class NotInstalled(Exception):
    """A peer cannot be measured here; the message says why."""


def product(scratch: Path) -> Path:
    """Install this checkout with its run-time dependencies alone, and return the programs' directory."""
    programs = _environment(scratch / "product")
    pip = str(programs / "pip")
    _run(pip, "install", "--quiet", "--disable-pip-version-check", str(ROOT))
    # The version number stays the same while the code changes.
    _run(
        pip, "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", str(ROOT)
    )
    return programs


def python_packages(directory: Path, *packages: str) -> Path:
    """Install packages into an environment of their own, and return its programs' directory."""
    programs = _environment(directory)
    _run(str(programs / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages)
    return programs


def node_packages(directory: Path, *packages: str) -> Path:
    """Install packages of Node.js below `directory`, and return their programs' directory."""
    for needed in ("node", "npm"):
        if shutil.which(needed) is None:
            raise NotInstalled(f"{needed} is not installed")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "package.json").write_text('{"private": true}\n')
    _run("npm", "install", "--silent", "--no-audit", "--no-fund", *packages, cwd=directory)
    return directory / "node_modules" / ".bin"


def debian_packages(program: str, *packages: str) -> None:
    """Make sure of `program`, which these packages bring; only root may install them."""
    if shutil.which(program) is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotInstalled(f"needs `apt-get install {' '.join(packages)}` on Debian, as root")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "update", "-qq", environ=environ)
    _run("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages, environ=environ)


def version_of(argv: Sequence[str]) -> str:
    """Return the last word of what a program prints about its version."""
    words = _run(*argv).split()
    return words[-1].removeprefix("v") if words else "unknown"


def python_version(program: Path, package: str) -> str:
    """Return the version of a package in the environment that `program` belongs to."""
    asked = f"import importlib.metadata as found; print(found.version({package!r}))"
    return version_of((str(program.with_name("python")), "-c", asked))


def node_version(program: Path, package: str) -> str:
    """Return the version of a package beside whose programs `program` lies."""
    described = program.parents[1] / package / "package.json"
    return str(json.loads(described.read_text("utf-8"))["version"])


def _environment(directory: Path) -> Path:
    programs = directory / "bin"
    if not (programs / "pip").exists():
        _run(sys.executable, "-m", "venv", "--clear", str(directory))
    return programs


def _run(*argv: str, cwd: Path | None = None, environ: dict[str, str] | None = None) -> str:
    finished = subprocess.run(  # noqa: S603 - installers, named above
        argv, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        last = (finished.stderr or finished.stdout).strip().splitlines()[-1:]
        raise NotInstalled(f"{Path(argv[0]).name} failed: {' '.join(last)}")
    return finished.stdout
