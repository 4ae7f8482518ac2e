"""One event is one line with all its facts, whatever happens to the stream."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog
from structlog.typing import FilteringBoundLogger

from entrypoint.output import logs
from tests.support.process import ROOT, minimal_environment, run_entrypoint
from tests.support.waiting import PATIENCE_SECONDS

CONTEXT = {"service": "morse-api", "instance": "srv-1", "commit": "0a1b2c3"}
NOW = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(autouse=True)
def _structlog() -> Iterator[None]:
    """Give structlog its defaults back."""
    yield
    structlog.reset_defaults()


def configured(
    stream: Any,
    *,
    level: str = "debug",
    secrets: tuple[str, ...] = (),
    form: Literal["json", "console"] = "json",
) -> FilteringBoundLogger:
    """Configure logging as the program does, to `stream`."""
    return logs.configure(
        format=form, level=level, context=CONTEXT, secrets=secrets, stream=stream, color=False
    )


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the events in `stream`; their time is checked and taken out."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    for event in found:
        assert NOW.fullmatch(event.pop("timestamp"))
    return found


def test_an_event_is_one_line_of_json() -> None:
    """The line starts with what identifies it, and the facts follow in the given order."""
    stream = io.StringIO()
    configured(stream).info("lock.acquired", waited_seconds=0.25, holder=None, tables=("a", "b"))
    line = stream.getvalue()
    assert 1 == line.count("\n")
    timestamp = json.loads(line)["timestamp"]
    assert line == (
        f'{{"timestamp": "{timestamp}", "level": "info", "event": "lock.acquired", '
        '"service": "morse-api", "instance": "srv-1", "commit": "0a1b2c3", '
        '"waited_seconds": 0.25, "holder": null, "tables": ["a", "b"]}\n'
    )
    assert NOW.fullmatch(timestamp)


@pytest.mark.parametrize("level", logs.LEVELS)
def test_a_level_hides_the_ones_below(level: str) -> None:
    """Events of the configured level and above are written, the others are not."""
    stream = io.StringIO()
    log = configured(stream, level=level)
    for method in logs.LEVELS:
        getattr(log, method)("plan.made")
    names = list(logs.LEVELS)
    assert [{"level": name, "event": "plan.made", **CONTEXT} for name in names[names.index(level) :]] == (
        events(stream)
    )


def test_every_logger_is_configured() -> None:
    """A logger that a module took before the configuration writes the same lines."""
    log = structlog.get_logger()
    stream = io.StringIO()
    configured(stream)
    log.info("schema.adopted", kept=3)
    log.bind(phase="apply").warning("table.busy")
    assert [
        {"level": "info", "event": "schema.adopted", **CONTEXT, "kept": 3},
        {"level": "warning", "event": "table.busy", **CONTEXT, "phase": "apply"},
    ] == events(stream)


def test_a_fact_cannot_replace_what_identifies_the_line() -> None:
    """A fact named like the time, the level or the service is not believed."""
    stream = io.StringIO()
    configured(stream).info("plan.made", level="none", timestamp="never", service="other")
    assert [{"level": "info", "event": "plan.made", **CONTEXT}] == events(stream)


def test_secrets_are_masked_everywhere() -> None:
    """A secret is masked in facts, in nested facts, in objects and in the context."""
    stream = io.StringIO()
    secret = "srv-1"  # noqa: S105 - as short and as public as a bad password
    configured(stream, secrets=(secret,)).error(
        "start.failed",
        error=ValueError("at srv-1"),
        facts={"srv-1": [("srv-1", 1)]},
        remedy="change srv%2D1",
    )
    assert [
        {
            "level": "error",
            "event": "start.failed",
            **CONTEXT,
            "instance": "[redacted]",
            "error": "ValueError: at [redacted]",
            "facts": {"srv-1": [["[redacted]", 1]]},
            "remedy": "change [redacted]",
        }
    ] == events(stream)


def fail() -> None:
    """Raise an error in a frame of its own."""
    raise ValueError("one\ntwo")


@pytest.mark.parametrize("given", [True, False])
def test_an_exception_is_told_in_one_line(given: bool) -> None:
    """An exception becomes its message and the places it went through, without their source."""
    stream = io.StringIO()
    log = configured(stream)
    try:
        fail()
    except ValueError as error:
        log.critical("start.failed", exc_info=error if given else True)
    [event] = events(stream)
    where = [re.sub(r":\d+ ", " ", place) for place in event.pop("where")]
    assert ["test_logs.py test_an_exception_is_told_in_one_line", "test_logs.py fail"] == where
    assert {
        "level": "critical",
        "event": "start.failed",
        **CONTEXT,
        "error": "ValueError: one\ntwo",
    } == event


def test_no_exception_is_no_fact() -> None:
    """Asking for an exception outside its handler adds nothing."""
    stream = io.StringIO()
    configured(stream).error("start.failed", exc_info=True)
    assert [{"level": "error", "event": "start.failed", **CONTEXT}] == events(stream)


def test_the_console_gets_the_same_event() -> None:
    """The console format renders what JSON would hold, secrets masked."""
    stream = io.StringIO()
    log = configured(stream, form="console", secrets=("hunter2",))
    log.warning("metrics.write_failed", reason="no space in hunter2")
    time, _, rest = stream.getvalue().partition("  ")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert "! the metrics were not written: no space in [redacted]\n" == rest


def test_a_missing_stream_loses_the_line() -> None:
    """A process that was started without standard output goes on."""
    configured(None).info("plan.made")


def test_a_closed_stream_loses_the_line() -> None:
    """A stream that was closed in between does not matter."""
    stream = io.StringIO()
    log = configured(stream)
    stream.close()
    log.info("plan.made")


SCRIPT = """
import sys
from entrypoint.output import logs
log = logs.configure(
    format="json", level="info", context={}, secrets=(), stream=sys.stdout, color=False
)
for number in range(3):
    log.info("plan.made", number=number)
