"""Trying again: classified, bounded by one budget for the whole start, and said aloud while it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import asyncpg
import structlog
from tenacity import AsyncRetrying, RetryCallState
from tenacity.stop import stop_before_delay
from tenacity.wait import wait_random_exponential

from entrypoint.conditions import NotConnected, NotReady, NotWritable, Obstacle, Retry
from entrypoint.diagnosis import diagnose, message_of, sqlstate
from entrypoint.errors import EntrypointError

T = TypeVar("T")
log = structlog.get_logger()

_HEARTBEAT_SECONDS = 5.0
# What timeouts of the server's and of ours look like that are set to the rest of the budget.
_BUDGET_ENDED = frozenset({"budget_spent", "cancelled", "no_answer"})
_GRACE_SECONDS = 15.0
# What the last attempt may take beyond the budget, so that the server's own timeouts, which say more than
# ours, come first, and an attempt that has just begun finds out what stands in the way.
_MARGIN_SECONDS = 1.0
# Short waits meet a database that comes up within 0.25 s; slow ones spare a server without free slots.
_SOON = wait_random_exponential(multiplier=0.1, max=0.25)
_SLOWLY = wait_random_exponential(multiplier=0.25, max=2.0)


class Patience:
    """One budget in seconds, shared by everything a start waits for; uses the monotonic clock only."""

    def __init__(self, budget: float, *, grace: bool) -> None:
        self._budget = budget
        self._grace = grace
        self._started = time.monotonic()
        self._last_words: dict[str, float] = {}
        self._once = 0
        self._before_the_end: Exception | None = None
        self._deadline: asyncio.Timeout | None = None
        self.connect_attempts = 0
        self.transaction_attempts = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Seconds left of the budget; negative when it is over."""
        return self._budget - self.elapsed

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Run the block on nobody's budget: what it takes is added, and no deadline falls into it."""
        began = time.monotonic()
        if self._deadline is not None:
            self._deadline.reschedule(None)
        try:
            yield
        finally:
            self._started += time.monotonic() - began
            if self._deadline is not None:
                ending = max(self.remaining, 0.0) + _MARGIN_SECONDS
                self._deadline.reschedule(asyncio.get_running_loop().time() + ending)

    async def persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Call `attempt` until it returns, meets a condition that is final, or the budget ends.

        Raises the EntrypointError that the last condition stands for, from its cause; whatever is not
        about the database is raised as it is.
        """
        retrying = AsyncRetrying(
            retry=self._worth_another,
            wait=_wait,
            stop=stop_before_delay(max(self.remaining, 0.0)),
            before_sleep=self._say,
            reraise=True,
        )

        async def once() -> T:
            async with asyncio.timeout(max(self.remaining, 0.0) + _MARGIN_SECONDS) as self._deadline:
                return await attempt()

        try:
            return await retrying(once)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Obstacle) as error:
            telling = self._before_the_end if self._says_only_that_time_is_up(error) else error
            raise self._explain(telling or error) from error

    def due(self, subject: str) -> bool:
        """Say whether to speak about `subject` now: when it is new, then every few seconds."""
        now = time.monotonic()
        if now - self._last_words.get(subject, -math.inf) < _HEARTBEAT_SECONDS:
            return False
        self._last_words[subject] = now
        return True

    def _worth_another(self, state: RetryCallState) -> bool:
        error = _error_of(state)
        if error is None or isinstance(error, EntrypointError) or not isinstance(error, Exception):
            return False
        if not self._says_only_that_time_is_up(error):
            self._before_the_end = error
        match diagnose(error).retry:
            case Retry.SOON | Retry.SLOWLY:
                return True
            case Retry.ONCE:
                self._once += 1
                return self._once == 1
            case Retry.GRACE:
                return self._grace and self.elapsed < _GRACE_SECONDS
            case Retry.NEVER:
                return False

    def _says_only_that_time_is_up(self, error: Exception) -> bool:
        """Say whether the budget ended an attempt before it met what stood in the way of the others."""
        return (
            self.remaining <= 0
            and not isinstance(error, NotConnected)
            and diagnose(error).name in _BUDGET_ENDED
        )

    def _say(self, state: RetryCallState) -> None:
        error = _error_of(state)
        if error is None:
            return
        condition = diagnose(error)
        if not self.due(condition.name):
            return
        waiting = isinstance(error, NotConnected | NotWritable | NotReady)
        event = "database.awaited" if waiting else "transaction.retried"
        log.warning(
            event,
            reason=condition.name,
            message=condition.message + _last_words(error),
            **({"remedy": condition.remedy} if waiting and condition.remedy else {}),
            attempt=state.attempt_number,
            elapsed_seconds=round(self.elapsed, 3),
            remaining_seconds=round(self.remaining, 3),
            **_server_words(error),
        )

    def _explain(self, error: Exception) -> EntrypointError:
        condition = diagnose(error)
        return condition.error(
            condition.message + _last_words(error),
            remedy=condition.remedy,
            reason=condition.name,
            attempts=max(self.connect_attempts, self.transaction_attempts),
            elapsed_seconds=round(self.elapsed, 3),
        )


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _wait(state: RetryCallState) -> float:
    error = _error_of(state)
    slowly = error is not None and diagnose(error).retry is Retry.SLOWLY
    return (_SLOWLY if slowly else _SOON)(state)


def _server_words(error: BaseException) -> dict[str, str]:
    code = sqlstate(error)
    return {"sqlstate": code} if code else {}


def _last_words(error: BaseException) -> str:
    """Quote the server's or the driver's own message, which holds names but never a password."""
    said = error.__cause__ if isinstance(error, NotConnected) else error
    text = message_of(said or error)
    return f": {text}" if text else ""
