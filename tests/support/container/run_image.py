"""Run an unpacked image with runc as `docker run` does: `run_image ROOTFS [OPTION...] -- [ARG...]`.

The variables that a test sets become the container's. Namespaces are real but for the network, so that a
server on this machine's loopback is reached; nothing has a capability, and the files are read-only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Launcher = Callable[..., tuple[str, ...]]

# What tests.support.process gives to every program.
_OURS = {"HOME", "TMPDIR", "PATH", "PYTHONPATH", "PYTHONWARNINGS", "LANG"}
_FILES = "MORSE_SQL_DIRECTORY"
_UNWANTED = {"/sys", "/sys/fs/cgroup"}
_CAPABILITIES = ("bounding", "effective", "inheritable", "permitted", "ambient")


def name_of(command: tuple[str, ...]) -> str:
    """Return the name under which runc knows the container of a command that `launched` made."""
    return Path(command[command.index("--bundle") + 1]).name


def main(argv: Sequence[str]) -> None:
    """Write a bundle as the options say and become `runc run`."""
    options = _options(argv)
    bundle = options.bundle
    bundle.mkdir()
    subprocess.run(["runc", "spec", "--bundle", str(bundle)], check=True)  # noqa: S603 - our own words
    spec = json.loads((bundle / "config.json").read_text())
    image = json.loads(options.rootfs.with_name(options.rootfs.name + ".json").read_text())
    _complete(spec, image, options)
    (bundle / "config.json").write_text(json.dumps(spec))
    # Our own PATH: that of the test was meant for a program beside it.
    os.execvp("runc", ["runc", "run", "--bundle", str(bundle), bundle.name])  # noqa: S606 - our whole purpose


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run_image")
    parser.add_argument("rootfs", type=Path)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--volume", action="append", default=[])
    parser.add_argument("--entrypoint")
    parser.add_argument("--user")
    ours, theirs = list(argv), list[str]()
    if "--" in ours:
        theirs = ours[ours.index("--") + 1 :]
        ours = ours[: ours.index("--")]
    options = parser.parse_args(ours)
    options.argv = theirs
    return options


def _complete(spec: dict[str, Any], image: Mapping[str, Any], options: argparse.Namespace) -> None:
    entrypoint, command = image.get("Entrypoint") or [], image.get("Cmd") or []
    if options.entrypoint:
        entrypoint, command = [options.entrypoint], []
    uid, gid, home = _user(options.user or image.get("User", ""), options.rootfs)
    given = {name: value for name, value in os.environ.items() if name not in _OURS}
    environ = {"HOME": home, **dict(item.split("=", 1) for item in image.get("Env", ())), **given}
    spec["process"].update(
        terminal=False,
        user={"uid": uid, "gid": gid},
        args=[*entrypoint, *(options.argv or command)],
        env=[f"{name}={value}" for name, value in environ.items()],
        cwd=image.get("WorkingDir") or "/",
        capabilities={kind: [] for kind in _CAPABILITIES},
    )
    spec["root"] = {"path": str(options.rootfs), "readonly": True}
    namespaces = spec["linux"]["namespaces"]
    spec["linux"]["namespaces"] = [kind for kind in namespaces if kind["type"] != "network"]
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["destination"] not in _UNWANTED]
    spec["mounts"] += _mounts(
        [*options.volume, *([f"{given[_FILES]}:{given[_FILES]}"] if _FILES in given else [])]
    )


def _mounts(volumes: Sequence[str]) -> Iterator[dict[str, Any]]:
    yield {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]}  # noqa: S108 - the container's
    for volume in volumes:
        source, _, destination = volume.partition(":")
        yield {"destination": destination, "type": "bind", "source": source, "options": ["rbind", "rw"]}


def _user(wanted: str, rootfs: Path) -> tuple[int, int, str]:
    """Return the ids and the home of the user that an image names, by name or by number."""
    name, _, group = wanted.partition(":")
    for line in (rootfs / "etc/passwd").read_text().splitlines():
        account, _, uid, gid, _, home, _ = line.split(":")
        if (name or "0") in (account, uid):
            return int(uid), int(group or gid), home
    return int(name), int(group or 0), "/"


if __name__ == "__main__":
    main(sys.argv[1:])
