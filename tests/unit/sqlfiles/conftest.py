"""Files that a test changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "sources"


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Lend a copy of a small source in which nothing is wrong."""
    return shutil.copytree(SOURCES / "sound", tmp_path / "sql")
