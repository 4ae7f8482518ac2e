"""Prometheus learns from a report what happened, and the file is whole or not there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrypoint import __version__
from entrypoint.metrics import METRICS, render, write_textfile
from entrypoint.report import (
    AppliedStep,
    CategoryCount,
    CheckResult,
    Difference,
    Outcome,
    Phase,
    Report,
    TableLock,
    Verification,
)


def difference(status: str, kind: str, name: str) -> Difference:
    """Return a difference of which only status and kind matter here."""
    return Difference(
        status=status,  # type: ignore[arg-type]
        kind=kind,
        name=name,
        relation=None,
        expected=None,
        actual=None,
        severity="failure",
    )


REPORT = Report(
    command="init",
    outcome=Outcome.APPLIED,
    exit_code=0,
    release=7,
    digest="0a1b",
    environment="production",
    phases=(
        Phase(name="connect", seconds=0.5),
        Phase(name="apply", seconds=1.0),
        Phase(name="apply", seconds=0.25),
    ),
    connect_attempts=3,
    lock_wait_seconds=0.125,
    transaction_attempts=2,
    steps=(
        AppliedStep(action="migration", target="0002_add_index", reason="pending", seconds=0.5),
        AppliedStep(action="repair", target="index a", reason="missing", seconds=0.5),
        AppliedStep(action="repair", target="index b", reason="changed", seconds=0.5),
    ),
    locks=(TableLock(table="users", mode="ShareLock", seconds=0.25),),
    verification=Verification(
        counts=(
            CategoryCount(category="tables", expected=19, matched=19, extra=1),
            CategoryCount(category="indexes", expected=62, matched=59, extra=0),
        ),
        differences=(
            difference("missing", "index", "a"),
            difference("changed", "index", "b"),
            difference("changed", "index", "c"),
            difference("extra", "table", "d"),
        ),
        checks=(
            CheckResult(name="sets", passed=True, seconds=0.1),
            CheckResult(name="users", passed=False, seconds=0.1, violations=("1",)),
        ),
        passed=False,
    ),
    started_at=1735786800.5,
    seconds=2.5,
    server_version="15.4",
)

SAMPLES = f"""\
morse_entrypoint_build_info{{release="7",version="{__version__}"}} 1.0
morse_entrypoint_outcome{{outcome="applied"}} 1.0
morse_entrypoint_outcome{{outcome="unchanged"}} 0.0
morse_entrypoint_outcome{{outcome="interface"}} 0.0
morse_entrypoint_outcome{{outcome="verified"}} 0.0
morse_entrypoint_outcome{{outcome="failed"}} 0.0
morse_entrypoint_exit_code 0.0
morse_entrypoint_start_seconds 2.5
morse_entrypoint_phase_seconds{{phase="connect"}} 0.5
morse_entrypoint_phase_seconds{{phase="apply"}} 1.25
morse_entrypoint_connect_attempts 3.0
morse_entrypoint_lock_wait_seconds 0.125
morse_entrypoint_transaction_attempts 2.0
morse_entrypoint_steps_applied{{action="migration"}} 1.0
morse_entrypoint_steps_applied{{action="repair"}} 2.0
morse_entrypoint_table_lock_hold_seconds{{mode="ShareLock",table="users"}} 0.25
morse_entrypoint_verification_objects{{category="tables",result="matched"}} 19.0
morse_entrypoint_verification_objects{{category="tables",result="missing"}} 0.0
morse_entrypoint_verification_objects{{category="tables",result="changed"}} 0.0
morse_entrypoint_verification_objects{{category="tables",result="extra"}} 1.0
morse_entrypoint_verification_objects{{category="indexes",result="matched"}} 59.0
morse_entrypoint_verification_objects{{category="indexes",result="missing"}} 1.0
morse_entrypoint_verification_objects{{category="indexes",result="changed"}} 2.0
morse_entrypoint_verification_objects{{category="indexes",result="extra"}} 0.0
morse_entrypoint_verification_checks{{result="passed"}} 1.0
morse_entrypoint_verification_checks{{result="failed"}} 1.0
morse_entrypoint_differences{{kind="index",status="missing"}} 1.0
morse_entrypoint_differences{{kind="index",status="changed"}} 2.0
morse_entrypoint_differences{{kind="table",status="extra"}} 1.0
morse_entrypoint_last_run_timestamp_seconds 1.7357868005e+09
morse_entrypoint_last_success_timestamp_seconds 1.7357868005e+09
"""


def samples(text: str) -> list[str]:
    """Return the lines of `text` that are no comments."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_every_fact_of_a_report_is_a_sample() -> None:
    """A full report becomes exactly these samples."""
    assert SAMPLES.splitlines() == samples(render(REPORT))


def test_a_failed_start_tells_no_success() -> None:
    """A start that failed before it saw the database has no verification and no success."""
    failed = replace(
        REPORT,
        outcome=Outcome.FAILED,
        exit_code=2,
        phases=(),
        steps=(),
        locks=(),
        verification=None,
        server_version=None,
    )
    expected = f"""\
morse_entrypoint_build_info{{release="7",version="{__version__}"}} 1.0
morse_entrypoint_outcome{{outcome="applied"}} 0.0
morse_entrypoint_outcome{{outcome="unchanged"}} 0.0
morse_entrypoint_outcome{{outcome="interface"}} 0.0
morse_entrypoint_outcome{{outcome="verified"}} 0.0
morse_entrypoint_outcome{{outcome="failed"}} 1.0
morse_entrypoint_exit_code 2.0
morse_entrypoint_start_seconds 2.5
morse_entrypoint_connect_attempts 3.0
morse_entrypoint_lock_wait_seconds 0.125
morse_entrypoint_transaction_attempts 2.0
morse_entrypoint_last_run_timestamp_seconds 1.7357868005e+09
"""
    assert expected.splitlines() == samples(render(failed))


def test_the_list_of_metrics_is_complete() -> None:
    """METRICS names every metric of a full report, each a gauge with a sentence of help."""
    families = list(text_string_to_metric_families(render(REPORT)))
    assert list(METRICS) == [family.name for family in families]
    for family in families:
        assert "gauge" == family.type
        assert family.documentation.endswith(".")


def test_the_same_report_gives_the_same_text() -> None:
    """Rendering has no memory: no registry of the process is touched."""
    assert render(REPORT) == render(REPORT)


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    """The file holds the rendered text, readable by a collector, and nothing lies beside it."""
    path = tmp_path / "morse.prom"
    path.write_text("old", encoding="utf-8")
    write_textfile(REPORT, path)
    assert render(REPORT) == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())
    umask = os.umask(0)
    os.umask(umask)
    assert 0o666 & ~umask == path.stat().st_mode & 0o777


def test_a_file_that_is_left_of_a_killed_start_does_not_matter(tmp_path: Path) -> None:
    """The temporary file of a killed process with our pid, always 1 in a container, is reused."""
    path = tmp_path / "morse.prom"
    (tmp_path / f"morse.prom.{os.getpid()}").write_text("half", encoding="utf-8")
    write_textfile(REPORT, path)
    assert [path] == list(tmp_path.iterdir())


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    """A folder that is not there is reported as OSError and not made."""
    with pytest.raises(FileNotFoundError):
        write_textfile(REPORT, tmp_path / "none" / "morse.prom")
    assert [] == list(tmp_path.iterdir())


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """When the file cannot be replaced the temporary file is removed."""
    path = tmp_path / "morse.prom"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_textfile(REPORT, path)
    assert [path] == list(tmp_path.iterdir())
