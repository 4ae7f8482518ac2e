"""Prometheus learns from a report what happened, in terms that its own tools accept."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from entrypoint import __version__
from entrypoint.catalog.difference import Difference
from entrypoint.postgres.sizes import Sizes, TableSize
from entrypoint.report.journal import Outcome, Phase, StepApplied
from entrypoint.report.prometheus import GAUGES, PREFIX
from entrypoint.report.report import Report, TableLock
from entrypoint.verification.result import CategoryCount, CheckResult, Verification
from tests.support.unit.metrics import of_both, of_run, of_success


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
    commit="ed2e0f3",
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
        StepApplied(action="migration", target="0002_add_index", reason="pending", seconds=0.5),
        StepApplied(action="repair", target="index a", reason="missing", seconds=0.5),
        StepApplied(action="repair", target="index b", reason="changed", seconds=0.5),
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
    backup=None,
    sizes=Sizes(
        database_bytes=9000000,
        tables=(TableSize(name="workouts", rows=7, table_bytes=16384, index_bytes=8192),),
    ),
    started_at=1735786800.5,
    seconds=2.5,
    server_version="15.4",
)


def outcomes(reached: Outcome) -> str:
    """Return the samples of all outcomes, of which a run reaches one."""
    return "\n".join(
        f'morse_entrypoint_outcome{{outcome="{outcome}"}} {float(outcome is reached)}' for outcome in Outcome
    )


SAMPLES = f"""\
morse_entrypoint_build_info{{commit="ed2e0f3",release="7",version="{__version__}"}} 1.0
morse_entrypoint_run_info{{command="init",environment="production",server_version="15.4"}} 1.0
{outcomes(Outcome.APPLIED)}
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
morse_entrypoint_database_size_bytes 9e+06
morse_entrypoint_table_size_bytes{{part="table",table="workouts"}} 16384.0
morse_entrypoint_table_size_bytes{{part="indexes",table="workouts"}} 8192.0
morse_entrypoint_last_run_timestamp_seconds 1.7357868005e+09
morse_entrypoint_last_success_timestamp_seconds 1.7357868005e+09
"""


def samples(text: str) -> list[str]:
    """Return the lines of `text` that are no comments."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_every_fact_of_a_report_is_a_sample() -> None:
    """A full report becomes exactly these samples."""
    assert SAMPLES.splitlines() == samples(of_both(REPORT))


def test_a_failed_start_tells_no_success() -> None:
    """A start that failed before it saw the database has no verification and no success."""
    failed = REPORT._replace(
        outcome=Outcome.FAILED,
        exit_code=2,
        phases=(),
        steps=(),
        locks=(),
        verification=None,
        sizes=None,
        server_version=None,
    )
    expected = f"""\
morse_entrypoint_build_info{{commit="ed2e0f3",release="7",version="{__version__}"}} 1.0
morse_entrypoint_run_info{{command="init",environment="production",server_version=""}} 1.0
{outcomes(Outcome.FAILED)}
morse_entrypoint_exit_code 2.0
morse_entrypoint_start_seconds 2.5
morse_entrypoint_connect_attempts 3.0
morse_entrypoint_lock_wait_seconds 0.125
morse_entrypoint_transaction_attempts 2.0
morse_entrypoint_last_run_timestamp_seconds 1.7357868005e+09
"""
    assert expected.splitlines() == samples(of_both(failed))


def test_the_list_of_metrics_is_complete() -> None:
    """GAUGES names every metric of a full report, each a gauge with a sentence of help."""
    families = list(text_string_to_metric_families(of_both(REPORT)))
    assert [PREFIX + name for name in GAUGES] == [family.name for family in families]
    for family in families:
        assert "gauge" == family.type
        assert family.documentation.endswith(".")


def test_the_same_report_gives_the_same_text() -> None:
    """Rendering has no memory: no registry of the process is touched."""
    assert of_both(REPORT) == of_both(REPORT)


def test_a_failed_run_tells_the_last_success_that_it_knows_of() -> None:
    """A success tells of itself whatever came before; a failure tells of the success before it."""
    expected = "morse_entrypoint_last_success_timestamp_seconds"
    assert f"{expected} 1.7357868005e+09" == samples(of_both(REPORT, 5.0))[-1]
    assert f"{expected} 5.0" == samples(of_both(REPORT._replace(exit_code=6), 5.0))[-1]


def test_what_is_pushed_is_the_same_in_two_parts() -> None:
    """The samples of the run and of its success, which are pushed apart, are those of the file."""
    assert SAMPLES.splitlines() == samples(of_run(REPORT)) + samples(of_success(REPORT.started_at))


def test_somebody_elses_many_tables_do_not_become_as_many_series() -> None:
    """Only the largest tables have a size, so that a thousand partitions do not make a thousand series."""
    tables = tuple(
        TableSize(name=f"partition_{number}", rows=None, table_bytes=0, index_bytes=0)
        for number in range(1000)
    )
    text = of_run(REPORT._replace(sizes=Sizes(database_bytes=1, tables=tables)))
    assert 100 == text.count("\nmorse_entrypoint_table_size_bytes{")


def test_a_name_may_hold_any_character() -> None:
    """A table whose name is made of what the text format uses itself is told under that name."""
    name = 'a"b\\c\nd{e="f"} 1'
    report = REPORT._replace(locks=(TableLock(table=name, mode="ShareLock", seconds=1),))
    found = {
        sample.labels["table"]
        for family in text_string_to_metric_families(of_run(report))
        for sample in family.samples
        if sample.name == "morse_entrypoint_table_lock_hold_seconds"
    }
    assert {name} == found
