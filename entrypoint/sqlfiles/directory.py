"""The files under `sql/` as texts, the digest of all of them, and whether their names are known."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from entrypoint.sqlfiles.findings import Finding, refusal
from entrypoint.sqlfiles.roles import NAMES, Role

_RELEASE = re.compile(r"([1-9][0-9]*)\nsha256:([0-9a-f]{64})\n")
_REQUIRED = {name for role, name in NAMES.items() if role not in (Role.SEED, Role.ROLLBACK)}
_KNOWN = {*NAMES.values(), "RELEASE", "known_extras.toml"}
_CHECK = re.compile(r"verify/[a-z][a-z0-9_]*\.sql")
_VERSIONED = re.compile(r"migrations/(\d{4})_[a-z]+_[a-z0-9_]+\.sql", re.ASCII)


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
    texts, findings = _read_texts(directory)
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


class _Unreadable(ValueError):
    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def _read_texts(directory: Path) -> tuple[dict[str, str], list[Finding]]:
    """Return the text of every file by its path relative to the folder, and what is wrong.

    A text is what the checksum is made of: it has no byte order mark, and lines end with LF. The
    text of a file that cannot be read is empty. README.md and hidden files are left out.
    """
    texts, findings = {}, []
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        name = relative.as_posix()
        if path.is_dir() or path.name == "README.md" or re.search(r"(^|/)\.", name):
            continue
        try:
            texts[name] = _text(path)
        except _Unreadable as error:
            texts[name] = ""
            findings.append(Finding(file=name, line=error.line, reason=str(error)))
    return texts, findings + list(_judge_names(texts)) + list(_judge_numbers(texts))


def number_of(name: str) -> int:
    """Return the number in the name of a versioned migration, or 0 for any other file."""
    found = _VERSIONED.fullmatch(name)
    return int(found[1]) if found else 0


def checksum(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        text = data.decode().replace("\r\n", "\n")
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _Unreadable("is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    if "\0" in text:
        raise _Unreadable("holds a NUL byte", text.count("\n", 0, text.index("\0")) + 1)
    if not text.strip():
        raise _Unreadable("is empty")
    return text


def _judge_names(names: Iterable[str]) -> Iterator[Finding]:
    for name in sorted(_REQUIRED.difference(names)):
        yield Finding(file=name, reason="is missing")
    for name in names:
        if name in _KNOWN or _CHECK.fullmatch(name) or _VERSIONED.fullmatch(name):
            continue
        in_sequence = name.startswith("migrations/")
        wanted = "named NNNN_verb_object.sql" if in_sequence else "a file that the entrypoint knows"
        yield Finding(file=name, reason=f"is not {wanted}", remedy="rename or remove it")


def _judge_numbers(names: Iterable[str]) -> Iterator[Finding]:
    expected = 1
    for name in sorted(filter(_VERSIONED.fullmatch, names)):
        number = number_of(name)
        if number != expected:
            reason = f"has number {number:04} where {expected:04} is next"
            yield Finding(file=name, reason=reason)
        expected = number + 1
