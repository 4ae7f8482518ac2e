"""Read pg_dump's plain text, entry by entry, from chunks of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from entrypoint.sqlfiles.splitter import Kind, tokens

PREAMBLE = "PREAMBLE"
END = "END"

# A name may hold what looks like the rest of the line, so the last reading counts.
_HEADER = re.compile(
    rb"\n--\n-- (?:(?:Data for )?Name: (?P<name>.*); Type: (?P<kind>[^;\n]+)"
    rb"; Schema: (?P<schema>.*); Owner: .*|(?P<end>PostgreSQL database dump complete))\n--\n"
)
_IDENTIFIER = rb'(?:"(?:[^"]|"")+"|[^\s".,;()]+)'
_COPY = re.compile(
    rb"\n\nCOPY (?P<schema>%b)\.(?P<table>%b) (?:\((?P<columns>%b(?:, %b)*)\))? FROM stdin;\n"
    % ((_IDENTIFIER,) * 4)
)
_COPY_WORD = b"\n\nCOPY "
_KINDS_WITH_ROWS = frozenset({"TABLE DATA", "MATERIALIZED VIEW DATA"})
_END_OF_ROWS = b"\n\\.\n"
_BEHIND_THE_END = re.compile(rb"\s*(?:\\unrestrict \w+\s*)?")
# A wrong file must not fill the memory in search of the next header.
_LONGEST_ENTRY_BYTES = 64 * 1024 * 1024


class MalformedDump(ValueError):
    """The text is not what pg_dump writes, or it ends before its closing marker."""


class Entry(NamedTuple):
    """Statements under one header of the dump; run them in the order in which they come.

    `kind` is pg_dump's Type: TABLE, FUNCTION, FK CONSTRAINT ... The text before the first header is a
    PREAMBLE, the closing marker an END. What follows the rows of a table is an entry of its own that
    carries the name of the table's data; it is blank but for settings. `schema` is "-" for what has none.
    """

    name: str
    kind: str
    schema: str
    text: str


class CopyBegin(NamedTuple):
    """The rows of a table follow. Names are unquoted; `columns` is empty for a table without any."""

    schema: str
    table: str
    columns: tuple[str, ...]
    text: str


class CopyChunk(NamedTuple):
    """A piece of rows in COPY's text format; it may begin and end in the middle of a row."""

    data: bytes


class CopyEnd(NamedTuple):
    r"""The rows of a table have ended; `rows` counts them. The mark `\.` is no part of the data."""

    rows: int


Item: TypeAlias = Entry | CopyBegin | CopyChunk | CopyEnd


class Reader:
    """Takes chunks of any size apart; holds no more than one entry or one chunk at a time.

    A header counts only where no quote is open, so that no function body, default, comment or name can
    pass for one. Rows cannot either: COPY spells a line end in a value with two characters, and a backslash
    too, so that none of them is the line which ends the rows.
    """

    def __init__(self) -> None:
        # Headers and the end of rows are found by the line end before them, so one byte that was already
        # handed out always stays; at the beginning there is none.
        self._buffer = b"\n"
        self._searched = 0
        self._name, self._kind, self._schema = "", PREAMBLE, "-"
        self._may_have_rows = self._in_rows = False
        self._rows = 0

    def feed(self, chunk: bytes) -> Iterator[Item]:
        """Yield what became complete with `chunk`. Raises MalformedDump."""
        self._buffer += chunk
        while item := (self._next_rows() if self._in_rows else self._next_entry()):
            yield item

    def finish(self) -> Iterator[Item]:
        """Yield the rest. Raises MalformedDump when the closing marker has not been seen."""
        if self._kind != END:
            raise MalformedDump("it ends before its closing marker")
        if not _BEHIND_THE_END.fullmatch(self._buffer, self._searched):
            raise MalformedDump("something follows its closing marker")
        yield self._entry(len(self._buffer))

    def _next_entry(self) -> Item | None:
        if self._may_have_rows and (found := _COPY.match(self._buffer, self._searched)):
            return self._begin_rows(found)
        if len(self._buffer) > _LONGEST_ENTRY_BYTES:
            raise MalformedDump("it holds an entry without an end")
        if self._kind == END or self._awaits_rows():
            return None
        for found in _HEADER.finditer(self._buffer, self._searched):
            if self._is_closed(found.start() + 1):
                return self._begin_entry(found)
            self._searched = found.end() - 1
        # The next chunk may complete the last line that could begin a header.
        last = self._buffer.rfind(b"\n--\n", self._searched)
        self._searched = max(self._searched, last if last >= 0 else len(self._buffer) - 3)
        return None

    def _begin_entry(self, found: re.Match[bytes]) -> Entry:
        before = self._entry(found.start() + 1)
        self._buffer = self._buffer[found.start() :]
        self._searched = len(found[0]) - 1
        if found["end"]:
            self._name, self._kind, self._schema = "", END, "-"
        else:
            self._name, self._kind, self._schema = map(_decoded, found.group("name", "kind", "schema"))
        self._may_have_rows = self._kind in _KINDS_WITH_ROWS
        return before

    def _awaits_rows(self) -> bool:
        """Say whether COPY may stand behind the header, but not all of its line is there yet."""
        if self._may_have_rows:
            beginning = self._buffer[self._searched : self._searched + len(_COPY_WORD)]
            self._may_have_rows = _COPY_WORD.startswith(beginning)
        return self._may_have_rows

    def _begin_rows(self, found: re.Match[bytes]) -> CopyBegin:
        text = _decoded(self._buffer[1 : found.end()])
        self._buffer = self._buffer[found.end() - 1 :]
        self._rows, self._in_rows, self._may_have_rows = 0, True, False
        return CopyBegin(
            schema=_name(found["schema"]),
            table=_name(found["table"]),
            columns=tuple(map(_name, re.findall(_IDENTIFIER, found["columns"] or b""))),
            text=text,
        )

    def _next_rows(self) -> Item | None:
        """Return the rows at hand, but not the bytes that may be the beginning of their end."""
        end = self._buffer.find(_END_OF_ROWS)
        stop = end + 1 if end >= 0 else len(self._buffer) - len(_END_OF_ROWS) + 1
        if stop > 1:
            data, self._buffer = self._buffer[1:stop], self._buffer[stop - 1 :]
            self._rows += data.count(b"\n")
            return CopyChunk(data=data)
        if end < 0:
            return None
        self._buffer = self._buffer[len(_END_OF_ROWS) - 1 :]
        self._in_rows, self._searched = False, 0
        return CopyEnd(rows=self._rows)

    def _entry(self, stop: int) -> Entry:
        text = _decoded(self._buffer[1:stop])
        return Entry(name=self._name, kind=self._kind, schema=self._schema, text=text)

    def _is_closed(self, stop: int) -> bool:
        """Say whether every quote is closed that was opened in this entry up to there."""
        return all(token.kind is not Kind.OPEN for token in tokens(_decoded(self._buffer[1:stop])))


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedDump("it holds a statement that is not UTF-8") from None


def _name(identifier: bytes) -> str:
    return unquoted(_decoded(identifier))


def unquoted(name: str) -> str:
    """Return an identifier as the catalog spells it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
