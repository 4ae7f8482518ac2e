"""What the files under `sql/` say, examined before any of it is sent unless their release did that."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from entrypoint.sqlfiles.directory import Files, checksum, number_of, read
from entrypoint.sqlfiles.findings import Finding, refusal
from entrypoint.sqlfiles.header import SqlFile, statements_of
from entrypoint.sqlfiles.known_extras import EXTRAS, KnownExtra, read_extras
from entrypoint.sqlfiles.roles import NAMES, Role, role_of
from entrypoint.sqlfiles.rules import examine
from entrypoint.sqlfiles.splitter import Statement
from entrypoint.sqlfiles.unqualified import created

CREATING = frozenset({Role.BASELINE, Role.FUNCTIONS, Role.VIEWS})


class Script(NamedTuple):
    """Hold one file that changes a database; only versioned ones have a number and a header.

    `name` is relative to `sql/`. `builds` names the indexes that a migration outside a
    transaction makes, which are missing until it has run.
    """

    name: str
    role: Role
    checksum: str
    text: str
    number: int = 0
    transactional: bool = True
    builds: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of the file in their order."""
        return statements_of(self.text)


class Check(NamedTuple):
    """Hold a query whose rows are violations; a deep one reads whole tables."""

    name: str
    summary: str
    deep: bool
    text: str

    @property
    def query(self) -> str:
        """The text without its comments at the top and its semicolon."""
        statements = statements_of(self.text)
        return statements[0].text if statements else ""


class Source(NamedTuple):
    """Hold what a database must become.

    `files` has name and checksum of every file that `digest` covers, which is all but README.md
    and RELEASE. `released` is the digest that RELEASE names; `parsed` returns only equal ones.
    """

    directory: Path
    release: int
    released: str
    digest: str
    files: tuple[tuple[str, str], ...]
    baseline: Script
    functions: Script
    triggers: Script
    views: Script
    seed: Script | None
    rollback: Script | None
    migrations: tuple[Script, ...]
    checks: tuple[Check, ...]
    known_extras: tuple[KnownExtra, ...]


@cache
def parsed(files: Files) -> Source:
    """Return what `files` say, or raise `FilesRefused` with every finding in all of them."""
    source, findings = _parse(files, examined=files.examined)
    if not files.examined and not findings:  # every correction makes it stale
        reason = "does not hold a release number and the digest of these files"
        findings.append(Finding(file="RELEASE", reason=reason, remedy="run `make release`"))
    if findings:
        raise refusal(findings)
    return source


def survey(directory: Path) -> tuple[Source, list[Finding]]:
    """Return what the files say and what is wrong with them, without a look at their release.

    A file that is missing or unreadable counts as one without statements. Raise `FilesRefused`
    when there is no directory.
    """
    return _parse(read(directory), examined=False)


def _parse(files: Files, *, examined: bool) -> tuple[Source, list[Finding]]:
    texts = files.texts
    roles = {name: role for name in texts if (role := role_of(name))}
    parts = [SqlFile.read(name, role, texts[name]) for name, role in roles.items()]
    unexamined = [] if examined else [part for part in parts if texts[part.name]]
    ours = created(statement for part in unexamined if part.role in CREATING for statement in part.statements)
    extras, unclear = read_extras(texts.get(EXTRAS, ""))
    source = Source(
        directory=files.directory,
        release=files.release,
        released=files.released,
        digest=files.digest,
        files=files.checksums,
        baseline=_sole(parts, Role.BASELINE),
        functions=_sole(parts, Role.FUNCTIONS),
        triggers=_sole(parts, Role.TRIGGERS),
        views=_sole(parts, Role.VIEWS),
        seed=_sole(parts, Role.SEED) if NAMES[Role.SEED] in texts else None,
        rollback=_sole(parts, Role.ROLLBACK) if NAMES[Role.ROLLBACK] in texts else None,
        migrations=tuple(_script(part) for part in parts if part.role is Role.VERSIONED),
        checks=tuple(_check(part) for part in parts if part.role is Role.CHECK),
        known_extras=extras,
    )
    return source, [
        *files.findings,
        *(finding for part in unexamined for finding in examine(part, ours)),
        *unclear,
    ]


def _sole(files: Sequence[SqlFile], role: Role) -> Script:
    found = (file for file in files if file.role is role)
    return _script(next(found, SqlFile.read(NAMES[role], role, "")))


def _script(file: SqlFile) -> Script:
    return Script(
        name=file.name,
        role=file.role,
        checksum=checksum(file.text),
        text=file.text,
        number=number_of(file.name),
        transactional=file.header.transactional,
        builds=file.header.builds,
    )


def _check(file: SqlFile) -> Check:
    return Check(
        name=PurePosixPath(file.name).stem,
        summary=file.header.summary,
        deep=file.header.deep,
        text=file.text,
    )