print("alive", file=sys.stderr)
"""


@pytest.mark.parametrize("target", ["pipe without reader", "full device", "closed"])
def test_a_broken_stdout_never_changes_the_exit_code(target: str) -> None:
    """A process whose standard output is broken, full or closed ends as if it were not."""
    stdout = None
    if target == "pipe without reader":
        reader, stdout = os.pipe()
        os.close(reader)
    elif target == "full device":
        stdout = os.open("/dev/full", os.O_WRONLY)
    shell = ["sh", "-c", 'exec "$@" >&-', "sh"] if stdout is None else []
    try:
        ended = subprocess.run(  # noqa: S603 - our own program
            [*shell, sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=minimal_environment(),
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    finally:
        if stdout is not None:
            os.close(stdout)
    assert (0, b"alive\n") == (ended.returncode, ended.stderr)


def test_lines_keep_their_place_among_what_is_printed() -> None:
    """A line stands after what was printed before it, although it bypasses the buffer."""
    script = "print('first')\n" + SCRIPT.replace("range(3)", "range(1)") + "print('last')\n"
    ended = run_entrypoint(command=(sys.executable, "-c", script))
    first, line, last = ended.stdout.splitlines()
    assert ("first", "plan.made", "last") == (first, json.loads(line)["event"], last)


def test_a_stream_that_cannot_spell_a_character_gets_its_escape() -> None:
    """A terminal without Unicode shows escapes instead of failing."""
    script = SCRIPT.replace("json", "console").replace("range(3)", "('ä',)")
    ended = run_entrypoint(command=(sys.executable, "-c", script), env={"PYTHONIOENCODING": "ascii"})
    assert "\\u2022 plan.made  number=\\xe4\n" == ended.stdout.partition("  ")[2]


def test_what_is_not_used_is_not_imported() -> None:
    """Logging JSON imports neither the console nor the metrics."""
    script = f"{SCRIPT}\nprint({{'entrypoint.output.console', 'prometheus_client'}} & {{*sys.modules}})"
    ended = run_entrypoint(command=(sys.executable, "-c", script))
    assert "set()" == ended.stdout.splitlines()[-1]
