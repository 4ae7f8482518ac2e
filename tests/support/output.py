"""What a run of the entrypoint printed: its events, and never a password."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.cluster import CANARY_MARK
from tests.support.fair_clock import FairClock

Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A finished run; `events` are the lines that were JSON objects, in order of each stream.

    `seconds` are those of a FairClock; `waited` is what it left out.
    """

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    waited: float
    events: list[Event] = field(default_factory=list)

    @property
    def event_names(self) -> list[str]:
        """The events' names, in order."""
        return [str(event.get("event")) for event in self.events]

    def event(self, name: str) -> Event:
        """Return the first event called `name`; AssertionError with the output if there is none."""
        found = next((event for event in self.events if event.get("event") == name), None)
        assert found is not None, f"no event {name} in:\n{self.stdout}\n{self.stderr}"
        return found


def assert_no_secret(text: str) -> None:
    """Fail when any part of the canary password stands in `text`, raw or percent-encoded."""
    assert CANARY_MARK not in text.lower(), f"the password was printed:\n{text}"


def completed(code: int, stdout: bytes, stderr: bytes, clock: FairClock) -> Completed:
    """Return a finished run; AssertionError when the password is in what it printed."""
    assert_no_secret(text_of(stdout, stderr))
    out, err = stdout.decode(), stderr.decode()
    events = events_in(out) + events_in(err)
    return Completed(
        exit_code=code, stdout=out, stderr=err, seconds=clock.seconds, waited=clock.waited, events=events
    )


def text_of(stdout: bytes, stderr: bytes) -> str:
    """Return both streams as one readable text."""
    return (stdout + b"\n" + stderr).decode(errors="replace")


def events_in(text: str) -> list[Event]:
    """Return the lines of `text` that are JSON objects."""
    lines = [line for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    return [json.loads(line) for line in lines]
