"""What a start says while it waits, by a clock that the test turns."""

from __future__ import annotations

from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from entrypoint.errors import DatabaseUnavailable
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.obstacles import NotReady, NotWritable
from entrypoint.postgres.retry import retry
from tests.support.unit.clocks import Attempts, Clock, turned_by_hand
from tests.support.unit.driver_errors import server_error, while_connecting

BUDGET_SECONDS = 60
REFUSED = while_connecting(ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lend a clock that only waiting turns."""
    return turned_by_hand(monkeypatch)


async def test_heartbeats(clock: Clock) -> None:
    """Waiting is said at once, then every five seconds, with what is waited for and for how long."""
    with capture_logs() as logs, pytest.raises(DatabaseUnavailable):
        await retry(Budget(BUDGET_SECONDS, grace=False), Attempts(REFUSED))

    first, *_, last = logs
    assert {"database.awaited"} == {line["event"] for line in logs}
    assert ("refused", "warning", 1) == (first["reason"], first["log_level"], first["attempt"])
    assert "nothing listens" in first["message"]
    assert "('127.0.0.1', 5432)" in first["message"]
    assert "host and port" in first["remedy"]
    assert BUDGET_SECONDS == round(last["elapsed_seconds"] + last["remaining_seconds"], 3)
    times = [line["elapsed_seconds"] for line in logs]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert 0 == times[0]
    assert all(5 <= gap < 5.5 for gap in gaps)
    assert len(clock.pauses) > 10 * len(logs)


@pytest.mark.usefixtures("clock")
async def test_a_new_reason_is_said_at_once() -> None:
    """What is waited for is said as soon as it changes."""
    attempts = Attempts(
        REFUSED,
        while_connecting(server_error("57P03")),
        NotWritable("the server is in recovery"),
        NotReady("release 2 is needed"),
        server_error("55P03"),
        None,
    )
    with capture_logs() as logs:
        await retry(Budget(BUDGET_SECONDS, grace=False), attempts)

    assert [
        ("database.awaited", "refused"),
        ("database.awaited", "starting_up"),
        ("database.awaited", "read_only"),
        ("database.awaited", "not_initialised"),
        ("transaction.retried", "table_busy"),
    ] == [(line["event"], line["reason"]) for line in logs]
    assert ["57P03", "55P03"] == [line["sqlstate"] for line in logs if "sqlstate" in line]
    assert logs[2]["message"].endswith("the server is in recovery")


def test_heartbeats_of_a_subject(clock: Clock) -> None:
    """A subject is due when it is new and again after five seconds, whoever asks."""
    waiting = Budget(BUDGET_SECONDS, grace=False)
    asked = []
    for seconds in (0, 4.9, 0.2, 4.9):
        clock.now += seconds
        asked.append(waiting.due("lock"))

    assert [True, False, True, False] == asked
    assert waiting.due("another")
