"""Further attempts: which error is worth one, after which pause, and how the wait is logged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState
from tenacity.wait import wait_random_exponential

from entrypoint.errors import EntrypointError
from entrypoint.postgres.budget import Budget
from entrypoint.postgres.classify import DRIVER_ERRORS, diagnose, message_of, sqlstate
from entrypoint.postgres.conditions import Retry
from entrypoint.postgres.obstacles import NotConnected, NotReady, NotWritable

T = TypeVar("T")
log = structlog.get_logger()

# What timeouts of the server's and of ours look like that are set to the rest of the budget.
_BUDGET_ENDED = frozenset({"budget_spent", "cancelled", "no_answer"})
_GRACE_SECONDS = 15.0
# Short waits meet a database that comes up within 0.25 s; slow ones spare a server without free slots.
_SOON = wait_random_exponential(multiplier=0.1, max=0.25)
_SLOWLY = wait_random_exponential(multiplier=0.25, max=2.0)


async def go_on(budget: Budget, attempt: Callable[[], Awaitable[T]], failed: Exception) -> T:
    """Call `attempt` again unless what it `failed` with is final. Raises as `retry.retry` does."""
    return await _Retry(budget).go_on(attempt, failed)


class _Retry:
    """What is remembered from one attempt to the next."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._once = 0
        self._before_the_end: Exception | None = None

    async def go_on(self, attempt: Callable[[], Awaitable[T]], failed: Exception) -> T:
        unseen: Exception | None = failed

        async def once() -> T:
            nonlocal unseen
            if unseen is not None:
                error, unseen = unseen, None
                raise error
            return await attempt()

        retrying = AsyncRetrying(
            retry=self._worth_another,
            wait=_wait,
            stop=self._is_spent,
            before_sleep=self._log_wait,
            reraise=True,
        )
        try:
            return await retrying(once)
        except DRIVER_ERRORS as error:
            cause = self._before_the_end if self._is_only_a_timeout(error) else error
            raise self._explain(cause or error) from error

    def _worth_another(self, state: RetryCallState) -> bool:
        error = _error_of(state)
        if error is None or isinstance(error, EntrypointError) or not isinstance(error, Exception):
            return False
        if not self._is_only_a_timeout(error):
            self._before_the_end = error
        match diagnose(error).retry:
            case Retry.SOON | Retry.SLOWLY:
                return True
            case Retry.ONCE:
                self._once += 1
                return self._once == 1
            case Retry.GRACE:
                return self._budget.grace and self._budget.elapsed < _GRACE_SECONDS
            case Retry.NEVER:
                return False

    def _is_spent(self, state: RetryCallState) -> bool:
        """Return whether the budget ends before the next attempt; pauses are no part of it."""
        return state.upcoming_sleep >= self._budget.remaining

    def _is_only_a_timeout(self, error: Exception) -> bool:
        """Return whether the budget ended an attempt before it met what stood in the way of the others."""
        return (
            self._budget.remaining <= 0
            and not isinstance(error, NotConnected)
            and diagnose(error).name in _BUDGET_ENDED
        )

    def _log_wait(self, state: RetryCallState) -> None:
        error = _error_of(state)
        if error is None:
            return
        condition = diagnose(error)
        if not self._budget.due(condition.name):
            return
        waiting = isinstance(error, NotConnected | NotWritable | NotReady)
        event = "database.awaited" if waiting else "transaction.retried"
        log.warning(
            event,
            reason=condition.name,
            message=condition.message + _last_error(error),
            **({"remedy": condition.remedy} if waiting and condition.remedy else {}),
            attempt=state.attempt_number,
            elapsed_seconds=round(self._budget.elapsed, 3),
            remaining_seconds=round(self._budget.remaining, 3),
            **_server_message(error),
        )

    def _explain(self, error: Exception) -> EntrypointError:
        condition = diagnose(error)
        return condition.error(
            condition.message + _last_error(error),
            remedy=condition.remedy,
            reason=condition.name,
            attempts=self._budget.attempts,
            elapsed_seconds=round(self._budget.elapsed, 3),
        )


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _wait(state: RetryCallState) -> float:
    error = _error_of(state)
    slowly = error is not None and diagnose(error).retry is Retry.SLOWLY
    return (_SLOWLY if slowly else _SOON)(state)


def _server_message(error: BaseException) -> dict[str, str]:
    code = sqlstate(error)
    return {"sqlstate": code} if code else {}


def _last_error(error: BaseException) -> str:
    """Quote the server's or the driver's own message, which holds names but never a password."""
    reported = error.__cause__ if isinstance(error, NotConnected) else error
    text = message_of(reported or error)
    return f": {text}" if text else ""
