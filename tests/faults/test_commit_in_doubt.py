"""A COMMIT that is not answered: the server is asked what became of it, and nothing is applied twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.failing_starts import IMPATIENT
from tests.support.output import Completed
from tests.support.process import started_entrypoint
from tests.support.proxy import Cut, Message, Proxy, proxied

_API = ("echo", "the API runs")
_COMMIT = b"COMMIT\0"
_REFUSING_COMMIT = """
CREATE SCHEMA audits;
CREATE FUNCTION audits.refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'not on a Friday'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON entrypoint.history
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audits.refuse();
"""


@pytest.fixture
async def incomplete_database(initialised_database: Database) -> Database:
    """Lend an initialised database that lost an index."""
    async with observing(initialised_database) as admin:
        await admin.execute("DROP INDEX idx_workouts_user_id")
    return initialised_database


@pytest.fixture
async def proxy(incomplete_database: Database) -> AsyncIterator[Proxy]:
    """Stand between a start and its server."""
    server = incomplete_database.server
    async with proxied(server.host, server.port) as proxy:
        yield proxy


async def test_reply_is_lost(incomplete_database: Database, proxy: Proxy) -> None:
    """A COMMIT whose answer is lost counts as what the server says: committed, and not applied again."""
    _cut_at_commit(proxy, lambda message: message.side == "server")
    completed = await _start(incomplete_database, proxy)

    _assert_resolved(completed, "committed")
    assert 1 == completed.event_names.count("lock.acquired")
    assert 1 == completed.event_names.count("step.applied")
    assert "schema.unchanged" in completed.event_names
    assert "was brought to release" in completed.event("process.handed_over")["summary"]
    await assert_converged(incomplete_database, entries=2)


async def test_commit_never_arrives(incomplete_database: Database, proxy: Proxy) -> None:
    """A COMMIT that never reached the server counts as aborted, and the second attempt applies."""
    _cut_at_commit(proxy, lambda message: message.side == "client")
    completed = await _start(incomplete_database, proxy)

    _assert_resolved(completed, "aborted")
    assert 2 == completed.event_names.count("step.applied")
    assert 1 == completed.event_names.count("ledger.recorded")
    await assert_converged(incomplete_database, entries=2)


async def test_server_never_tells(incomplete_database: Database, proxy: Proxy) -> None:
    """A start that cannot learn what became of its COMMIT fails, and the next one finds everything done."""
    _cut_at_commit(proxy, lambda message: message.side == "server", for_good=True)
    # Long enough for a busy machine to come as far as COMMIT.
    budget = {"MORSE_START_BUDGET_SECONDS": "10"}
    completed = await _start(incomplete_database, proxy, **{**IMPATIENT, **budget})

    assert 2 == completed.exit_code, completed.stdout
    failed = completed.event("start.failed")
    assert "COMMIT was sent and not answered" in failed["message"]
    assert "`morse-entrypoint status`" in failed["remedy"]
    assert failed["transaction"].isdigit()
    await assert_converged(incomplete_database, entries=2)
    after = await state_of(incomplete_database)
    assert "schema.unchanged" in (await deploy(incomplete_database)).event_names
    await assert_untouched(incomplete_database, after)


async def test_a_signal_in_the_middle_of_a_commit(incomplete_database: Database, proxy: Proxy) -> None:
    """A start that a signal ends while COMMIT waits for its answer says so in its last line."""
    recorded = False
    reached = asyncio.Event()

    async def hold_commit(message: Message) -> None:
        nonlocal recorded
        recorded = recorded or b"INSERT INTO entrypoint.history" in message.body
        if recorded and message.side == "client" and message.body == _COMMIT:
            reached.set()
            await asyncio.Event().wait()

    proxy.inspect = hold_commit
    env = {"DATABASE_URL": proxy.url(incomplete_database.url)}
    async with started_entrypoint("--init-only", env=env) as running:
        async with asyncio.timeout(50):
            await reached.wait()
        running.send_signal(signal.SIGTERM)
        completed = await running.wait()

    assert 143 == completed.exit_code, completed.stdout
    received = completed.events[-1]
    assert ("signal.received", "SIGTERM") == (received["event"], received["signal"])
    assert "COMMIT was sent and not answered" in received["message"]
    assert received["transaction"].isdigit()


async def test_a_commit_that_is_refused_is_in_no_doubt(incomplete_database: Database) -> None:
    """An error that answers COMMIT, here of a deferred constraint, says that nothing is there."""
    async with observing(incomplete_database) as admin:
        await admin.execute(_REFUSING_COMMIT)
    completed = await deploy(incomplete_database)

    assert 0 != completed.exit_code
    assert "not answered" not in completed.stdout
    assert "commit.resolved" not in completed.event_names


def _cut_at_commit(proxy: Proxy, matches: Callable[[Message], bool], *, for_good: bool = False) -> None:
    """Break the connection before a message about the COMMIT that follows the entry in the ledger.

    With `for_good` no connection works any more after that.
    """
    recorded = False

    def cut(message: Message) -> Cut | None:
        nonlocal recorded
        recorded = recorded or b"INSERT INTO entrypoint.history" in message.body
        if not recorded or message.body != _COMMIT or not matches(message):
            return None
        proxy.cut = lambda _: Cut.BEFORE if for_good else None
        return Cut.BEFORE

    proxy.cut = cut


async def _start(database: Database, proxy: Proxy, **env: str) -> Completed:
    return await deploy(database, None, *_API, DATABASE_URL=proxy.url(database.url), **env)


def _assert_resolved(completed: Completed, status: str) -> None:
    assert 0 == completed.exit_code, completed.stdout
    resolved = completed.event("commit.resolved")
    assert ("warning", status) == (resolved["level"], resolved["status"])
    assert "connection_lost" == completed.event("transaction.retried")["reason"]
    assert completed.stdout.endswith("the API runs\n")
