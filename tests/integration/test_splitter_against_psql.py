"""The splitter ends statements where psql ends them."""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from entrypoint.sqlfiles.splitter import Kind, split, tokens
from tests.support.cluster import Server
from tests.support.waiting import PATIENCE_SECONDS

# fmt: off
PLAIN = ("select", "x", ";", ";", ";", "(", ")", "::", ",", "*", "/", "-")
# A number is followed by a blank: versions of psql disagree on where `1a$$` ends, and the server
# refuses it anyway.
QUOTES = (
    "1 ", "$1;", "x$a$", "é$a$", "'a;b'", "'it''s;'", r"'\'", r"E'\';'", r"e'\\'", "E'a'';'",
    "b'0'", r"U&'\0061;'", "'", "''", '"a;b"', '"a"";"', 'U&"a;"', '"', "$$;$$", "$a$;$$;$a$",
    "$é1$;$é1$", "$$", "$a$", "$b$", "$", "/*;*/", "/* /* ; */ ; */", "/*/", "/*", "*/", "--;\n",
    "--';$$\n", "/* -- */", "-- /*\n",
)
OPENINGS = (
    "CREATE FUNCTION f()", "create procedure p()", "Create Or Replace Function f()",
    "create or replace procedure p()", "create (or) replace function", 'create "x" function',
    "create or function", "create table function", "create 'or' procedure", "select", "",
)
BLOCKS = (
    "begin", "BEGIN ATOMIC", "Begin", "case", "CASE WHEN a THEN b END;", "end", "end;", "END",
    "end;", "beginning", '"end"', "'begin'", "(", ")", ");", "(;", ";",
)
# fmt: on


def texts() -> st.SearchStrategy[str]:
    """Make texts of quotes and comments, of routines with a body, and of everything."""
    separators = st.sampled_from(("", " ", " ", "\n"))

    def of(fragments: tuple[str, ...], size: int) -> st.SearchStrategy[str]:
        pieces = st.tuples(st.sampled_from(fragments), separators).map("".join)
        return st.lists(pieces, max_size=size).map("".join)

    routine = st.tuples(st.sampled_from(OPENINGS), of(BLOCKS, 8), st.sampled_from((";", "; end;")))
    routines = st.lists(routine.map(" ".join), max_size=5).map(" ".join)
    return of(PLAIN + QUOTES, 30) | routines | of(PLAIN + QUOTES + OPENINGS + BLOCKS, 30)


class Psql:
    """Run psql against a socket that takes every query and answers that it was empty.

    The socket stands in for a server because only there the texts arrive exactly as psql cut them;
    a server logs them differently depending on whether they parse.
    """

    def __init__(self, program: Path) -> None:
        self._program = program
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_SECONDS)

    def close(self) -> None:
        """Stop listening; no psql runs between two calls."""
        self._listener.close()

    def queries(self, text: str) -> list[str]:
        """Return what psql sends for a file with this text."""
        port = self._listener.getsockname()[1]
        target = f"host=127.0.0.1 port={port} user=u dbname=d sslmode=disable gssencmode=disable"
        with subprocess.Popen(  # noqa: S603 - the server under test brings this program
            [self._program, "-X", "-q", "-d", target, "-f", "-"],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdin
            process.stdin.write(text.encode())
            process.stdin.close()
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rwb") as stream:
                connection.settimeout(PATIENCE_SECONDS)
                queries = list(_serve(cast(BinaryIO, stream)))
            assert 0 == process.wait(PATIENCE_SECONDS), process.stderr and process.stderr.read()
        return queries


def _serve(stream: BinaryIO) -> Iterator[str]:
    """Answer like a server until psql says goodbye, and yield the text of each query."""
    (length,) = struct.unpack("!i", stream.read(4))
    stream.read(length - 4)
    stream.write(_message(b"R", b"\0\0\0\0"))
    for parameter in (
        "server_version=15.0",
        "client_encoding=UTF8",
        "standard_conforming_strings=on",
    ):
        name, _, value = parameter.partition("=")
        stream.write(_message(b"S", f"{name}\0{value}\0".encode()))
    while True:
        stream.write(_message(b"Z", b"I"))
        stream.flush()
        kind, length = struct.unpack("!ci", stream.read(5))
        body = stream.read(length - 4)
        if kind == b"X":
            return
        assert b"Q" == kind
        yield body.removesuffix(b"\0").decode()
        stream.write(_message(b"I", b""))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _is_for_psql_alone(text: str) -> bool:
    """Tell whether psql reads a text unlike the server, which the splitter follows.

    A backslash outside quotes starts a meta-command. And psql reads line by line, so it does not
    know that the continuation of an E'' string on the next line has escapes too.
    """
    return any(
        token.text == "\\" or (token.kind is Kind.STRING and token.text[0] in "eE" and "\n" in token.text)
        for token in tokens(text)
    )


@pytest.fixture(scope="module")
def psql(server: Server) -> Iterator[Psql]:
    """Lend the psql that belongs to the server under test."""
    program = server.bin / "psql"
    if not program.exists():
        pytest.skip(f"{server.bin} has no psql")
    with closing(Psql(program)) as psql:
        yield psql


@settings(
    max_examples=6 * settings.default.max_examples,
    suppress_health_check=[HealthCheck.filter_too_much],
)
@given(texts())
def test_statements_end_where_psql_ends_them(psql: Psql, text: str) -> None:
    """Every query that psql sends is exactly one statement of the splitter, in the same order."""
    text = re.sub(r"\n+", "\n", text).strip()  # psql leaves empty lines out
    assume(not _is_for_psql_alone(text))
    sent = [split(query) for query in psql.queries(text)]
    expected = [[statement.text for statement in statements] for statements in sent if statements]
    assert expected == [[statement.text] for statement in split(text)]
