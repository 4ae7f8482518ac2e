"""Reasons to refuse the files under `sql/`, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from entrypoint.errors import FilesRefused
from entrypoint.output.plain import first_of

CORRECT = "correct the file, then run `make release`"


class Finding(NamedTuple):
    """Hold one reason to refuse the files; line 0 means the file as a whole."""

    file: str
    reason: str
    line: int = 0
    remedy: str = CORRECT

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


def refusal(findings: Sequence[Finding]) -> FilesRefused:
    """Return the error that names the first finding and carries all of them."""
    ordered = sorted(findings, key=lambda finding: (finding.file, finding.line, finding.reason))
    lines = [str(finding) for finding in ordered]
    return FilesRefused(first_of(lines), remedy=ordered[0].remedy, findings=lines)
