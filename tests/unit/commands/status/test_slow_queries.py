"""Statements as pg_stat_statements keeps them, without what people stored."""

from __future__ import annotations

import pytest

from entrypoint.commands.status.slow_queries import anonymous


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SELECT *\n  FROM users\n WHERE id = $1", "SELECT * FROM users WHERE id = $1"),
        ("select 'a@b.org', 42, $2, E'it\\'s', $$body$$", "select …, …, $2, …, …"),
        ("UPDATE t SET a = 'it''s' -- somebody's note\nWHERE b", "UPDATE t SET a = … WHERE b"),
        ("ALTER ROLE somebody PASSWORD 'hunter2'", "ALTER ROLE …"),
        ("DO $$BEGIN PERFORM 'hunter2'; END$$", "DO …"),
        ("/* worker */ WITH x AS (SELECT 1) TABLE x", "WITH x AS (SELECT …) TABLE x"),
        ("SELECT 'cut off", "SELECT …"),
        ("<insufficient privilege>", "<insufficient privilege>"),
        (None, "(its text is not kept)"),
        ("SELECT " + "column_name, " * 20, "SELECT " + ("column_name, " * 20)[:152] + "…"),
    ],
)
def test_literals_are_left_out(text: str | None, shown: str) -> None:
    """Literals and comments are removed, and of anything but a query only the first words are left."""
    assert shown == anonymous(text)
