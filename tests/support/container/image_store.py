"""Build images of this checkout with buildah, on grounds made by debootstrap, and unpack them to be run."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.container import machine
from tests.support.process import ROOT

# The newest Debian that the image is made for, and the oldest that an API's image may have.
NEWEST, OLDEST = "trixie", "bookworm"

_BUILD_SECONDS = 1800
_KEPT_SECONDS = 3600
# What pytest-xdist calls a session, which all of its workers share; without it there is one process.
_SESSION = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()} since {time.time()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A built image: its configuration as a container engine reads it, and its files, unpacked."""

    name: str
    config: Mapping[str, Any]
    rootfs: Path

    @property
    def size_bytes(self) -> int:
        """The size of all files, hard links counted once."""
        seen = {}
        for folder, _, names in os.walk(self.rootfs):
            for status in (os.lstat(Path(folder, name)) for name in names):
                seen[status.st_dev, status.st_ino] = status.st_size
        return sum(seen.values())


class ImageStore:
    """A store of images, kept from session to session so that unchanged layers are not built again.

    TEST_CONTAINER_DIRECTORY names its place; a folder of the temporary directory does otherwise. Sessions
    that run at the same time wait for each other in `exclusively`, which every other method needs.
    """

    def __init__(self) -> None:
        checkout = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
        default = Path(tempfile.gettempdir(), f"morse-images-{checkout}")
        self.directory = Path(os.environ.get("TEST_CONTAINER_DIRECTORY", default))
        self.directory.mkdir(mode=0o755, exist_ok=True)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep other sessions out for the length of the block."""
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def debian(self, suite: str) -> str:
        """Return the name of an image that holds a minimal Debian, slimmed as the official one is."""
        name = f"localhost/debian:{suite}"
        if self._run("images", "--quiet", "--filter", f"reference={name}").stdout:
            return name
        self._once(name, lambda: self._bootstrap(name, suite))
        return name

    def _bootstrap(self, name: str, suite: str) -> None:
        tree = self.directory / suite
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        machine.debootstrap(suite, tree)
        container = self._run("from", "scratch").stdout.strip()
        self._run("add", "--quiet", container, str(tree), "/")
        self._run("commit", "--quiet", "--rm", container, name)
        shutil.rmtree(tree)

    def build(
        self,
        name: str,
        *,
        arguments: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        context: Path = ROOT,
    ) -> None:
        """Build `context` as `name`, once for all processes of a session.

        Raise AssertionError with what was printed when that fails.
        """

        def make() -> None:
            built = self.attempt(name, arguments=arguments, env=env, context=context)
            assert 0 == built.returncode, built.stdout + built.stderr

        self._once(name, make)

    def _once(self, name: str, make: Callable[[], None]) -> None:
        """Make an image once for all processes of a session; what failed fails again at once."""
        mark = self.directory / f"{_short(name)}.session"
        if mark.exists():
            session, _, failure = mark.read_text().partition("\n")
            if session == _SESSION:
                assert not failure, failure
                return
        try:
            make()
        except Exception as error:
            mark.write_text(f"{_SESSION}\n{error or repr(error)}")
            raise
        mark.write_text(_SESSION)

    def attempt(
        self,
        name: str,
        *,
        arguments: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        context: Path = ROOT,
    ) -> subprocess.CompletedProcess[str]:
        """Build `context` as `name` and return how that ended."""
        with machine.registry_access() as volumes:
            return self._run(
                *("build", "--layers", "--isolation=chroot", "--pull=never", f"--tag={name}"),
                *(f"--volume={volume}" for volume in volumes),
                *(f"--build-arg={argument}={value}" for argument, value in arguments.items()),
                str(context),
                env=env,
                check=False,
            )

    def without(self, name: str, path: str) -> str:
        """Return the name of an image like `name` from which one file was removed."""
        container = self._run("from", "--pull=never", name).stdout.strip()
        mount = self._run("mount", container).stdout.strip()
        Path(mount + path).unlink()
        self._run("umount", container)
        self._run("commit", "--quiet", "--rm", container, changed := "localhost/changed")
        return changed

    def inspected(self, name: str) -> str:
        """Return all that is recorded of an image: configuration, history, layers."""
        return self._run("inspect", "--type=image", name).stdout

    def image(self, name: str) -> Image:
        """Unpack an image, once for each content, and return it."""
        recorded = json.loads(self.inspected(name))
        rootfs = self.directory / f"{_short(name)}-{recorded['FromImageID'][:12]}"
        if not rootfs.exists():
            self._remove_outdated(name)
            self._unpack(name, rootfs)
        config = recorded["OCIv1"]["config"]
        rootfs.with_name(rootfs.name + ".json").write_text(json.dumps(config))
        return Image(name=name, config=config, rootfs=rootfs)

    def layers(self, name: str, directory: Path) -> list[Path]:
        """Write the layers of an image into `directory` as plain archives, with what describes them."""
        self._run("push", "--quiet", "--disable-compression", name, f"dir:{directory}")
        return list(directory.iterdir())

    def _unpack(self, name: str, rootfs: Path) -> None:
        container = self._run("from", "--pull=never", name).stdout.strip()
        mount = self._run("mount", container).stdout.strip()
        unfinished = rootfs.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(["cp", "-a", mount, str(unfinished)], check=True, timeout=_BUILD_SECONDS)  # noqa: S603 - our own paths
        self._run("rm", container)
        unfinished.rename(rootfs)

    def _remove_outdated(self, name: str) -> None:
        """Remove what was unpacked for earlier sessions, of which one may still run."""
        for config in self.directory.glob(f"{_short(name)}-*.json"):
            if time.time() - config.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(config.with_suffix(""), ignore_errors=True)
                config.unlink()

    def _run(
        self, *argv: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        stores = (f"--root={self.directory / 'store'}", f"--runroot={self.directory / 'run'}")
        finished = subprocess.run(  # noqa: S603 - our own words
            ["buildah", *stores, *argv],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_BUILD_SECONDS,
        )
        if check and finished.returncode:
            raise RuntimeError(f"buildah {argv[0]} failed: {finished.stderr}")
        return finished


def _short(name: str) -> str:
    return name.rpartition("/")[2]
