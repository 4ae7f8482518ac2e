"""What a start would do, told without doing it, and rehearsed without leaving anything."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import Database, borrowed
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with, plus
from tests.support.output import Completed
from tests.support.process import COMMAND, ROOT, minimal_environment, run_entrypoint
from tests.support.servers import ServerFactory
from tests.support.waiting import PATIENCE_SECONDS

_INDEX = "idx_workouts_user_id"
_STATEMENT = f"CREATE INDEX {_INDEX} ON workouts USING btree (user_id)"
_PRODUCTION = {"MORSE_ENVIRONMENT": "production"}
_BASELINE = "init_production_schema.sql"
_NOTES = "CREATE TABLE IF NOT EXISTS notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY, written DATE);"
_NOTES_INDEX = "CREATE INDEX IF NOT EXISTS idx_notes_written ON notes (written);"
_CONCURRENTLY = _NOTES_INDEX.replace("INDEX", "INDEX CONCURRENTLY", 1)


@pytest.fixture
async def damaged(initialised_database: Database) -> Database:
    """Lend a database made by a start, from which somebody dropped an index."""
    async with observing(initialised_database) as admin:
        await admin.execute(f"DROP INDEX {_INDEX}")
    return initialised_database


async def test_nothing_to_do(initialised_database: Database) -> None:
    """On an initialised database the plan says that there is nothing to do, whoever asks and how."""
    before = await state_of(initialised_database)
    ended = [
        await deploy(initialised_database, None, "plan", *flags)
        for flags in ([], ["--check"], ["--rehearse"], ["--check", "--json"])
    ]

    assert [0] * 4 == [completed.exit_code for completed in ended]
    assert ["Nothing to do" in completed.stdout for completed in ended[:3]] == [True] * 3
    assert False is _document(ended[3])["something_to_do"]
    await assert_untouched(initialised_database, before)


async def test_dropped_index(damaged: Database) -> None:
    """A dropped index is named with the statement that restores it and the lock that this takes."""
    before = await state_of(damaged)
    completed = await deploy(damaged, None, "plan")

    assert 0 == completed.exit_code, completed.stderr
    lines = [" ".join(line.split()) for line in completed.stdout.splitlines()]
    repair = lines.index(f"repair index {_INDEX} (missing)")
    assert _STATEMENT == lines[repair + 1]
    assert "workouts SHARE blocks writes" in lines
    assert f"missing index {_INDEX} on workouts" in lines
    await assert_untouched(damaged, before)


async def test_document(damaged: Database) -> None:
    """With --json, standard output is one document that holds the same facts; the log is beside it."""
    plan = _document(await deploy(damaged, None, "plan", "--json"))

    repair, record = plan["steps"]
    assert ("repair", f"index {_INDEX}", "missing", _STATEMENT) == tuple(repair.values())
    assert "record" == record["action"]
    assert [{"table": "workouts", "mode": "SHARE", "blocks": "writes"}] == plan["locks"]
    assert [("missing", _STATEMENT, None)] == [
        (item["status"], item["expected"], item["actual"]) for item in plan["differences"]
    ]
    assert plan["rehearsal"] is None


async def test_check(damaged: Database) -> None:
    """With --check, exit code 10 says that there is something to do."""
    assert 10 == (await deploy(damaged, None, "plan", "--check")).exit_code
    assert 10 == (await deploy(damaged, None, "plan", "--check", "--rehearse")).exit_code


async def test_rehearsal(damaged: Database) -> None:
    """A rehearsal carries the plan out, measures steps and locks, and leaves nothing."""
    before = await state_of(damaged)
    completed = await deploy(damaged, None, "plan", "--rehearse", "--json")

    rehearsal = _document(completed)["rehearsal"]
    assert [f"index {_INDEX}"] == [step["target"] for step in rehearsal["steps"]]
    assert [("workouts", "SHARE", "writes")] == [
        (lock["table"], lock["mode"], lock["blocks"]) for lock in rehearsal["locks"]
    ]
    assert 0 < rehearsal["steps"][0]["seconds"] <= rehearsal["seconds"]
    assert {"lock.acquired", "step.applied", "verification.passed"} <= set(completed.event_names)
    await assert_untouched(damaged, before)
    assert 1 == (await deploy(damaged)).event_names.count("step.applied")


async def test_rehearsal_that_does_not_verify(damaged: Database, tmp_path: Path) -> None:
    """A rehearsal fails as the start would: a check that finds something ends it with code 6."""
    files = files_with(tmp_path, {"verify/nothing_holds.sql": "-- Nothing holds.\nSELECT 1 AS one;\n"})
    before = await state_of(damaged)
    completed = await deploy(damaged, files, "plan", "--rehearse")

    assert 6 == completed.exit_code
    assert "nothing_holds" in completed.event("start.failed")["message"]
    await assert_untouched(damaged, before)


@pytest.mark.parametrize("production", ["environment", "stamp"])
async def test_rehearsal_on_production(database: Database, tmp_path: Path, production: str) -> None:
    """On production, by environment or stamp, only the name of the database allows a rehearsal."""
    if production == "stamp":
        await deploy(database, None, **_PRODUCTION)
    env = _PRODUCTION if production == "environment" else {}
    files = files_with(
        tmp_path, {_BASELINE: plus(_NOTES_INDEX.replace("notes (written", "users (created_at"))}
    )
    before = await state_of(database)
    refused = [
        await deploy(database, files, "plan", "--rehearse", *confirmation, **env)
        for confirmation in ([], ["--confirm"], ["--confirm=another"])
    ]
    allowed = await deploy(database, files, "plan", "--rehearse", f"--confirm={database.name}", **_PRODUCTION)

    assert [1, 1, 1] == [completed.exit_code for completed in refused]
    for completed in refused:
        assert f"--confirm={database.name}" in completed.event("start.failed")["remedy"]
        assert "lock.acquired" not in completed.event_names
    assert 0 == allowed.exit_code, allowed.stderr
    assert "Rehearsed and rolled back" in allowed.stdout
    await assert_untouched(database, before)


async def test_empty_database(empty_database: Database) -> None:
    """On an empty database the files run whole and contain the migrations; no object is listed as missing."""
    before = await state_of(empty_database)
    plan = _document(await deploy(empty_database, None, "plan", "--rehearse", "--json"))
    completed = await deploy(empty_database, None, "plan", "--check")

    actions = ["baseline", "functions", "triggers", "views"]
    assert [*actions, "record"] == [step["action"] for step in plan["steps"]]
    assert actions == [step["action"] for step in plan["rehearsal"]["steps"]]
    assert ["migrations/0001_adopt_legacy.sql"] == plan["contained"]
    assert 10 == completed.exit_code
    assert "missing" not in completed.stdout
    await assert_untouched(empty_database, before)


async def test_pending_migration(damaged: Database, tmp_path: Path) -> None:
    """A pending migration comes first, its repairs are planned after it, and its index after COMMIT."""
    deferred = f"-- entrypoint: no-transaction, builds idx_notes_written\n{_CONCURRENTLY}\n"
    files = files_with(
        tmp_path,
        {
            _BASELINE: lambda text: f"{text}\n{_NOTES}\n{_NOTES_INDEX}\n",
            "migrations/0002_add_notes.sql": f"{_NOTES}\n",
            "migrations/0003_index_notes.sql": deferred,
        },
    )
    before = await state_of(damaged)
    plan = _document(await deploy(damaged, files, "plan", "--rehearse", "--json"))
    completed = await deploy(damaged, files, "plan")

    assert ["versioned", "record"] == [step["action"] for step in plan["steps"]]
    assert ["migrations/0003_index_notes.sql"] == [step["target"] for step in plan["deferred"]]
    rehearsed = [step["target"] for step in plan["rehearsal"]["steps"]]
    assert ["migrations/0002_add_notes.sql", f"index {_INDEX}"] == rehearsed
    assert "Repairs are planned after the migrations" in completed.stdout
    await assert_untouched(damaged, before)


async def test_undecided(initialised_database: Database) -> None:
    """What needs a decision about data is listed, with the code that a start would end with."""
    async with observing(initialised_database) as admin:
        await admin.execute("ALTER TABLE teams ALTER team_name TYPE varchar(300)")
    before = await state_of(initialised_database)
    completed = await deploy(initialised_database, None, "plan", "--rehearse")
    plan = _document(await deploy(initialised_database, None, "plan", "--check", "--json"), exit_code=10)

    assert 0 == completed.exit_code
    assert ["teams.team_name"] == [item["name"] for item in plan["undecided"]]
    assert 9 == plan["refusal"]["exit_code"]
    for words in ("Undecided", "varying(300)", "would fail with code 9", "Not rehearsed"):
        assert words in completed.stdout
    await assert_untouched(initialised_database, before)


async def test_harmful_extra(damaged: Database) -> None:
    """A stranger's trigger, which keeps a start from repairing anything, is told as that start would."""
    async with observing(damaged) as admin:
        await admin.execute(
            "CREATE TRIGGER stranger BEFORE UPDATE ON teams FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
    completed = await deploy(damaged, None, "plan")

    assert 0 == completed.exit_code
    assert "A start would fail with code 6" in completed.stdout
    assert 6 == (await deploy(damaged)).exit_code


async def test_would_not_write(damaged: Database) -> None:
    """In another environment a start would repair nothing, and the plan says why: nothing is to be done."""
    completed = await deploy(damaged, None, "plan", "--check", **_PRODUCTION)

    assert 0 == completed.exit_code
    assert "write nothing: the database belongs to another environment" in completed.stdout


async def test_would_not_write_and_fail(damaged: Database) -> None:
    """When such a start would miss what its API needs, the plan names it and the code."""
    async with observing(damaged) as admin:
        await admin.execute("DROP VIEW session_summaries")
    completed = await deploy(damaged, None, "plan", "--check", **_PRODUCTION)

    assert 10 == completed.exit_code
    assert "would fail with code 9" in completed.stdout
    assert "session_summaries" in completed.stdout


async def test_standby(private_server: ServerFactory) -> None:
    """A standby tells what the ledger proves; where it proves nothing, it cannot be planned for: code 6."""
    server = await private_server()
    async with borrowed(server, "recorded") as recorded, borrowed(server, "unrecorded") as unrecorded:
        await deploy(recorded)
        standby = server.standby()
        proved = await deploy(Database(standby, recorded.name), None, "plan")
        unknown = await deploy(Database(standby, unrecorded.name), None, "plan", "--json")

    assert 0 == proved.exit_code, proved.stderr
    assert "Nothing to do" in proved.stdout
    assert 6 == unknown.exit_code
    assert "in recovery" in json.loads(unknown.stdout)["error"]["message"]


@pytest.mark.parametrize("env", [{}, {"DATABASE_URL": "mysql://h/d"}])
def test_mistake(env: Mapping[str, str], tmp_path: Path) -> None:
    """A mistake in the settings leaves standard output to the answer that there is not."""
    completed = run_entrypoint("plan", "--json", env=env, cwd=tmp_path)

    assert (1, "") == (completed.exit_code, completed.stdout)
    assert "DATABASE_URL" in completed.event("start.failed")["message"]


@pytest.mark.parametrize(("env", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_terminal(initialised_database: Database, env: Mapping[str, str], colored: bool) -> None:
    """On a terminal the answer has colours, unless NO_COLOR is set; the words are the same."""
    shown = _on_terminal({"DATABASE_URL": initialised_database.url, "TERM": "xterm", **env})

    assert colored is ("\x1b[" in shown)
    assert "Nothing to do" in shown


def _on_terminal(env: Mapping[str, str]) -> str:
    """Run `plan` with a terminal as its standard output, and return what it showed there."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(  # noqa: S603 - our own program
            [*COMMAND, "plan"],
            cwd=ROOT,
            env=minimal_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        os.set_blocking(ours, False)
        return os.read(ours, 1 << 20).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def _document(completed: Completed, exit_code: int = 0) -> Any:
    """Return the plan out of the one document on standard output."""
    assert exit_code == completed.exit_code, completed.stderr
    document = json.loads(completed.stdout)
    assert ("plan", exit_code) == (document["command"], document["exit_code"])
    return document["plan"]
