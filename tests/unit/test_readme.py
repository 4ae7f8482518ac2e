"""The README and the code name the same flags, variables, exit codes, events and metrics."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from entrypoint.cli import flags
from entrypoint.cli import help as help_text
from entrypoint.errors import ExitCode
from entrypoint.output.messages import PHRASES
from entrypoint.report import prometheus
from entrypoint.settings import variables

ROOT = Path(__file__).parents[2]
EVENT = re.compile(
    r"(?:start|embedded|settings|phase|database|pooler|schema|environment|release|lock|plan|table|transaction|step"
    r"|verification|difference|check|ledger|migration|commit|index|metrics|signal|exit|process|backup|rollback|restore"
    r"|stamp)\.(?!sql|py|lock$)[a-z_]+"
)


def section(title: str) -> str:
    """Return the text of one section of the README, up to the next of its level."""
    text = (ROOT / "README.md").read_text("utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_column(title: str) -> list[str]:
    """Return every name in back quotes or number in the first column of a section's table."""
    rows = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("| ")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`|\b(\d+)\b", row) for name in name if name]


def events_in_code() -> set[str]:
    """Return every string in the package that has the form of an event's name."""
    return {
        node.value
        for path in (ROOT / "entrypoint").rglob("*.py")
        if path.stem != "messages"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value)
    }


def test_every_event_is_in_the_readme_and_the_other_way_round() -> None:
    """An event that the code can log is documented, and none is documented that it cannot log."""
    assert sorted(first_column("Reading the log")) == sorted(events_in_code())


def test_every_event_but_the_counted_rows_has_words_for_the_console() -> None:
    """The console knows a phrase for each event, and no phrase for an event that does not exist."""
    rows = {"verification.counted", "phase.finished"}
    assert events_in_code() - rows == set(PHRASES)


def test_every_flag_is_in_the_readme_and_the_other_way_round() -> None:
    """The table of flags lists exactly what the command line accepts."""
    known = {flags.spelled(flag) for owned in flags.FLAGS.values() for flag in owned}
    known |= {"--help", "--version"}
    assert known == set(first_column("Flags"))


def test_every_variable_is_in_the_readme_and_the_other_way_round() -> None:
    """The table of variables lists exactly what the settings read."""
    assert list(variables.VARIABLES) == first_column("Environment variables")


def test_every_exit_code_is_in_the_readme_and_in_the_help() -> None:
    """Each exit code of the code stands in both texts; signals add 130 and 143."""
    codes = {str(int(code)) for code in ExitCode} | {"130", "143"}
    assert codes == set(first_column("Exit codes"))
    assert codes - {"130"} == {str(code) for code in help_text.EXIT_CODES}


def test_every_metric_is_in_the_readme_and_the_other_way_round() -> None:
    """The table of metrics lists exactly what a report is rendered to."""
    assert list(prometheus.METRICS) == first_column("Metrics")


def read_variables() -> Iterator[str]:
    """Yield every name of a variable in our prefix that stands in the package."""
    for path in (ROOT / "entrypoint").rglob("*.py"):
        yield from re.findall(r"MORSE_[A-Z_]+[A-Z]", path.read_text("utf-8"))


def test_no_variable_is_read_that_the_settings_do_not_declare() -> None:
    """Every MORSE_ name in the code is one of the declared variables."""
    assert set() == set(read_variables()) - set(variables.VARIABLES)
