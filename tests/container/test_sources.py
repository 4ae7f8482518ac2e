"""What an image is built from is pinned, and says nothing of where it came from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from entrypoint import __version__
from tests.support.process import ROOT

_DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
_LOCKS = sorted((ROOT / "locks").glob("*.txt"))


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda lock: lock.stem)
def test_every_package_is_pinned(lock: Path) -> None:
    """Each requirement has one version and its hashes, and no address of an index is in the file."""
    text = lock.read_text("utf-8")
    entries = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()

    assert entries
    assert [] == [
        entry
        for entry in entries
        if not re.fullmatch(r"[\w.-]+==[\w.]+(?: ;[^#]+?)?(?: ?--hash=sha256:[0-9a-f]{64})+", entry)
    ]
    assert [] == re.findall(r"https?:|--(?:extra-)?index-url|--find-links", text)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("runtime", _PROJECT["project"]["dependencies"]),
        ("build", _PROJECT["build-system"]["requires"]),
    ],
)
def test_every_dependency_is_locked(lock: str, wanted: list[str]) -> None:
    """What pyproject.toml asks for is in the image; `make lock` brings both together."""
    locked = set(
        re.findall(r"^([\w.-]+)==", (ROOT / "locks" / f"{lock}.txt").read_text("utf-8"), re.MULTILINE)
    )

    assert set() == {re.split(r"[<>=!~; \[]", requirement)[0] for requirement in wanted} - locked


def test_the_ground_is_pinned() -> None:
    """The default ground is one point release of Debian."""
    assert re.search(r"^ARG DEBIAN_IMAGE=debian:\d+\.\d+-slim$", _DOCKERFILE, re.MULTILINE)


def test_the_label_says_our_version() -> None:
    """The version in the image's labels is the package's."""
    assert [__version__] == re.findall(r'image\.version="(.*?)"', _DOCKERFILE)
