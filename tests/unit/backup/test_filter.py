"""A backup holds what a rollback drops, in words that the server and every psql understand."""

from __future__ import annotations

import pytest

from entrypoint.backup.dump_reader import Entry, MalformedDump
from entrypoint.backup.filter import Selection
from entrypoint.backup.scope import Owned, Scope
from tests.support.unit.dumps import END, PREAMBLE

SELECTION = Selection(
    scope=Scope(
        owned=Owned(
            relations=frozenset({"users"}),
            functions=frozenset({"claim(uuid, mood)"}),
            extensions=frozenset({"vector"}),
            types=frozenset({"pace", "Odd one"}),
        ),
        routines=frozenset({"claim(uuid, public.mood)"}),
        signatures=frozenset({"claim(who uuid, public.mood)"}),
        statistics=frozenset({"users_stats"}),
        strangers=("theirs",),
    ),
    known_settings=frozenset({"statement_timeout", "default_table_access_method"}),
)

KEPT = [
    ("TABLE", "users", "public"),
    ("TABLE DATA", "users", "public"),
    ("SEQUENCE SET", "users_id_seq", "public"),
    ("FK CONSTRAINT", "users users_team_fkey", "public"),
    ("TRIGGER", "users dba_trigger", "public"),
    ("POLICY", "users dba_policy", "public"),
    ("FUNCTION", "claim(uuid, public.mood)", "public"),
    ("COMMENT", "FUNCTION claim(who uuid, public.mood)", "public"),
    ("ACL", "FUNCTION claim(who uuid, public.mood)", "public"),
    ("ACL", "COLUMN users.id", "public"),
    ("COMMENT", "CONSTRAINT a ON users", "public"),
    ("COMMENT", 'CONSTRAINT "a ON DOMAIN b" ON users', "public"),
    ("TYPE", "pace", "public"),
    ("DOMAIN", "Odd one", "public"),
    ("COMMENT", "TYPE pace", "public"),
    ("ACL", "TYPE pace", "public"),
    ("COMMENT", 'DOMAIN "Odd one"', "public"),
    ("COMMENT", 'CONSTRAINT positive_check ON DOMAIN "Odd one"', "public"),
    ("STATISTICS", "users_stats", "public"),
    ("COMMENT", "STATISTICS users_stats", "public"),
    ("EXTENSION", "vector", "-"),
    ("SCHEMA", "entrypoint", "-"),
    ("COMMENT", "SCHEMA entrypoint", "-"),
    ("ACL", "SCHEMA entrypoint", "-"),
    ("TABLE", "history", "entrypoint"),
    ("FUNCTION", "anything()", "entrypoint"),
]
LEFT_OUT = [
    ("SCHEMA", "public", "-"),
    ("COMMENT", "SCHEMA public", "-"),
    ("ACL", "SCHEMA public", "-"),
    ("FUNCTION", "claim(uuid)", "public"),
    ("COMMENT", "FUNCTION claim(who uuid)", "public"),
    ("PROCEDURE", "theirs()", "public"),
    ("AGGREGATE", "theirs(integer)", "public"),
    ("TYPE", "mood", "public"),
    ("COMMENT", "TYPE mood", "public"),
    ("DOMAIN", "positive", "public"),
    ("COMMENT", "CONSTRAINT positive_check ON DOMAIN positive", "public"),
    ("COMMENT", 'CONSTRAINT "a ""b" ON DOMAIN positive', "public"),
    ("STATISTICS", "their_stats", "public"),
    ("EXTENSION", "pg_trgm", "-"),
    ("COMMENT", "EXTENSION vector", "-"),
    ("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES", "public"),
    ("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES", "entrypoint"),
    ("OPERATOR", "<->", "public"),
    ("CAST", "CAST (text AS public.mood)", "-"),
]


def edited(kind: str, text: str, name: str = "users", schema: str = "public") -> str:
    """Return what the backup holds of an entry."""
    return SELECTION.edit(Entry(name=name, kind=kind, schema=schema, text=text)).text


@pytest.mark.parametrize(("kind", "name", "schema"), KEPT)
def test_kept(kind: str, name: str, schema: str) -> None:
    """What belongs to the product, and what hangs on its relations, is in the backup."""
    assert "SELECT 1;\n" == edited(kind, "SELECT 1;\n", name, schema)


@pytest.mark.parametrize(("kind", "name", "schema"), LEFT_OUT)
def test_left_out(kind: str, name: str, schema: str) -> None:
    """What belongs to others, or could not be restored by the owner, is not."""
    assert "" == edited(kind, "SELECT 1;\n", name, schema)


def test_unknown_kind() -> None:
    """A kind that a later pg_dump invents is refused: nobody knows whether it belongs to the product."""
    with pytest.raises(MalformedDump, match="PROPERTY GRAPH"):
        edited("PROPERTY GRAPH", "CREATE PROPERTY GRAPH g;\n")


def test_settings() -> None:
    """Settings that the server does not know, and the words that an older psql refuses, are taken out."""
    text = edited("PREAMBLE", PREAMBLE)
    assert "SET statement_timeout = 0;\n" in text
    assert "transaction_timeout" not in text
    assert "restrict" not in text + edited("END", END)


def test_settings_of_the_next_entry() -> None:
    """A setting behind an entry that is left out stays, because it is meant for the next."""
    behind = "SET default_table_access_method = heap;\n\n"
    assert behind == edited("TYPE", f"CREATE TYPE mood;\n\n\n{behind}", "mood")
    assert "CREATE TABLE users ();\n\n" == edited("TABLE", "CREATE TABLE users ();\n\nSET unknown = 1;\n")


def test_settings_in_a_body() -> None:
    """What looks like a setting inside a statement is left as it is."""
    body = "CREATE FUNCTION f() AS $$\nSET unknown = 1;\n$$;\n"
    assert body == edited("FUNCTION", body, "claim(uuid, public.mood)")


def test_grants_by_others() -> None:
    """Grants that were made by others are given by whoever restores, who cannot become them."""
    text = (
        "SET SESSION AUTHORIZATION dba;\nGRANT SELECT ON TABLE users TO api;\nRESET SESSION AUTHORIZATION;\n"
    )
    assert "GRANT SELECT ON TABLE users TO api;\n" == edited("ACL", text, "TABLE users")


def test_commands_of_psql() -> None:
    r"""A backslash that psql would obey is refused, one inside a quote or a comment is not."""
    with pytest.raises(MalformedDump, match="backslash"):
        edited("VIEW", "CREATE VIEW v AS SELECT 1;\n\\! rm -rf /\n")
    for harmless in ("SELECT '\\! a';\n", "SELECT $$\n\\! a\n$$;\n", "-- \\! a\n", "SELECT E'\\' \\! a';\n"):
        assert harmless == edited("VIEW", harmless)
