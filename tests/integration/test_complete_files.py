"""The contract takes nothing that a server could not build."""

from __future__ import annotations

from pathlib import Path

from entrypoint.sqlfiles import execute
from entrypoint.sqlfiles.release import release
from entrypoint.sqlfiles.source import Source
from tests.support.database import Database
from tests.support.files import load

_COMPLETE = Path(__file__).parents[1] / "unit" / "sqlfiles" / "complete"


async def test_every_statement_that_is_allowed_can_be_built(empty_database: Database, tmp_path: Path) -> None:
    """Files that hold each kind of statement build on a real server, pass their checks, and go again."""
    source = _released(tmp_path / "sql")
    connection = await empty_database.connect_admin()
    await connection.execute("BEGIN; SET LOCAL search_path = public, pg_temp")
    await execute.run(connection, [source.baseline, source.functions, source.triggers, source.views])
    await execute.run(connection, [source.views, source.functions, source.triggers])
    assert source.seed
    assert source.rollback
    adopted, indexed = source.migrations
    await execute.run(connection, [source.seed, adopted])
    assert [[], []] == [await connection.fetch(check.query) for check in source.checks]
    await connection.execute("COMMIT")
    await execute.run(connection, [indexed])
    await execute.run(connection, [source.rollback])
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert [] == await connection.fetch(left)


def _released(directory: Path) -> Source:
    directory.mkdir()
    for path in _COMPLETE.rglob("*.sql"):
        copy = directory / path.relative_to(_COMPLETE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    release(directory)
    return load(directory)
