"""Every link of a document for people leads to something that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/README.md")})


def anchors(path: Path) -> set[str]:
    """Return what a link may name behind #: each heading in lower case, words joined by hyphens."""
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead(document: Path) -> Iterator[str]:
    """Yield the links of a document whose file or heading does not exist."""
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (heading and heading not in anchors(target)):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Each relative link names a file, and each anchor a heading, that exists."""
    assert [] == list(dead(document))


def test_what_the_readme_calls_proof_is_there() -> None:
    """Each test file that the README names in the comparison with the scripts exists."""
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"`(\w+/test_\w+\.py)`", text)
    assert named
    assert [] == [name for name in named if not (ROOT / "tests" / name).is_file()]
