"""Write `sql/RELEASE`: `python -m entrypoint.sqlfiles.release [DIRECTORY]`, which is `make release`.

With `--check` nothing is written: it fails when RELEASE belongs to other files, and names those that changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from entrypoint.errors import ExitCode, FilesRefused
from entrypoint.sqlfiles.directory import number_of, read
from entrypoint.sqlfiles.findings import Finding, refusal
from entrypoint.sqlfiles.header import SqlFile
from entrypoint.sqlfiles.roles import role_of
from entrypoint.sqlfiles.source import CREATING, survey
from entrypoint.sqlfiles.unqualified import created

_GIT_SECONDS = 30
_NO_PARSER = "pglast, with which the files are examined, is not installed; `make release` installs it"


def release(directory: Path) -> str:
    """Raise the release number when the digest of the files changed, and return what was done.

    Raise `FilesRefused` when the files break their contract, or when RELEASE exists but cannot be
    read: starting again at 1 would make every database look newer than its image.
    """
    source, findings = survey(directory)
    path = directory / "RELEASE"
    number = source.release or (_largest_number(path) if path.exists() else 0)
    if path.exists() and not number:
        remedy = "restore it from version control"
        lost = Finding(file=path.name, reason="holds no release number", remedy=remedy)
        raise refusal([lost])
    places = {(finding.file, finding.line) for finding in findings}
    findings += (found for found in _on_tree(directory) if (found.file, found.line) not in places)
    if findings:
        raise refusal([_renumbered(directory, finding) for finding in findings])
    if source.released == source.digest:
        return f"release {source.release} is unchanged"
    path.write_text(f"{number + 1}\nsha256:{source.digest}\n", encoding="utf-8", newline="\n")
    return f"release {number + 1} is written"


def check(directory: Path) -> list[str]:
    """Return what is wrong when RELEASE does not hold the digest of the files, else nothing."""
    files = read(directory)
    if files.examined:
        return []
    if files.released == files.digest:
        return [str(finding) for finding in files.findings]
    return [
        f"{directory / 'RELEASE'}: does not hold a release number and the digest of these files",
        *_changes(directory),
        "run `make release`",
    ]


def main(directory: Path = Path("sql"), *, only_check: bool = False) -> int:
    """Write one line to stdout, or every finding to stderr; return the exit code."""
    try:
        if only_check:
            problems = check(directory)
            sys.stderr.writelines(f"{line}\n" for line in problems)
            return ExitCode.USAGE if problems else ExitCode.OK
        sys.stdout.write(f"{release(directory)}\n")
    except FilesRefused as error:
        findings = cast(list[str], error.facts["findings"])
        sys.stderr.writelines(f"{line}\n" for line in (*findings, error.remedy))
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name != "pglast":
            raise
        sys.stderr.write(f"{_NO_PARSER}\n")
        return ExitCode.USAGE
    return ExitCode.OK


def _on_tree(directory: Path) -> Iterator[Finding]:
    from entrypoint.sqlfiles.tree import examine as tree  # noqa: PLC0415 - developers have the parser, images do not

    texts = read(directory).texts.items()
    files = [SqlFile.read(name, role, text) for name, text in texts if (role := role_of(name))]
    ours = created(statement for file in files if file.role in CREATING for statement in file.statements)
    for file in files:
        yield from tree.examine(file, ours)


def _largest_number(path: Path) -> int:
    """Return the larger number of a RELEASE that git could not merge, or 0 for any other one."""
    text = path.read_text("utf-8", errors="replace")
    numbers = re.findall(r"^([1-9][0-9]*)\r?$", text, re.MULTILINE)
    return max(map(int, numbers), default=0) if "<<<<<<< " in text else 0


def _renumbered(directory: Path, finding: Finding) -> Finding:
    """Add to a finding about a number that is there twice how to renumber the migration that came last."""
    names = [f"migrations/{path.name}" for path in (directory / "migrations").glob("*.sql")]
    numbers = {name: number_of(name) for name in names}
    same = [name for name, number in numbers.items() if number and number == numbers.get(finding.file)]
    if finding.line or not same[1:]:
        return finding
    theirs = _git(directory, "ls-tree", "--name-only", "MERGE_HEAD", "migrations/") or ()
    last = max(same, key=lambda name: (name not in theirs, _added(directory, name), name))
    moved = f"migrations/{max(numbers.values()) + 1:04}{last.removeprefix('migrations/')[4:]}"
    command = f"git mv {directory / last} {directory / moved}"
    return finding._replace(reason=f"{finding.reason}; `{command}` renumbers the newest")


def _added(directory: Path, name: str) -> float:
    """Return how many commits led to a file; what was never committed is the newest."""
    commit = _git(directory, "log", "--diff-filter=A", "--format=%H", "-1", "--", name)
    counted = _git(directory, "rev-list", "--count", commit[0]) if commit else None
    return float(counted[0]) if counted else float("inf")


def _changes(directory: Path) -> list[str]:
    """Return a line that names the files that changed since RELEASE was committed, as far as git knows."""
    released = _git(directory, "log", "-1", "--format=%h", "--", "RELEASE")
    if not released:
        return ["which files changed is not known, because git does not know RELEASE here"]
    changed = _git(directory, "diff", "--name-only", "--relative", released[0], "--", ".") or []
    added = _git(directory, "ls-files", "--others", "--exclude-standard", "--", ".") or []
    names = sorted({*changed, *added} - {"RELEASE", "README.md"})
    return [f"changed since commit {released[0]}, which wrote RELEASE: {', '.join(names) or 'no file'}"]


def _git(directory: Path, *words: str) -> Sequence[str] | None:
    """Return the lines that git prints, or None where it fails or is missing."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", "-C", str(directory), *words],  # noqa: S607 - found on the PATH, as on any developer's machine
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.splitlines() if done.returncode == 0 else None


if __name__ == "__main__":
    words = sys.argv[1:]
    directories = [Path(word) for word in words if word != "--check"]
    sys.exit(main(*directories[:1], only_check="--check" in words))
