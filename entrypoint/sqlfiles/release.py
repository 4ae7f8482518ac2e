"""Write `sql/RELEASE`: `python -m entrypoint.sqlfiles.release [DIRECTORY]`, which is `make release`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from entrypoint.errors import FilesRefused
from entrypoint.sqlfiles.findings import Finding, refusal
from entrypoint.sqlfiles.source import survey


def release(directory: Path) -> str:
    """Raise the release number when the digest of the files changed, and say what was done.

    Raise `FilesRefused` when the files break their contract, or when RELEASE exists but cannot be
    read: starting again at 1 would make every database look newer than its image.
    """
    source, findings = survey(directory)
    path = directory / "RELEASE"
    if path.exists() and not source.release:
        remedy = "restore it from version control"
        lost = Finding(file=path.name, reason="holds no release number", remedy=remedy)
        raise refusal([lost])
    if findings:
        raise refusal(findings)
    if source.released == source.digest:
        return f"release {source.release} is unchanged"
    number = source.release + 1
    path.write_text(f"{number}\nsha256:{source.digest}\n", encoding="utf-8", newline="\n")
    return f"release {number} is written"


def main(directory: Path = Path("sql")) -> int:
    """Write one line to stdout, or every finding to stderr; return the exit code."""
    try:
        sys.stdout.write(f"{release(directory)}\n")
    except FilesRefused as error:
        findings = cast(list[str], error.facts["findings"])
        sys.stderr.writelines(f"{line}\n" for line in (*findings, error.remedy))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
