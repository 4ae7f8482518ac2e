"""Every link of a document for people leads to something that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("[a-z]*/README.md")})


_PATH = re.compile(r"`((?:\.ci|docs|entrypoint|locks|monitoring|sql|tests)/[\w./-]*)`")


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


def test_every_page_can_be_found() -> None:
    """The README links to each page of the documentation."""
    text = (ROOT / "README.md").read_text("utf-8")
    pages = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS} - {"README.md"}
    assert set() == pages - set(re.findall(r"\]\(([^)\s#]+)", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_are_there(document: Path) -> None:
    """Each file and folder that a page names in back quotes exists; NNNN stands for a number."""
    named = [path for path in _PATH.findall(document.read_text("utf-8")) if "NNNN" not in path]
    assert [] == [path for path in named if not (ROOT / path).exists()]


def test_the_contributor_is_led_to_files() -> None:
    """CONTRIBUTING and the page about the house name the folders that there are, each of them."""
    folders = {f"entrypoint/{path.parent.name}/" for path in (ROOT / "entrypoint").glob("*/__init__.py")}
    named = _PATH.findall((ROOT / "docs" / "how-it-works.md").read_text("utf-8"))
    assert folders == {path for path in named if path.startswith("entrypoint/") and path.endswith("/")}
    assert _PATH.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_targets_are_there(document: Path) -> None:
    """Each target of make that a page names exists."""
    targets = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"))
    named = re.findall(r"(?m)(?:`|^    |&& |_\w+=\S+ )make ([a-z-]+)", document.read_text("utf-8"))
    assert set() == set(named) - set(targets)


def test_what_the_readme_calls_proof_is_there() -> None:
    """Each test file that the README names in the comparison with the scripts exists."""
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"`(tests/\w+/test_\w+\.py)`", text)
    assert named
    assert [] == [name for name in named if not (ROOT / name).is_file()]
