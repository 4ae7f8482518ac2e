"""The metrics' file is whole or not there, and a failed run does not forget the last success."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from entrypoint.report import textfile
from entrypoint.report.journal import Outcome
from entrypoint.report.prometheus import LAST_SUCCESS
from tests.support.unit.metrics import of_both
from tests.unit.report.test_prometheus import REPORT

FAILED = REPORT._replace(outcome=Outcome.FAILED, exit_code=6, started_at=REPORT.started_at + 60)


def last_successes(path: Path) -> list[float]:
    """Return every time of a last success that a file tells of."""
    lines = path.read_text("utf-8").splitlines()
    return [float(line.split()[1]) for line in lines if line.startswith(LAST_SUCCESS)]


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    """The file holds the rendered text, readable by a collector, and nothing lies beside it."""
    path = tmp_path / "morse.prom"
    path.write_text("old", encoding="utf-8")
    textfile.write(REPORT, path)
    assert of_both(REPORT) == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())
    umask = os.umask(0)
    os.umask(umask)
    assert 0o666 & ~umask == path.stat().st_mode & 0o777


def test_a_file_that_is_left_of_a_killed_start_does_not_matter(tmp_path: Path) -> None:
    """The temporary file of a killed process with our pid, always 1 in a container, is reused."""
    path = tmp_path / "morse.prom"
    (tmp_path / f"morse.prom.{os.getpid()}.140213").write_text("half", encoding="utf-8")
    textfile.write(REPORT, path)
    assert [path] == list(tmp_path.iterdir())


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    """A folder that is not there is reported as OSError and not made."""
    with pytest.raises(FileNotFoundError):
        textfile.write(REPORT, tmp_path / "none" / "morse.prom")
    assert [] == list(tmp_path.iterdir())


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """When the file cannot be replaced the temporary file is removed."""
    path = tmp_path / "morse.prom"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        textfile.write(REPORT, path)
    assert [path] == list(tmp_path.iterdir())


def test_failures_keep_the_last_success(tmp_path: Path) -> None:
    """Any number of failed runs after a success leave its time in the file; the next success replaces it."""
    path = tmp_path / "morse.prom"
    textfile.write(REPORT, path)
    for _ in range(2):
        textfile.write(FAILED, path)
        assert [REPORT.started_at] == last_successes(path)
        assert 'outcome="failed"} 1.0' in path.read_text("utf-8")
    again = REPORT._replace(started_at=REPORT.started_at + 120)
    textfile.write(again, path)
    assert [again.started_at] == last_successes(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        f"{LAST_SUCCESS} soon\n".encode(),
        f"{LAST_SUCCESS} 1.2.3\n".encode(),
        f"# {LAST_SUCCESS} 1.0\n".encode(),
    ],
)
def test_a_file_that_tells_of_no_success(tmp_path: Path, content: bytes) -> None:
    """A damaged or foreign file is replaced, and no success is made up."""
    path = tmp_path / "morse.prom"
    path.write_bytes(content)
    textfile.write(FAILED, path)
    assert of_both(FAILED) == path.read_text("utf-8")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe of the file's name is replaced at once; nobody would ever write into it."""
    path = tmp_path / "morse.prom"
    os.mkfifo(path)
    textfile.write(FAILED, path)
    assert of_both(FAILED) == path.read_text("utf-8")
