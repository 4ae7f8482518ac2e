"""What a build gets from the machine that it runs on: where packages come from, and nothing else.

None of it is written into an image or into a file of the project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import PATIENCE_SECONDS

_DEBOOTSTRAP_SECONDS = 1800
_CERTIFICATES = "/run/registry/certificates"
_PIP_OPTIONS = ("cert", "index-url", "proxy", "timeout", "trusted-host")
# What the official slim images leave out; they too spare dpkg the waiting for the disk.
_DOCUMENTATION = ("doc", "groff", "info", "linda", "lintian", "locale", "man")
_EXCLUDED = "".join(f"path-exclude /usr/share/{name}/*\n" for name in _DOCUMENTATION)


def why_not() -> str | None:
    """Return what this machine lacks to build and run containers, None when it lacks nothing."""
    if os.geteuid() != 0:
        return "building and running containers here needs root"
    missing = [name for name in ("buildah", "debootstrap", "runc") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian packages of these names)"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False
    )
    return "namespaces are not permitted here" if tried.returncode else None


def debootstrap(suite: str, tree: Path) -> None:
    """Install a minimal Debian into an empty directory, from the archive that this machine uses."""
    mirror = _output(
        *("apt-get", "indextargets", "--format=$(SITE)"),
        *("Created-By: Packages", "Origin: Debian", "Label: Debian"),
    )
    subprocess.run(  # noqa: S603 - our own words
        ["debootstrap", "--variant=minbase", suite, str(tree), *mirror[:1]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=_DEBOOTSTRAP_SECONDS,
    )
    (tree / "etc/dpkg/dpkg.cfg.d/slim").write_text(f"force-unsafe-io\n{_EXCLUDED}")
    for name in _DOCUMENTATION:
        shutil.rmtree(tree / "usr/share" / name, ignore_errors=True)
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives"):
        shutil.rmtree(tree / folder)
        (tree / folder / "partial").mkdir(parents=True)


@contextmanager
def registry_access() -> Iterator[list[str]]:
    """Yield the volumes that give pip inside a build this machine's index and certificates."""
    lines, volumes = ["[global]"], []
    for option, value in _pip_settings().items():
        if option == "cert":
            volumes.append(f"{value}:{_CERTIFICATES}:ro")
        lines.append(f"{option} = {_CERTIFICATES if option == 'cert' else value}")
    with tempfile.NamedTemporaryFile("w", prefix="pip-", suffix=".conf") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        Path(file.name).chmod(0o644)
        yield [*volumes, f"{file.name}:/etc/pip.conf:ro"]


def _pip_settings() -> dict[str, str]:
    """Return the options of pip that a build needs; what the environment says wins."""
    settings = dict[str, str]()
    for line in sorted(_output(sys.executable, "-m", "pip", "config", "list")):
        key, _, quoted = line.partition("=")
        option = key.rpartition(".")[2]
        if option in _PIP_OPTIONS:
            settings.setdefault(option, quoted.strip("'\""))
    return settings


def _output(*argv: str) -> list[str]:
    """Return the lines that a program prints; none when there is no such program."""
    try:
        finished = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)  # noqa: S603 - our own words
    except FileNotFoundError:
        return []
    return finished.stdout.splitlines()
