"""What the migration that adopts older databases does to one that needs nothing."""

from __future__ import annotations

from tests.support.database import Database
from tests.support.files import load

_LOCKED = """
SELECT l.relation::regclass::text, l.mode
FROM pg_locks AS l
JOIN pg_class AS c ON l.relation = c.oid
WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace
"""


async def test_nothing_is_locked_where_nothing_is_old(database: Database) -> None:
    """In a database like a fresh one every block finds nothing to do and takes no lock on our relations."""
    [adoption] = [migration for migration in load().migrations if migration.number == 1]
    connection = await database.connect()
    async with connection.transaction():
        for statement in adoption.statements:
            await connection.execute(statement.text)
        assert [] == await connection.fetch(_LOCKED)
        assert not await connection.fetchval("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
