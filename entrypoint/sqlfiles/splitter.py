"""Split a file into statements as psql does, by lexing it the way PostgreSQL does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# A letter, an underscore or anything beyond ASCII, then digits too, then $ too. Written as what they are
# not: compiling a class that names the whole of Unicode takes longer than reading all the files.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER_OR_DIGIT = r"[^\x00-/:-@\[-^`{-\x7f]"
_INSIDE_WORD = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
_TAG = rf"\$(?:{_LETTER}{_LETTER_OR_DIGIT}*+)?\$"
_ESCAPED = r"'(?:[^'\\]++|\\.|'')*+'"

# Alternatives are tried in this order. Possessive repeats (`*+`) keep the work linear: a quote
# that is never closed fails at once instead of trying every shorter reading.
_TOKEN = re.compile(
    rf"""
      (?P<space>   \s++ )
    | (?P<comment> --[^\r\n]*+ | /\* )
    | (?P<string>  [eE]{_ESCAPED} (?:[^\S\n]*+\n\s*+{_ESCAPED})*+  # continued on the next line
                 | (?:[bBnNxX]|[uU]&)?'(?:[^']++|'')*+'
                 | (?P<tag>{_TAG}) .*? (?P=tag) )
    | (?P<quoted>  (?:[uU]&)?"(?:[^"]++|"")*+" )
    | (?P<open>    (?:[bBeEnNxX]|[uU]&)?' | (?:[uU]&)?" | {_TAG} )
    | (?P<word>    {_LETTER}{_INSIDE_WORD}*+ )
    | (?P<symbol>  \d++ | . )
    """,
    re.ASCII | re.DOTALL | re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"create (or replace )?(function|procedure) ")
_WORDS_OF_OPENING = 4


class Kind(StrEnum):
    """What a token is; the names are those of the groups of the regular expression."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    QUOTED = "quoted"
    WORD = "word"
    SYMBOL = "symbol"
    OPEN = "open"


_KINDS: dict[str | None, Kind] = {kind.value: kind for kind in Kind}


class Token(NamedTuple):
    """Hold one piece of the text; `OPEN` is a quote or comment that nothing closes.

    A tuple because there is one for every word of every start: a frozen dataclass costs twice
    the time of all the rest.
    """

    kind: Kind
    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """Return the position behind the last character."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """Return the unquoted word in lower case, or nothing for every other kind."""
        return self.text.lower() if self.kind is Kind.WORD else ""


class Statement(NamedTuple):
    """Hold one statement without its semicolon and the 1-based line of its first character."""

    text: str
    line: int
    terminated: bool = True

    def line_at(self, position: int) -> int:
        """Return the line in the file for a 1-based character position reported by the server."""
        return self.line + self.text.count("\n", 0, position - 1)


@dataclass(slots=True)
class _Nesting:
    """Count what hides a semicolon: parentheses, and BEGIN ATOMIC ... END of a routine.

    The rule for routines is the one of psql: only a statement that begins with CREATE FUNCTION or
    CREATE PROCEDURE has blocks, and inside a block CASE needs its own END.
    """

    opening: str = ""
    words: int = 0
    parentheses: int = 0
    blocks: int = 0

    def __bool__(self) -> bool:
        return self.parentheses > 0 or self.blocks > 0

    def feed(self, token: Token) -> None:
        if token.text == "(":
            self.parentheses += 1
        elif token.text == ")":
            self.parentheses = max(0, self.parentheses - 1)
        elif token.kind is Kind.WORD:
            self._feed_word(token.word)

    def _feed_word(self, word: str) -> None:
        if self.words < _WORDS_OF_OPENING:
            self.opening += f"{word} "
        self.words += 1
        if self.parentheses or not _ROUTINE.match(self.opening):
            return
        if word == "begin" or (word == "case" and self.blocks):
            self.blocks += 1
        elif word == "end":
            self.blocks = max(0, self.blocks - 1)


def tokens(text: str, *, line: int = 1) -> Iterator[Token]:
    """Yield every token of a text that starts at `line`; together they are the whole text."""
    position = 0
    while match := _TOKEN.match(text, position):  # fails at the end of the text only
        kind, end = _KINDS[match.lastgroup], match.end()
        if match[0] == "/*":
            end = _end_of_comment(text, position)
            kind = Kind.COMMENT if end else Kind.OPEN
        if kind is Kind.OPEN:
            end = len(text)
        yield Token(kind, text[position:end], position, line)
        line += text.count("\n", position, end)
        position = end


def significant(text: str, *, line: int = 1) -> Iterator[Token]:
    """Yield the tokens that the server's parser would see."""
    blank = (Kind.SPACE, Kind.COMMENT)
    return (token for token in tokens(text, line=line) if token.kind not in blank)


def split(text: str) -> tuple[Statement, ...]:
    """Return the statements of a file; blanks and comments around them are left out."""
    statements = []
    first: Token | None = None
    last: Token | None = None
    nesting = _Nesting()
    for token in significant(text):
        if token.text != ";" or nesting:
            first, last = first or token, token
            nesting.feed(token)
            continue
        if first and last:
            statements.append(Statement(text=text[first.start : last.end], line=first.line))
        first, last, nesting = None, None, _Nesting()
    if first and last:
        rest = text[first.start : last.end]
        statements.append(Statement(text=rest, line=first.line, terminated=False))
    return tuple(statements)


def _end_of_comment(text: str, start: int) -> int:
    """Return where the block comment that starts here ends, or 0; block comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return 0
