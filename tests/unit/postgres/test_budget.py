"""Waiting by a clock that the test turns: bounded, classified, and said aloud."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from entrypoint.errors import DatabaseBusy, DatabaseIncompatible, DatabaseUnavailable, EntrypointError
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.obstacles import NotWritable
from entrypoint.postgres.retry import retry
from tests.support.fair_clock import FairClock
from tests.support.unit.clocks import Attempts, Clock, turned_by_hand
from tests.support.unit.driver_errors import server_error, while_connecting

BUDGET_SECONDS = 60
REFUSED = while_connecting(ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)"))
WRONG_PASSWORD = while_connecting(server_error("28P01"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lend a clock that only waiting turns."""
    return turned_by_hand(monkeypatch)


async def failure(attempt: Callable[[], Awaitable[object]], *, grace: bool = False) -> EntrypointError:
    """Persist in vain and return the error that says why."""
    with pytest.raises(EntrypointError) as raised:
        await retry(Budget(BUDGET_SECONDS, grace=grace), attempt)
    return raised.value


@pytest.mark.usefixtures("clock")
async def test_what_passes_is_tried_again() -> None:
    """Every condition that passes by itself costs an attempt, until one succeeds."""
    attempts = Attempts(REFUSED, NotWritable("a standby"), server_error("55P03"), None)

    assert "done" == await retry(Budget(BUDGET_SECONDS, grace=False), attempts)
    assert 4 == attempts.made


async def test_the_budget_ends(clock: Clock) -> None:
    """At the end of the budget the last condition is what the start fails with."""
    began = clock.now

    error = await failure(Attempts(while_connecting(TimeoutError()), REFUSED))

    assert isinstance(error, DatabaseUnavailable)
    assert "refused" == error.facts["reason"]
    assert "('127.0.0.1', 5432)" in error.message
    assert error.remedy
    assert REFUSED is error.__cause__
    assert BUDGET_SECONDS - 1 < clock.now - began < BUDGET_SECONDS


async def test_the_budget_is_shared(clock: Clock) -> None:
    """What was spent before counts: a budget that is over allows one attempt, without a wait."""
    waiting = Budget(BUDGET_SECONDS, grace=False)
    clock.now += BUDGET_SECONDS + 1
    attempts = Attempts(REFUSED)

    with pytest.raises(DatabaseUnavailable):
        await retry(waiting, attempts)

    assert (1, []) == (attempts.made, clock.pauses)


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_the_wall_clock_jumps(clock: Clock, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    """A wall clock that is set right in the middle of a wait makes it neither longer nor shorter."""
    wall = time.time()
    monkeypatch.setattr(time, "time", lambda: wall + (jump if clock.pauses else 0.0))
    began = clock.now

    error = await failure(Attempts(REFUSED))

    assert error.facts["elapsed_seconds"] == round(clock.now - began, 3)
    assert BUDGET_SECONDS - 1 < clock.now - began < BUDGET_SECONDS


async def test_the_real_clock_is_monotonic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget is measured on a clock that nobody can set."""
    waiting = Budget(BUDGET_SECONDS, grace=False)
    monkeypatch.setattr(time, "time", lambda: 0.0)

    assert BUDGET_SECONDS - 5 < waiting.remaining <= BUDGET_SECONDS
    assert 0 <= waiting.elapsed < 5


async def test_the_last_attempt_is_cut_short(clock: Clock) -> None:
    """An attempt that the budget ends says nothing; what stood in the way before is the reason."""

    async def attempt() -> None:
        if clock.now - began < BUDGET_SECONDS - 5:
            raise server_error("55P03")
        clock.now = began + BUDGET_SECONDS
        raise server_error("25P04")

    began = clock.now
    error = await failure(attempt)

    assert ("table_busy", DatabaseBusy) == (error.facts["reason"], type(error))


async def test_an_attempt_that_hangs() -> None:
    """An attempt that never comes back ends a second after the budget, not with the server."""
    clock = FairClock()

    with pytest.raises(DatabaseUnavailable) as raised:
        await retry(Budget(0.1, grace=False), asyncio.Event().wait)

    assert "no_answer" == raised.value.facts["reason"]
    assert clock.seconds < 3


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (while_connecting(server_error("28000")), DatabaseUnavailable),
        (WRONG_PASSWORD, DatabaseUnavailable),
        (server_error("42501"), DatabaseIncompatible),
    ],
)
async def test_what_is_final(clock: Clock, error: Exception, kind: type[EntrypointError]) -> None:
    """What does not pass by itself ends the start with its first attempt."""
    assert isinstance(await failure(Attempts(error)), kind)
    assert [] == clock.pauses


@pytest.mark.parametrize("error", [KeyError("a mistake of ours"), asyncio.CancelledError()])
async def test_what_is_not_about_the_database(clock: Clock, error: BaseException) -> None:
    """A mistake in the program and a cancellation go through as they are."""
    with pytest.raises(type(error)) as raised:
        await retry(Budget(BUDGET_SECONDS, grace=True), Attempts(error))

    assert error is raised.value
    assert [] == clock.pauses


async def test_an_error_that_was_explained(clock: Clock) -> None:
    """What an attempt explains itself is not tried again."""
    explained = DatabaseBusy("somebody holds the lock")

    assert explained is await failure(Attempts(explained))
    assert [] == clock.pauses


@pytest.mark.parametrize("code", ["28P01", "3D000"])
async def test_grace_on_a_managed_platform(clock: Clock, code: str) -> None:
    """A refused login and a missing database get fifteen seconds there, and nothing elsewhere."""
    error = while_connecting(server_error(code))
    began = clock.now

    await failure(Attempts(error), grace=True)
    graceful = clock.now - began
    await failure(Attempts(error), grace=False)

    assert 15 <= graceful < 16
    assert began + graceful == clock.now


async def test_grace_ends_in_success() -> None:
    """A password that arrives within the grace is enough."""
    attempts = Attempts(WRONG_PASSWORD, WRONG_PASSWORD, None)

    assert "done" == await retry(Budget(BUDGET_SECONDS, grace=True), attempts)


@pytest.mark.usefixtures("clock")
async def test_a_cancelled_statement_gets_one_more_attempt() -> None:
    """The second cancellation is meant, however much else was waited for between the two."""
    attempts = Attempts(server_error("57014"), REFUSED, server_error("57014"))

    error = await failure(attempts)

    assert isinstance(error, DatabaseBusy)
    assert ("cancelled", 3) == (error.facts["reason"], attempts.made)


async def test_pauses(clock: Clock) -> None:
    """A database that comes up is met within a quarter of a second; one without slots is spared."""
    await failure(Attempts(REFUSED))
    soon, clock.pauses = clock.pauses, []
    await failure(Attempts(while_connecting(server_error("53300"))))

    assert max(soon) <= 0.25
    assert 1 < max(clock.pauses) <= 2
    assert len(clock.pauses) < len(soon) / 2
    assert len(set(soon)) > len(soon) / 2, "no two starts should come at the same moments"


async def test_attempts_after_a_pause(clock: Clock) -> None:
    """What passes after a long pause in a later attempt is tried again, since no budget was spent."""
    budget = Budget(BUDGET_SECONDS, grace=False)
    made = 0

    async def attempt() -> str:
        nonlocal made
        made += 1
        if made == 1:
            raise server_error("55P03")
        if made == 2:
            with budget.paused():
                clock.now += 10 * BUDGET_SECONDS
            raise server_error("55P03")
        return "done"

    assert "done" == await retry(budget, attempt)
