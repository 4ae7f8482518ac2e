"""Try again what may succeed later; the first attempt, which most starts need alone, loads nothing for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from entrypoint.errors import EntrypointError
from entrypoint.postgres.budget import Budget

T = TypeVar("T")


async def retry(budget: Budget, attempt: Callable[[], Awaitable[T]]) -> T:
    """Call `attempt` until it returns, meets a condition that is final, or the budget ends.

    Raises the EntrypointError that the last condition stands for, from its cause; whatever is not
    about the database is raised as it is.
    """

    async def once() -> T:
        async with budget.attempt():
            return await attempt()

    try:
        return await once()
    except EntrypointError:
        raise
    except Exception as error:  # noqa: BLE001 - what is not worth another attempt is raised again
        from entrypoint.postgres import backoff  # noqa: PLC0415 - see the module

        return await backoff.go_on(budget, once, error)
