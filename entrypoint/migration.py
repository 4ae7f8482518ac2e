"""Everything under `sql/`, read and checked before anything connects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from entrypoint.contract import Finding, examine
from entrypoint.errors import FilesRefused
from entrypoint.extras import EXTRAS, KnownExtra, read_extras
from entrypoint.folder import number_of, read_texts
from entrypoint.splitter import Statement
from entrypoint.sqlfile import NAMES, Role, SqlFile, checksum, role_of

__all__ = [
    "Check",
    "KnownExtra",
    "Migration",
    "Role",
    "Source",
    "Statement",
    "load",
    "refusal",
    "survey",
]

_RELEASE = re.compile(r"([1-9][0-9]*)\nsha256:([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Hold one file that changes a database; only versioned ones have a number and a header.

    `name` is relative to `sql/`. `builds` names the indexes that a migration outside a
    transaction makes, which are missing until it has run.
    """

    name: str
    role: Role
    checksum: str
    statements: tuple[Statement, ...]
    number: int = 0
    transactional: bool = True
    builds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Hold a query whose rows are violations; a deep one reads whole tables."""

    name: str
    summary: str
    deep: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Hold what a database must become.

    `files` has name and checksum of every file that `digest` covers, which is all but README.md
    and RELEASE. `released` is the digest that RELEASE names; `load` returns only equal ones.
    """

    directory: Path
    release: int
    released: str
    digest: str
    files: tuple[tuple[str, str], ...]
    baseline: Migration
    functions: Migration
    triggers: Migration
    views: Migration
    seed: Migration | None
    rollback: Migration | None
    migrations: tuple[Migration, ...]
    checks: tuple[Check, ...]
    known_extras: tuple[KnownExtra, ...]


def load(directory: Path) -> Source:
    """Return what `sql/` says, or raise `FilesRefused` with every finding in all of its files."""
    source, findings = survey(directory)
    if source.released != source.digest and not findings:  # every correction makes it stale
        reason = "does not hold a release number and the digest of these files"
        findings.append(Finding(file="RELEASE", reason=reason, remedy="run `make release`"))
    if findings:
        raise refusal(findings)
    return source


def refusal(findings: Sequence[Finding]) -> FilesRefused:
    """Return the error that names the first finding and carries all of them."""
    ordered = sorted(findings, key=lambda finding: (finding.file, finding.line, finding.reason))
    more = f" (and {len(ordered) - 1} more)" if ordered[1:] else ""
    lines = [str(finding) for finding in ordered]
    return FilesRefused(f"{lines[0]}{more}", remedy=ordered[0].remedy, findings=lines)


def survey(directory: Path) -> tuple[Source, list[Finding]]:
    """Return what the files say and what is wrong with them, without a look at their release.

    A file that is missing or unreadable counts as one without statements. Raise `FilesRefused`
    when there is no directory.
    """
    if not directory.is_dir():
        remedy = "name the directory that holds the SQL files"
        raise refusal([Finding(file=str(directory), reason="is no directory", remedy=remedy)])
    texts, findings = read_texts(directory)
    release = _RELEASE.fullmatch(texts.pop("RELEASE", ""))
    roles = {name: role for name in texts if (role := role_of(name))}
    files = [SqlFile.read(name, role, texts[name]) for name, role in roles.items()]
    readable = [file for file in files if texts[file.name]]
    findings += [finding for file in readable for finding in examine(file)]
    extras, unclear = read_extras(texts.get(EXTRAS, ""))
    checksums = tuple((name, checksum(text)) for name, text in texts.items())
    lines = sorted(f"{digest}  {name}\n" for name, digest in checksums)
    source = Source(
        directory=directory,
        release=int(release[1]) if release else 0,
        released=release[2] if release else "",
        digest=checksum("".join(lines)),
        files=checksums,
        baseline=_sole(files, Role.BASELINE),
        functions=_sole(files, Role.FUNCTIONS),
        triggers=_sole(files, Role.TRIGGERS),
        views=_sole(files, Role.VIEWS),
        seed=_sole(files, Role.SEED) if NAMES[Role.SEED] in texts else None,
        rollback=_sole(files, Role.ROLLBACK) if NAMES[Role.ROLLBACK] in texts else None,
        migrations=tuple(_migration(file) for file in files if file.role is Role.VERSIONED),
        checks=tuple(_check(file) for file in files if file.role is Role.CHECK),
        known_extras=extras,
    )
    return source, findings + unclear


def _sole(files: Sequence[SqlFile], role: Role) -> Migration:
    found = (file for file in files if file.role is role)
    return _migration(next(found, SqlFile.read(NAMES[role], role, "")))


def _migration(file: SqlFile) -> Migration:
    return Migration(
        name=file.name,
        role=file.role,
        checksum=file.checksum,
        statements=file.statements,
        number=number_of(file.name),
        transactional=file.header.transactional,
        builds=file.header.builds,
    )


def _check(file: SqlFile) -> Check:
    return Check(
        name=PurePosixPath(file.name).stem,
        summary=file.header.summary,
        deep=file.header.deep,
        text=file.statements[0].text if file.statements else "",
    )
