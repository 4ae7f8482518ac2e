"""The deploy log of five typical starts: what a platform can take in, and what docs/ shows of it."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from entrypoint.output.console import Console
from tests.support.cluster import Server
from tests.support.database import borrowed
from tests.support.deploy_logs import LEFT_OUT, DeployLog, documented, produce
from tests.support.output import Event, assert_no_secret
from tests.support.process import ROOT

_LEVELS = {"debug", "info", "warning", "error", "critical"}
_LINE_BYTES = 4096
_TITLES = [
    "A first deploy",
    "A restart with nothing to do",
    "A deploy with a migration",
    "A deploy after somebody changed the database",
    "A deploy that fails",
]


@pytest.fixture(scope="module")
def logs(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, DeployLog]:
    """Run the five starts once and return their logs by title."""

    async def produced(directory: Path) -> list[DeployLog]:
        async with borrowed(server, "deploy_log") as database:
            return await produce(database, directory)

    return {log.title: log for log in asyncio.run(produced(tmp_path_factory.mktemp("deploys")))}


def events(log: DeployLog) -> list[Event]:
    """Return the events of a log, each of which must be one line."""
    return [json.loads(line) for line in log.lines]


def steps(log: DeployLog) -> list[str]:
    """Return the targets of what was applied."""
    return [event["target"] for event in events(log) if event["event"] == "step.applied"]


def test_the_five_are_those_of_the_page(logs: dict[str, DeployLog]) -> None:
    """The page shows exactly the starts that are proved here, in this order."""
    assert _TITLES == list(logs) == list(documented())


@pytest.mark.parametrize("title", _TITLES)
def test_every_line_is_one_that_a_platform_takes_in(logs: dict[str, DeployLog], title: str) -> None:
    """Each line is a short JSON object with a known level and a time in UTC, and no piece of a traceback."""
    log = logs[title]
    assert () == log.errors
    for line in log.lines:
        assert len(line.encode()) < _LINE_BYTES
        assert "Traceback" not in line
        event = json.loads(line)
        assert isinstance(event, dict)
        assert event["level"] in _LEVELS
        assert event["timestamp"].endswith("Z")
        age = datetime.now(UTC) - datetime.fromisoformat(event["timestamp"])
        assert 0 <= age.total_seconds() < 600
        assert ["morse-api", "srv-d1c2b3a4e5f6-x7k2p", "3f1c9a7be2d8"] == [
            event[name] for name in ("service", "instance", "commit")
        ]
    assert_no_secret("\n".join(log.lines))


@pytest.mark.parametrize("title", _TITLES)
def test_the_page_shows_what_is_printed(logs: dict[str, DeployLog], title: str) -> None:
    """Each line of the page has the event, level and facts of a real one; only values may differ."""
    printed = [
        {name: name in ("event", "level") and fact for name, fact in event.items() if name not in LEFT_OUT}
        for event in events(logs[title])
    ]
    shown = [
        {name: name in ("event", "level") and fact for name, fact in event.items()}
        for event in documented()[title]
    ]
    assert printed == shown, "run `python -m tests.support.deploy_logs --write`"


def test_the_readme_shows_lines_of_a_first_start(logs: dict[str, DeployLog]) -> None:
    """Each line of a first start in the README is what a terminal shows, but for numbers and COMMAND."""

    def masked(text: str) -> str:
        text = re.sub(r"[\d.]+ m?s\b", "0 s", " ".join(text.split()))
        return re.sub(r"becoming \w+", "becoming it", re.sub(r"[\d.:]+", "0", text))

    console = Console(color=False)
    printed = [masked(console.render(event)) for event in events(logs[_TITLES[0]])]
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.split("<!-- log of a first start -->\n\n```text\n")[1].split("```")[0]
    shown = [masked(line) for line in re.split(r"\n(?=\d)", block)]
    assert 6 == len(shown)
    assert [] == [line for line in shown if not any(line in text for text in printed)]


@pytest.mark.parametrize("title", _TITLES[:-1])
def test_the_last_line_is_one_sentence(logs: dict[str, DeployLog], title: str) -> None:
    """The last line before the API's own says what the database is and what comes now, at level info."""
    last = events(logs[title])[-1]
    assert ("process.handed_over", "info") == (last["event"], last["level"])
    assert last["summary"].startswith("The database ")
    assert last["summary"].endswith("; becoming node.")
    assert {"info"} == {event["level"] for event in events(logs[title])}


def test_each_start_did_what_its_title_says(logs: dict[str, DeployLog]) -> None:
    """The files, nothing, one migration, three repairs, and a failure that tells what to do."""
    done = [steps(logs[title]) for title in _TITLES]
    assert [4, 0, 1, 3, 0] == [len(targets) for targets in done]
    assert ["migrations/0002_add_workout_notes.sql"] == done[2]
    assert {"index", "function", "trigger"} == {target.split()[0] for target in done[3]}
    *_, failed, delayed = events(logs[_TITLES[-1]])
    assert ("start.failed", "error", 9) == (failed["event"], failed["level"], failed["exit_code"])
    assert "teams.team_name" in failed["message"]
    assert failed["remedy"]
    assert "exit.delayed" == delayed["event"]
