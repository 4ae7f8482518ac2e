"""A start changes everything or nothing: whichever statement fails, wherever the connection breaks."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.database_state import (
    assert_converged,
    assert_nothing_left,
    assert_untouched,
    observing,
    state_of,
)
from tests.support.files import files_with
from tests.support.process import Completed, run_entrypoint, started_entrypoint
from tests.support.proxy import Cut, Message, Proxy, proxied

# Fails the first command of a kind in the schemas that stay, so not in the scratch build.
_SABOTAGE = """
CREATE SCHEMA sabotage;
CREATE FUNCTION sabotage.fail() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() WHERE coalesce(schema_name, current_schema()) = '{schema}'
    ) THEN
        RAISE 'sabotaged';
    END IF;
END $$;
CREATE EVENT TRIGGER fail ON ddl_command_end WHEN TAG IN ('{tag}') EXECUTE FUNCTION sabotage.fail();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """A command that fails, and what a start then ends with."""

    tag: str
    schema: str = "public"
    exit_code: int
    file: str | None = None


_SABOTAGES = [
    Sabotage(tag="CREATE TABLE", exit_code=3, file="init_production_schema.sql"),
    Sabotage(tag="CREATE INDEX", exit_code=3, file="init_production_schema.sql"),
    Sabotage(tag="CREATE FUNCTION", exit_code=4, file="init_functions.sql"),
    Sabotage(tag="CREATE TRIGGER", exit_code=4, file="init_triggers.sql"),
    Sabotage(tag="CREATE VIEW", exit_code=4, file="init_views.sql"),
    Sabotage(tag="CREATE TABLE", schema="entrypoint", exit_code=3),
]


@pytest.mark.representative("CREATE TABLE in public", "CREATE VIEW in public", "CREATE TABLE in entrypoint")
@pytest.mark.parametrize("sabotage", _SABOTAGES, ids=lambda one: f"{one.tag} in {one.schema}")
async def test_failing_statement(empty_database: Database, sabotage: Sabotage) -> None:
    """A statement that fails in any file, or in the ledger, takes all that ran before with it."""
    url = {"DATABASE_URL": empty_database.url}
    async with observing(empty_database) as admin:
        await admin.execute(_SABOTAGE.format(tag=sabotage.tag, schema=sabotage.schema))
        before = await state_of(empty_database)
        completed = run_entrypoint("echo", "the API runs", env=url)
        await assert_untouched(empty_database, before)
        await admin.execute("DROP EVENT TRIGGER fail")

    failed = completed.event("start.failed")
    assert (sabotage.exit_code, sabotage.file) == (completed.exit_code, failed.get("file"))
    assert "sabotaged" in failed["message"]
    assert "the API runs" not in completed.stdout
    assert 0 == run_entrypoint("--init-only", env=url).exit_code
    await assert_converged(empty_database)


async def test_failing_check(empty_database: Database, tmp_path: Path) -> None:
    """A database that does not verify is never committed, although every statement went well."""
    before = await state_of(empty_database)
    check = "-- Nothing is ever right.\nSELECT 'everything' AS wrong\n"
    files = files_with(tmp_path, {"verify/nothing_is_right.sql": check})
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": empty_database.url, **files})

    assert 6 == completed.exit_code
    assert ["wrong=everything"] == completed.event("check.failed")["violations"]
    assert "step.applied" in completed.event_names
    await assert_untouched(empty_database, before)


async def test_connection_breaks_anywhere(server: Server) -> None:
    """Whichever answer is lost, the database is as before or as after, and the next start converges."""
    async with borrowed(server, "undisturbed") as database, proxied(server.host, server.port) as proxy:
        numbers = _numbers_of_commits(proxy)
        assert 0 == (await _start(proxy, database)).exit_code
    last = numbers[0]
    sample = (1, last // 4, last // 2, 3 * last // 4, last - 1, last)
    outcomes = [await _lose_answer(server, number) for number in sample]

    # With the answer to the COMMIT of what was recorded, everything stays.
    assert ["before"] * 5 + ["after"] == outcomes


async def test_start_goes_on_after_a_broken_connection(server: Server) -> None:
    """A start whose connection breaks once, also right behind its COMMIT, ends in the API."""
    cuts: Mapping[str, str] = {"in the files": "CREATE OR REPLACE VIEW", "at the end": "COMMIT"}
    for name, text in cuts.items():
        async with borrowed(server, name) as database, proxied(server.host, server.port) as proxy:
            if text == "COMMIT":
                _cut_commit_that_writes(proxy)
            else:
                proxy.cut_statement(text)
            completed = await _start(proxy, database)

            assert 0 == completed.exit_code, completed.stdout
            assert "connection_lost" == completed.event("transaction.retried")["reason"]
            await assert_converged(database)


def _cut_commit_that_writes(proxy: Proxy) -> None:
    """Lose the answer to the COMMIT that follows the record in the ledger."""
    recorded = False

    def cut(message: Message) -> Cut | None:
        nonlocal recorded
        recorded = recorded or b"INSERT INTO entrypoint.history" in message.body
        if not recorded or (message.kind, message.body) != ("C", b"COMMIT\0"):
            return None
        proxy.cut = lambda _: None
        return Cut.BEFORE

    proxy.cut = cut


def _count_answers(proxy: Proxy, lost: int = 0, then: Callable[[], None] = lambda: None) -> list[int]:
    """Collect the numbers of the server's answers; lose one and all that follow it, and call `then`."""
    answers: list[int] = []

    def cut(message: Message) -> Cut | None:
        if message.kind == "Z":
            answers.append(message.number)
        if not 0 < lost <= len(answers):
            return None
        then()
        return Cut.BEFORE

    proxy.cut = cut
    return answers


def _numbers_of_commits(proxy: Proxy) -> list[int]:
    """Collect which of the server's answers are those to COMMIT once the ledger was written."""
    answers, recorded = 0, False
    numbers: list[int] = []

    def cut(message: Message) -> Cut | None:
        nonlocal answers, recorded
        recorded = recorded or b"INSERT INTO entrypoint.history" in message.body
        if recorded and (message.kind, message.body) == ("C", b"COMMIT\0"):
            numbers.append(answers + 1)
        answers += message.kind == "Z"
        return None

    proxy.cut = cut
    return numbers


async def _lose_answer(server: Server, number: int) -> str:
    """Break the connection for good and kill the start with it; say what the database is then."""
    broken = asyncio.Event()
    async with borrowed(server, f"answer_{number}") as database:
        before = await state_of(database)
        async with proxied(server.host, server.port) as proxy:
            _count_answers(proxy, number, broken.set)
            env = {"DATABASE_URL": proxy.url(database.url)}
            async with started_entrypoint("--init-only", env=env) as running:
                await asyncio.wait_for(broken.wait(), 20)
                running.send_signal(signal.SIGKILL)
                await running.wait()
        await assert_nothing_left(database)
        after = await state_of(database)
        if after != before:
            await assert_converged(database)
        assert 0 == run_entrypoint("--init-only", env={"DATABASE_URL": database.url}).exit_code
        await assert_converged(database)
        return "before" if after == before else "after"


async def _start(proxy: Proxy, database: Database) -> Completed:
    env = {"DATABASE_URL": proxy.url(database.url)}
    async with started_entrypoint("--init-only", env=env) as running:
        return await running.wait()
