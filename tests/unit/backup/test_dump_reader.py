"""The reader takes pg_dump's text apart exactly, however it is cut and whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.backup.dump_reader import CopyBegin, CopyChunk, CopyEnd, Entry, MalformedDump
from tests.support.unit.dumps import END, PREAMBLE, dump, entry, read, rows, written

FAKE = "\n--\n-- Name: users; Type: TABLE; Schema: public; Owner: -\n--\n\n"
FAKE_ROWS = "COPY public.users (id) FROM stdin;\n1\n\\.\n"

HOSTILE = {
    "function": f"CREATE FUNCTION public.f() RETURNS text AS $_$ {FAKE}{FAKE_ROWS} $_$;",
    "string": f"COMMENT ON TABLE public.t IS 'it''s {FAKE}{FAKE_ROWS}';",
    "escaped string": f"COMMENT ON TABLE public.t IS E'it\\'s {FAKE}';",
    "name": f'CREATE TABLE public."{FAKE}" (id integer);',
    "end": "SELECT '\n--\n-- PostgreSQL database dump complete\n--\n\n';",
}


def kinds(text: bytes) -> list[tuple[str, str]]:
    """Return kind and name of every entry."""
    return [(item.kind, item.name) for item in read(text) if isinstance(item, Entry)]


def test_entries() -> None:
    """Each header opens an entry, the preamble and the closing marker are entries of their own."""
    text = dump(
        entry("users", "TABLE", "CREATE TABLE public.users (id integer);"),
        entry("users users_pkey", "CONSTRAINT", "ALTER TABLE ...;"),
        entry("entrypoint", "SCHEMA", "CREATE SCHEMA entrypoint;", schema="-"),
    )
    found = read(text)
    assert [
        ("PREAMBLE", "-"),
        ("TABLE", "public"),
        ("CONSTRAINT", "public"),
        ("SCHEMA", "-"),
        ("END", "-"),
    ] == [(item.kind, item.schema) for item in found if isinstance(item, Entry)]
    assert "users users_pkey" == found[2].name
    assert found[1].text.endswith("CREATE TABLE public.users (id integer);\n\n\n")


def test_rows() -> None:
    """The rows of a table come between their COPY and their number, byte for byte."""
    lines = "1\ta\\tb\\\\.\\nc\t\\N\n2\t\\\\.\t--\n\\\\.\n"
    _, begin, chunk, end, rest, _ = read(dump(rows("t", 'id, "a, ""b"""', lines)))
    assert CopyBegin(schema="public", table="t", columns=("id", 'a, "b"'), text=begin.text) == begin
    assert CopyChunk(data=lines.encode()) == chunk
    assert CopyEnd(rows=3) == end
    assert "\n\n" == rest.text


def test_no_rows() -> None:
    """An empty table has a beginning and an end."""
    assert [CopyEnd(rows=0)] == [
        item for item in read(dump(rows("t", "id", ""))) if isinstance(item, CopyEnd)
    ]


def test_no_columns() -> None:
    """Rows without columns are empty lines, and they are counted."""
    copy = "COPY public.t  FROM stdin;\n\n\n\\."
    _, begin, chunk, end, *_ = read(dump(entry("t", "TABLE DATA", copy, data=True)))
    assert ((), b"\n\n", 2) == (begin.columns, chunk.data, end.rows)


def test_quoted_names() -> None:
    """Schema, table and columns are unquoted, and may hold points, quotes, blanks and line ends."""
    copy = 'COPY "my.schema"."a ""b"" FROM stdin;\nc" ("x\ny", z) FROM stdin;\n\\.'
    _, begin, *_ = read(dump(entry("t", "TABLE DATA", copy, data=True)))
    assert ("my.schema", 'a "b" FROM stdin;\nc', ("x\ny", "z")) == (begin.schema, begin.table, begin.columns)


def test_name_that_looks_like_a_header() -> None:
    """A name may hold what looks like the rest of its header."""
    name = "t; Type: X; Schema: public; Owner: -"
    assert ("TABLE", name) == kinds(dump(entry(name, "TABLE", "CREATE TABLE ...;")))[1]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_headers_in_quotes(text: str) -> None:
    """What looks like a header inside a quote is part of its entry."""
    found = kinds(dump(entry("f", "ANY", text), entry("v", "VIEW", "CREATE VIEW ...;")))
    assert ["PREAMBLE", "ANY", "VIEW", "END"] == [kind for kind, _ in found]


def test_headers_in_rows() -> None:
    """Rows that spell a header, a COPY or the closing marker are rows."""
    lines = "--\n-- Name: x; Type: TABLE; Schema: public; Owner: -\n--\n\n" + FAKE_ROWS.replace(
        "\\.", "\\\\."
    )
    found = read(dump(rows("t", "id", lines)))
    assert lines.encode() == found[2].data


def test_copy_outside_of_data() -> None:
    """COPY begins rows only directly behind the header of a table's data."""
    found = read(dump(entry("f", "FUNCTION", "COPY public.users (id) FROM stdin;\n")))
    assert [] == [item for item in found if isinstance(item, CopyBegin)]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_cut_off(kept: float) -> None:
    """A dump that ends early is refused, wherever it ends."""
    text = dump(entry("t", "TABLE", "CREATE TABLE ...;"), rows("t", "id", "1\n2\n"))
    marker = text.index(b"-- PostgreSQL database dump complete\n--\n")
    with pytest.raises(MalformedDump, match="before its closing marker"):
        read(text[: int(marker * kept)])


def test_two_dumps() -> None:
    """Whatever follows the closing marker is refused."""
    with pytest.raises(MalformedDump, match="follows its closing marker"):
        read(dump() + b"DROP TABLE users;\n")


def test_not_utf8() -> None:
    """Statements in another encoding are refused; rows are not looked at."""
    with pytest.raises(MalformedDump, match="UTF-8"):
        read(dump(entry("t", "TABLE", "x")).replace(b"x\n", b"\xff\n"))
    assert b"\xff\n" == read(dump(rows("t", "id", "x\n")).replace(b"x\n", b"\xff\n"))[2].data


names = st.text(min_size=1, max_size=8).filter(lambda name: not re.search(r"[\x00\r\n]", name))
values = st.text(alphabet="a\\.-\t'\"$;N", max_size=12).map(lambda text: text.replace("\\", "\\\\") + "\n")
tables = st.builds(lambda lines: rows("t", "id", "".join(lines)), st.lists(values, max_size=5))
quoted = st.text(alphabet="a$'-\n\\. ", max_size=30).map(lambda text: text.replace("'", "''"))
statements = st.builds(
    lambda name, body, fake: entry(name, "FUNCTION", f"SELECT '{body}{fake}';"),
    names,
    quoted,
    st.sampled_from(["", FAKE, FAKE_ROWS, END.replace("\\", "")]),
)


@given(st.lists(st.one_of(tables, statements), max_size=5), st.integers(1, 40))
def test_any_chunks(parts: list[str], size: int) -> None:
    """However the text is cut into chunks, the items are the same, and they are the whole text."""
    text = dump(*parts)
    found = read(text, size)
    assert read(text) == found
    assert text == written(found)
    assert len(parts) == sum(isinstance(item, Entry) for item in found) - 2


def test_preamble() -> None:
    """What stands before the first header is the preamble."""
    assert PREAMBLE == read(dump())[0].text
