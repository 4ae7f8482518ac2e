"""Starts that must not write: an older image, other files of the same release, another environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with, plus
from tests.support.output import Completed
from tests.support.paused_start import paused_start
from tests.support.process import started_entrypoint

_API = ("--", "echo", "the API runs")
_PRODUCTION = {"MORSE_ENVIRONMENT": "production"}
# A preview on Render carries the variables of the service that it was made from.
_PREVIEW = {"RENDER": "true", "IS_PULL_REQUEST": "true", **_PRODUCTION}
_STRANGERS: Mapping[str, Mapping[str, str]] = {
    "development": {"MORSE_ENVIRONMENT": "development"},
    "preview": _PREVIEW,
}
_BASELINE = "init_production_schema.sql"
_INDEX = plus("CREATE INDEX IF NOT EXISTS idx_users_created_at ON users (created_at);")
_TABLE = plus("CREATE TABLE IF NOT EXISTS notes (body TEXT CONSTRAINT notes_pkey PRIMARY KEY);")
_COMMANDS = pytest.mark.parametrize("command", ["init", "wait"])


@pytest.mark.representative("init")
@_COMMANDS
async def test_older_image(initialised_database: Database, tmp_path: Path, command: str) -> None:
    """An image older than the database leaves the newer release alone and starts its API."""
    await deploy(initialised_database, files_with(tmp_path, {_BASELINE: _TABLE}))
    before = await state_of(initialised_database)
    completed = await deploy(initialised_database, None, command, *_API)

    _assert_started(completed, "schema.ahead")
    await assert_untouched(initialised_database, before)


@pytest.mark.representative("init")
@_COMMANDS
async def test_older_image_misses_something(
    initialised_database: Database, tmp_path: Path, command: str
) -> None:
    """An image whose API would miss a view of the newer database does not start, and does not restore it."""
    await deploy(initialised_database, files_with(tmp_path, {_BASELINE: _TABLE}))
    async with observing(initialised_database) as admin:
        await admin.execute("DROP VIEW session_summaries")
    before = await state_of(initialised_database)
    completed = await deploy(initialised_database, None, command, *_API)

    _assert_refused(completed, 6, "view session_summaries is missing")
    await assert_untouched(initialised_database, before)


async def test_unreleased_files_in_development(initialised_database: Database, tmp_path: Path) -> None:
    """In development such files are applied, with a warning."""
    await deploy(initialised_database, files_with(tmp_path / "first", {_BASELINE: _INDEX}))
    completed = await deploy(initialised_database, files_with(tmp_path / "second", {_BASELINE: _TABLE}))

    assert 0 == completed.exit_code, completed.stdout
    assert 1 == completed.event_names.count("release.unchanged")
    assert "warning" == completed.event("release.unchanged")["level"]
    assert "table notes" in [
        event["target"] for event in completed.events if event["event"] == "step.applied"
    ]
    await assert_converged(
        initialised_database, entries=3, extras=("table notes", "index idx_users_created_at")
    )


@pytest.fixture
async def production(initialised_database: Database) -> Database:
    """Lend an initialised database that is stamped as the one of production."""
    async with observing(initialised_database) as admin:
        await admin.execute("UPDATE entrypoint.stamp SET environment = 'production'")
    return initialised_database


async def test_unreleased_files(production: Database, tmp_path: Path) -> None:
    """Other files under the number of a release that was applied are refused, with the command to run."""
    await deploy(production, files_with(tmp_path / "first", {_BASELINE: _INDEX}), **_PRODUCTION)
    before = await state_of(production)
    completed = await deploy(production, files_with(tmp_path / "second", {_BASELINE: _TABLE}), **_PRODUCTION)

    _assert_refused(completed, 8, "other files were applied here under release")
    assert "make release" in completed.event("start.failed")["remedy"]
    await assert_untouched(production, before)


@pytest.mark.representative("development-init", "preview-wait")
@_COMMANDS
@pytest.mark.parametrize("stranger", _STRANGERS)
async def test_other_environment(production: Database, tmp_path: Path, stranger: str, command: str) -> None:
    """A start of another environment applies nothing, newer files included, and starts its API."""
    before = await state_of(production)
    files = files_with(tmp_path, {_BASELINE: _INDEX})
    completed = await deploy(production, files, command, *_API, **_STRANGERS[stranger])

    _assert_started(completed, "environment.mismatched")
    await assert_untouched(production, before)


@pytest.mark.representative("init")
@_COMMANDS
async def test_other_environment_misses_something(production: Database, tmp_path: Path, command: str) -> None:
    """A start of another environment whose API would miss a table ends with exit code 9."""
    before = await state_of(production)
    completed = await deploy(production, files_with(tmp_path, {_BASELINE: _TABLE}), command, *_API)

    _assert_refused(completed, 9, "table notes is missing")
    await assert_untouched(production, before)


async def test_preview_before_the_first_start(database: Database) -> None:
    """A preview leaves tables that no ledger accounts for to the service that it was made from."""
    before = await state_of(database)
    completed = await deploy(database, None, *_API, **_PREVIEW)

    _assert_started(completed, "environment.mismatched")
    await assert_untouched(database, before)


async def test_overtaken_by_a_newer_image(empty_database: Database, tmp_path: Path) -> None:
    """A start that waits for the lock while a newer image applies its release leaves that release alone."""
    async with paused_start(empty_database, tmp_path, "apply") as newer:
        env = {"DATABASE_URL": empty_database.url}
        async with started_entrypoint(*_API, env=env) as older:
            await older.wait_for_event("lock.awaited")
            await newer.release()
            completed = await older.wait()
        assert 0 == (await newer.running.wait()).exit_code

    _assert_started(completed, "schema.ahead")
    assert 1 == (await state_of(empty_database)).entries


async def test_overtaken_by_other_files(empty_database: Database, tmp_path: Path) -> None:
    """Of two images with different files under one release number, the one that came second is refused."""
    files = files_with(tmp_path / "second", {_BASELINE: _TABLE})
    async with paused_start(empty_database, tmp_path / "first", "apply", env=_PRODUCTION) as first:
        env = {"DATABASE_URL": empty_database.url, **files, **_PRODUCTION}
        async with started_entrypoint(*_API, env=env) as second:
            await second.wait_for_event("lock.awaited")
            await first.release()
            completed = await second.wait()
        assert 0 == (await first.running.wait()).exit_code

    _assert_refused(completed, 8, "other files were applied here under release")
    assert 1 == (await state_of(empty_database)).entries


async def test_stamp_of_the_first_start(empty_database: Database) -> None:
    """The first start stamps the database; one of another environment may still find nothing to do."""
    await deploy(empty_database, None, **_PREVIEW)
    async with observing(empty_database) as connection:
        assert "preview" == await connection.fetchval("SELECT environment FROM entrypoint.stamp")
    before = await state_of(empty_database)

    _assert_started(await deploy(empty_database, None, *_API, **_PRODUCTION), "schema.unchanged", "info")
    await assert_untouched(empty_database, before)


def _assert_started(completed: Completed, event: str, level: str = "warning") -> None:
    assert 0 == completed.exit_code, completed.stdout
    assert level == completed.event(event)["level"]
    assert completed.stdout.endswith("the API runs\n")


def _assert_refused(completed: Completed, exit_code: int, message: str) -> None:
    assert exit_code == completed.exit_code, completed.stdout
    assert message in completed.event("start.failed")["message"]
    assert "the API runs" not in completed.stdout
