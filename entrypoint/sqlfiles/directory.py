"""The files under `sql/` as they were read: release and digest now, what they mean when somebody asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from entrypoint.sqlfiles.findings import Finding, refusal
from entrypoint.sqlfiles.folder import checksum, read_texts

_RELEASE = re.compile(r"([1-9][0-9]*)\nsha256:([0-9a-f]{64})\n")


class Released(Protocol):
    """Whatever has the number of a release and the digest of its files."""

    @property
    def release(self) -> int:
        """The number, which only grows."""

    @property
    def digest(self) -> str:
        """The SHA-256 over all files in hexadecimal."""


class Files(NamedTuple):
    """Hold the texts by their paths relative to `sql/`, and what RELEASE says of them.

    `checksums` has name and checksum of every file that `digest` covers, which is all but README.md and
    RELEASE. `released` is the digest that RELEASE names. `findings` are wrong without a look inside.
    """

    directory: Path
    texts: Mapping[str, str]
    checksums: tuple[tuple[str, str], ...]
    release: int
    released: str
    digest: str
    findings: tuple[Finding, ...]

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def examined(self) -> bool:
        """Whether these very files were found to keep their contract: only then RELEASE is written."""
        return self.released == self.digest and not self.findings


def read(directory: Path) -> Files:
    """Read every file of `directory`. Raise `FilesRefused` when there is no such directory."""
    if not directory.is_dir():
        remedy = "name the directory that holds the SQL files"
        raise refusal([Finding(file=str(directory), reason="is no directory", remedy=remedy)])
    texts, findings = read_texts(directory)
    release = _RELEASE.fullmatch(texts.pop("RELEASE", ""))
    checksums = tuple((name, checksum(text)) for name, text in texts.items())
    lines = sorted(f"{digest}  {name}\n" for name, digest in checksums)
    return Files(
        directory=directory,
        texts=texts,
        checksums=checksums,
        release=int(release[1]) if release else 0,
        released=release[2] if release else "",
        digest=checksum("".join(lines)),
        findings=tuple(findings),
    )
