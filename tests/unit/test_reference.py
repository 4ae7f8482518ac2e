"""The documentation names what the code has: commands, flags, variables, codes, reasons, events, metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoint.commands.command import MODULES, load_all
from entrypoint.errors import ExitCode
from entrypoint.output.messages import PHRASES
from entrypoint.settings import variables
from tests.support import reference

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference.md"


def first_column(title: str) -> list[str]:
    """Return every name in back quotes or number in the first column of a section's table."""
    text = REFERENCE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`|\b(\d+)\b", row) for name in name if name]


@pytest.mark.parametrize("page", reference.PAGES, ids=lambda page: page.name)
def test_a_page_has_the_tables_that_the_code_yields(page: Path) -> None:
    """Every generated table is what the code yields now."""
    text = page.read_text("utf-8")
    assert reference.written(text) == text, "run `make docs`"


def test_every_table_has_one_place_in_the_reference() -> None:
    """The reference holds each table that can be generated, once."""
    assert sorted(reference.TABLES) == sorted(reference.marked(REFERENCE.read_text("utf-8")))


@pytest.mark.parametrize("name", reference.TABLES)
def test_a_row_that_is_lost_or_invented_is_found(name: str) -> None:
    """Taking a row away, or adding one, makes a page differ from what the code yields."""
    text = REFERENCE.read_text("utf-8")
    table = reference.TABLES[name]()
    last = table.splitlines()[-1]
    for edited in (table.replace(f"{last}\n", ""), f"{table}{last.replace('|', '| not', 1)}\n"):
        assert text != text.replace(table, edited)
        assert text == reference.written(text.replace(table, edited))


def test_an_event_without_a_meaning_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that is logged needs a meaning, and a meaning needs an event that is logged."""
    lines = reference.EVENTS.read_text("utf-8")
    copy = tmp_path / "events.toml"
    monkeypatch.setattr(reference, "EVENTS", copy)
    for edited in (lines.replace('"plan.made"', '"plan.undone"'), re.sub(r'"plan\.made".*\n', "", lines)):
        copy.write_text(edited, "utf-8")
        with pytest.raises(ValueError, match=r"plan\.made"):
            reference.events()


def test_every_event_but_the_counted_rows_has_words_for_the_console() -> None:
    """The console knows a phrase for each event, and no phrase for an event that does not exist."""
    rows = {"verification.counted", "phase.finished"}
    assert reference.events_in_code() - rows == set(PHRASES)


def test_every_flag_is_in_the_reference_and_the_other_way_round() -> None:
    """The table of flags lists exactly what the command line accepts."""
    known = {flag.spelled for command in load_all() for flag in command.flags}
    known |= {"--help", "--version"}
    assert known == set(first_column("Flags"))


def test_every_command_is_in_the_tables() -> None:
    """The table of commands names each command that the command line knows."""
    named = " ".join(first_column("Commands"))
    assert set(MODULES) == {name for name in MODULES if re.search(rf"\b{name}\b", named)}


def test_every_variable_is_in_the_reference_and_the_other_way_round() -> None:
    """The table of variables lists exactly what the settings read."""
    assert list(variables.VARIABLES) == first_column("Variables")


def test_every_exit_code_is_in_the_reference_and_in_a_record() -> None:
    """Each exit code of the code is one of a command's; the codes of signals are there as well."""
    codes = {str(int(code)) for code in ExitCode} | {"143"}
    assert codes == set(first_column("Exit codes"))
    assert codes == {str(listed.code) for command in load_all() for listed in command.exits}
    assert "130: by SIGINT" in REFERENCE.read_text("utf-8")


def test_every_metric_is_in_the_reference_and_the_other_way_round() -> None:
    """The table of metrics lists exactly what a report is rendered to."""
    assert list(reference.METRICS) == first_column("Metrics")


def read_variables() -> Iterator[str]:
    """Yield every name of a variable in our prefix that stands in the package."""
    for path in (ROOT / "entrypoint").rglob("*.py"):
        yield from re.findall(r"MORSE_[A-Z_]+[A-Z]", path.read_text("utf-8"))


def test_no_variable_is_read_that_the_settings_do_not_declare() -> None:
    """Every MORSE_ name in the code is one of the declared variables."""
    assert set() == set(read_variables()) - set(variables.VARIABLES)
