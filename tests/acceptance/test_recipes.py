"""The recipes of docs/changing-the-schema.md: each leads to what it says, and every row is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.database import SQL, Database
from tests.support.database_state import observing
from tests.support.deploys import deploy
from tests.support.files import files_with
from tests.support.recipes import numbered, recipes

_RECIPES = recipes()
# Beside the test data: what the recipes convert, rename and drop.
_ROWS = """
INSERT INTO teams (team_name, creator_user_id, invite_code, created_at)
SELECT 'Early', id, 'ABCD1234', '2026-03-01 12:00' FROM app_users LIMIT 1;
INSERT INTO team_memberships (team_id, user_id, display_name, role)
SELECT team_id, creator_user_id, 'Al', 'admin' FROM teams;
INSERT INTO user_progress (user_id, exercise_name, metric_type, metric_value, recorded_date)
SELECT id, 'run', metric, 1, '2026-03-01'
FROM (SELECT id FROM users LIMIT 1) AS u, unnest(ARRAY['weight', 'reps', 'duration', 'distance']) AS metric;
UPDATE exercises SET distance_miles = 3;
"""
# What is true when the last release of a recipe is applied.
_OUTCOMES: Mapping[str, str] = {
    "Add a column that may be NULL": "SELECT count(*) > 0 AND count(tempo) = 0 FROM exercises",
    "Add a NOT NULL column with a default": "SELECT bool_and(weight_unit = 'lbs') FROM exercises",
    "Add a NOT NULL column without a default": (
        "SELECT array_agg(metric_unit ORDER BY metric_type) = '{miles,minutes,times,lbs}' FROM user_progress"
    ),
    "Rename a column": "SELECT bool_and(shown_name = 'Al') FROM team_memberships",
    "Drop a column": (
        "SELECT count(*) = 0 FROM information_schema.columns WHERE column_name = 'distance_miles'"
    ),
    "Change a type": "SELECT bool_and(created_at = '2026-03-01 12:00+00') FROM teams",
    "Add a check, and later a value to it": (
        "SELECT pg_get_constraintdef(oid) LIKE '%guest%' FROM pg_constraint"
        " WHERE conname = 'team_memberships_role_check'"
    ),
    "Build an index on a large table": (
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'idx_exercises_created_at'::regclass"
    ),
    "Add a table": "SELECT count(*) = 0 FROM workout_notes",
    "Change the body of a function": (
        "SELECT prosrc LIKE '%60 days%' FROM pg_proc WHERE proname = 'get_unclaimed_workouts_for_device'"
    ),
    "Change the signature of a function": (
        "SELECT expire_old_unclaimed_workouts() = 0 AND expire_old_unclaimed_workouts(-1) > 0"
    ),
    "Change a view": "SELECT count(claim_status) = count(*) FROM session_summaries",
    "Add an enum, and later a value to it": (
        "SELECT enum_range(NULL::exercise_feeling)::text = '{good,fair,bad}' FROM exercises LIMIT 1"
    ),
}
# Who only reads or writes rows does not wait for these.
_NOBODY_WAITS = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
# Columns whose values a recipe means to change, beside those that it drops.
_CONVERTED = {"Change a type": {"created_at"}}


def test_every_recipe_is_tried() -> None:
    """Each recipe of the page has an outcome here, and no outcome is without a recipe."""
    assert list(_RECIPES) == list(_OUTCOMES)


@pytest.mark.parametrize("title", _RECIPES)
async def test_recipe(initialised_database: Database, tmp_path: Path, title: str) -> None:
    """A recipe's releases are applied one after the other; the result is proved, and no row is lost."""
    await _execute(initialised_database, (SQL / "init_test_data.sql").read_text("utf-8"), _ROWS)
    before = await _rows(initialised_database)
    files: dict[str, str] | None = None
    for number, release in enumerate(_RECIPES[title]):
        files = files_with(tmp_path / str(number), numbered(release, files), base=files)
        completed = await deploy(initialised_database, files)
        assert 0 == completed.exit_code, completed.stdout
        locked = [event for event in completed.events if event["event"] == "table.locked"]
        modes = {event["table"]: event["mode"] for event in locked if event["mode"] not in _NOBODY_WAITS}
        assert release.locks == modes

    verified = await deploy(initialised_database, files, "verify", "--deep", "--strict")
    assert 0 == verified.exit_code, verified.stdout
    again = await deploy(initialised_database, files)
    assert "schema.unchanged" in again.event_names
    assert [] == list(_lost(before, await _rows(initialised_database), _CONVERTED.get(title, set())))
    async with observing(initialised_database) as connection:
        assert await connection.fetchval(_OUTCOMES[title])


async def test_what_the_recipes_add_is_dropped_by_a_rollback(
    initialised_database: Database, tmp_path: Path
) -> None:
    """A table, a type and a function of the recipes go with everything else that is ours."""
    files: dict[str, str] | None = None
    added = ("Add a table", "Change the signature of a function", "Add an enum, and later a value to it")
    for number, title in enumerate(added):
        files = files_with(tmp_path / str(number), numbered(_RECIPES[title][0], files), base=files)
    deployed = await deploy(initialised_database, files)
    assert 0 == deployed.exit_code, deployed.stdout

    dropped = await deploy(initialised_database, files, "rollback", "--confirm")

    assert 0 == dropped.exit_code, dropped.stdout
    async with observing(initialised_database) as connection:
        assert 0 == await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        assert not await connection.fetchval("SELECT to_regtype('exercise_feeling') IS NOT NULL")


async def _execute(database: Database, *texts: str) -> None:
    owner = await database.connect()
    async with owner.transaction():
        for text in texts:
            await owner.execute(text)


async def _rows(database: Database) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, by table."""
    async with observing(database) as connection:
        tables = await connection.fetch("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: [
                json.loads(row[0])
                for row in await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table} AS t")
            ]
            for (table,) in tables
        }


def _lost(
    before: Mapping[str, list[dict[str, object]]],
    after: Mapping[str, list[dict[str, object]]],
    converted: set[str],
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each row whose values, in the columns that are still there, are in no row of its table."""
    for table, rows in before.items():
        columns = set(after[table][0]) - converted if after[table] else set()
        kept = [{name: row[name] for name in columns & row.keys()} for row in after[table]]
        assert len(rows) == len(kept)
        for row in rows:
            part = {name: row[name] for name in columns & row.keys()}
            if not any(part.items() <= other.items() for other in kept):
                yield table, row
