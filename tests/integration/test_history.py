"""The ledger's history keeps what later starts read, and the newest entries, and no more."""

from __future__ import annotations

from entrypoint.postgres.connection import transaction
from entrypoint.postgres.queries import query
from tests.support.database import Database
from tests.support.database_state import state_of
from tests.support.deploys import deploy

_COPY = """
INSERT INTO entrypoint.history (release, digest, files, server_version, method, seconds, service, instance,
    commit, environment, steps, expected, verification, fingerprint)
SELECT release, $1, files, $2, $3, seconds, service, instance, commit, environment, steps, expected,
    verification, fingerprint
FROM entrypoint.history WHERE id = 1 RETURNING id
"""
_IDS = "SELECT array_agg(id ORDER BY id) FROM entrypoint.history"


async def test_what_is_kept(initialised_database: Database) -> None:
    """Kept are the newest entries, and of older ones the last for each files, major version and method."""
    connection = await initialised_database.connect()
    old = [("a", 150004, "m"), ("a", 150008, "m"), ("a", 160001, "m"), ("b", 150008, "m"), ("b", 150008, "n")]
    for entry in [*old, *[("a", 180000, "m")] * 3]:
        await connection.fetchval(_COPY, *entry)

    async with transaction(connection):
        await connection.execute(query("prune_history"), 2)

    assert [1, 3, 4, 5, 6, 8, 9] == await connection.fetchval(_IDS)


async def test_a_start_that_records_prunes(initialised_database: Database) -> None:
    """Every new entry pushes out what is neither among the last fifty nor the newest of its kind."""
    connection = await initialised_database.connect()
    for _ in range(60):
        await connection.fetchval(_COPY, "a", 150004, "m")
    await connection.execute("DROP INDEX idx_workouts_user_id")

    completed = await deploy(initialised_database)

    assert 0 == completed.exit_code, completed.stdout
    assert "ledger.recorded" in completed.event_names
    assert 50 == (await state_of(initialised_database)).entries
    assert "schema.unchanged" in (await deploy(initialised_database)).event_names
