"""Statements, their text and their lines."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrypoint.sqlfiles.splitter import Kind, Statement, split, tokens

MEGABYTE = 1_000_000


def texts(source: str) -> list[str]:
    """Return the texts of the statements alone."""
    return [statement.text for statement in split(source)]


@pytest.mark.parametrize(
    "source",
    [
        "select ';'",
        "select 'it''s; fine'",
        r"select 'c:\'",
        r"select E'\';'",
        r"select e'\\', ';'",
        "select E'a'\n  '\\';'",
        r"select U&'\0061;'",
        'select ";"',
        'select "a"";"',
        'select U&"a;"',
        "select $$;$$",
        "select $body$ $$;$$ $other$;$other$ $body$",
        "select $é1$;$é1$",
        "select x$a$, ';', y$a$",
        "select $1 /* ; /* ; */ ; */ + $2",
        "select 1 -- ;\n + 2",
        "create rule r as on insert to t do (select 1; select 2)",
        "create function f() returns int begin atomic select 1; return 2; end",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN b END; SELECT 2; END",
        "create function f(a int default (case when b then 1 end)) begin atomic select 1; end",
    ],
)
def test_a_hidden_semicolon_ends_nothing(source: str) -> None:
    """A semicolon inside quotes, comments, parentheses or a routine's block is part of the text."""
    assert [source, "select 2"] == texts(f"{source}; select 2;")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("begin; end;", ["begin", "end"]),
        ("create table function (); begin; end;", ["create table function ()", "begin", "end"]),
        ("create function f() end begin; x; end;", ["create function f() end begin; x; end"]),
        ("select 1); select (2);", ["select 1)", "select (2)"]),
        ("create function f(); begin; end;", ["create function f()", "begin", "end"]),
        ("create function f(begin int) x; end;", ["create function f(begin int) x", "end"]),
        ("create function f() case x; end;", ["create function f() case x", "end"]),
        ("select ) (;); select 2;", ["select ) (;)", "select 2"]),
        ("\u00a0; \u00a0x\u2028;", ["\u00a0", "\u00a0x\u2028"]),
        ("select 1a; x$$; $$;", ["select 1a", "x$$", "$$;"]),
        ("select '\\'; select 2;", ["select '\\'", "select 2"]),
        ("select 1 - - 1; select a/*;*/b", ["select 1 - - 1", "select a/*;*/b"]),
    ],
)
def test_a_plain_semicolon_ends_the_statement(source: str, expected: list[str]) -> None:
    """A word that only looks like a block, a quote or a comment hides no semicolon."""
    assert expected == texts(source)


def test_the_text_has_no_blanks_or_comments_around_it() -> None:
    """A statement begins and ends with a token of its own, and empty statements are none."""
    source = "\n-- one\n/* two */ select 1 -- three\n + 1 /* four */ ; ;; -- five\n"
    assert (Statement(text="select 1 -- three\n + 1", line=3),) == split(source)


def test_a_text_without_statements_splits_into_nothing() -> None:
    """Blanks, comments and lone semicolons are no statements."""
    assert () == split("") == split(" \n\t;") == split("-- a\n/* b; */ ;;")


def test_the_last_statement_may_lack_its_semicolon() -> None:
    """A statement that the end of the file ends is kept, and says so."""
    first, last = split("select 1; select 2 -- end")
    assert Statement(text="select 1", line=1, terminated=True) == first
    assert Statement(text="select 2", line=1, terminated=False) == last


@pytest.mark.parametrize("opened", ["'a;", "E'a\\'", 'b"', "/* /* */ ;", "$a$ ; $b$ $", "x'", 'U&"'])
def test_a_quote_that_nothing_closes_takes_the_rest(opened: str) -> None:
    """An unclosed quote or comment is one token up to the end of the file."""
    last = list(tokens(f"select 1; select\n{opened} ; select 3"))[-1]
    assert (Kind.OPEN, 2) == (last.kind, last.line)
    assert 2 == len(split(f"select 1; select\n{opened} ; select 3"))


def test_the_position_of_an_error_leads_to_its_line() -> None:
    """The server counts characters from 1 within the statement; we answer with a line of the file."""
    (_, statement) = split("select 1;\n\n-- why\nselect 'é',\n  'ü' ||\n  oops;")
    position = statement.text.index("oops") + 1
    assert 4 == statement.line == statement.line_at(1) == statement.line_at(len("select 'é',") + 1)
    assert 5 == statement.line_at(len("select 'é',") + 2)
    assert 6 == statement.line_at(position)


@given(st.text(st.sampled_from("aE1$'\"\\;-/*() \n\r\té\u00a0\u2028😀\0"), max_size=60))
def test_no_character_is_lost_or_moved(source: str) -> None:
    """The tokens of any text are that text, each at its position and on its line."""
    found = list(tokens(source))
    assert source == "".join(token.text for token in found)
    for token in found:
        assert source.startswith(token.text, token.start)
        assert source.count("\n", 0, token.start) + 1 == token.line


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["select 1", "a('b;')", "$x$;$x$", "E'\\';'", "/* ; */ b", "(;)"])))
def test_statements_that_are_joined_split_again(statements: list[str]) -> None:
    """Splitting is the reverse of joining with semicolons."""
    expected = [statement.removeprefix("/* ; */ ") for statement in statements]
    assert expected == texts(";\n".join([*statements, ""]))


@pytest.mark.parametrize(
    ("start", "pattern"),
    [
        ("", "insert into t (a, b) values ('it''s', $1); -- why\n"),
        ("", "('"),
        ("", "/*"),
        ("", "/* /* */ */ "),
        ("", "$a$ $b$ "),
        ("", "$a"),
        ("$a$", "$b$"),
        ("", "E'\\'' "),
        ("E'a'", "\n"),
        ("'a'", " "),
        ("", "''\n"),
        ("create function f() begin atomic ", "case "),
        ("", '"'),
        ("", "\\'\"$$;"),
    ],
)
def test_the_time_grows_with_the_text_and_not_faster(start: str, pattern: str) -> None:
    """Eight times the text takes about eight times the time, not sixty-four times."""

    def seconds(size: int) -> float:
        source = start + pattern * (size // len(pattern))
        return min(_measured(lambda: split(source)) for _ in range(3))

    assert seconds(200_000) < 24 * max(seconds(25_000), 0.0005)


def test_five_megabytes_are_split() -> None:
    """A file of 5 MB is split into all of its statements."""
    statement = f"insert into t values ($${'x' * 960}$$, E'\\'', \"c\")"
    source = f"{statement};\n" * 5_000
    assert 5 * MEGABYTE * 0.98 < len(source)
    assert [statement] * 5_000 == texts(source)


def _measured(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started
