"""Starts that stand still in a phase for as long as a test likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg

from tests.support.database import Database
from tests.support.database_state import observing
from tests.support.files import Change, files_with, plus
from tests.support.process import COMMAND, Running, started_entrypoint
from tests.support.waiting import eventually

Phase = Literal["expect", "apply", "verify"]

# What the files wait for; its number means nothing.
_KEY = 4711
_BASELINE = "init_production_schema.sql"
_IN_PUBLIC = f"""
DO $$ BEGIN
    IF current_schema() = 'public' THEN PERFORM pg_advisory_xact_lock({_KEY}); END IF;
END $$;
"""
_IN_SCRATCH = _IN_PUBLIC.replace("= 'public'", "<> 'public'")
_CHECK = f"-- Nobody holds this start.\nSELECT 1 WHERE pg_advisory_xact_lock({_KEY})::text = 'held';\n"
_CHANGES: Mapping[Phase, Mapping[str, Change]] = {
    "expect": {_BASELINE: plus(_IN_SCRATCH)},
    "apply": {_BASELINE: plus(_IN_PUBLIC)},
    "verify": {"verify/nobody_holds_this_start.sql": _CHECK},
}
# A held start must not give way to who holds it.
PATIENT = {"MORSE_LOCK_TIMEOUT_SECONDS": "60"}
_WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'morse-entrypoint%'
    AND wait_event_type = 'Lock'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedStart:
    """A start whose backend `pid` waits for `holder`, a session of the test's."""

    running: Running
    pid: int
    holder: asyncpg.Connection
    observer: asyncpg.Connection

    async def release(self) -> None:
        """Let the start go on."""
        await self.holder.execute("SELECT pg_advisory_unlock_all()")


@asynccontextmanager
async def paused_start(
    database: Database,
    directory: Path,
    phase: Phase,
    *argv: str,
    env: Mapping[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> AsyncIterator[PausedStart]:
    """Start on `database` with files, made in `directory`, that stand still in `phase`.

    The entrypoint gets `argv`, or --init-only when there are none.
    """
    files = files_with(directory, _CHANGES[phase], examined=False)
    environ = {"DATABASE_URL": database.url, **PATIENT, **files, **(env or {})}
    async with observing(database) as observer, observing(database) as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", _KEY)
        words = argv or ("--init-only",)
        async with started_entrypoint(*words, env=environ, command=command) as running:
            pid = await backend_waits(observer)
            yield PausedStart(running=running, pid=pid, holder=holder, observer=observer)


async def backend_waits(observer: asyncpg.Connection) -> int:
    """Wait until the backend of a start waits for a lock, and return its process id."""
    pid: int = await eventually(lambda: observer.fetchval(_WAITING), what="a start that waits for a lock")
    return pid
