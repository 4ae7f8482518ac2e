"""Objects whose name the server would generate, which the files must name themselves.

A generated name that is taken gets a number, so the same file would build different catalogs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from entrypoint.sqlfiles.splitter import Kind, Token

_INDEX = re.compile(r"create (unique )?index (concurrently )?on ")
_TABLE = re.compile(r"(create (unlogged )?|alter )(table|domain) ")
_CONSTRAINTS = {
    "primary": "PRIMARY KEY",
    "unique": "UNIQUE",
    "check": "CHECK",
    "foreign": "FOREIGN KEY",
    "references": "REFERENCES",
    "exclude": "EXCLUDE",
}
_SERIALS = {f"{size}serial" for size in ("", "small", "big")} | {f"serial{n}" for n in (2, 4, 8)}
_NO_COLUMNS = {"column", "add", "alter", "drop"}
_BEFORE_COLUMN = {"(", ",", "add", "column", "exists"}


def unnamed(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield what a statement, given without blanks and comments, leaves for the server to name."""
    opening = " ".join(token.text.lower() for token in tokens[:5])
    if _INDEX.match(opening):
        yield tokens[0], "the index has no name"
    if _TABLE.match(opening):
        yield from _unnamed_constraints(tokens)
        yield from _unnamed_sequences(tokens)


def _unnamed_constraints(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    of_foreign_key = False
    for at, token in enumerate(tokens):
        word, following = token.word, tokens[at + 1].text.lower() if tokens[at + 1 :] else ""
        if word not in _CONSTRAINTS or (word == "exclude" and following not in ("using", "(")):
            continue
        named = tokens[at - 2].word == "constraint"
        if not named and not (word == "references" and of_foreign_key):
            yield token, f"{_CONSTRAINTS[word]} has no CONSTRAINT name"
        of_foreign_key = word == "foreign"


def _unnamed_sequences(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    texts = [token.text.lower() for token in tokens]
    for at, token in enumerate(tokens):
        column = tokens[at - 1]
        is_name = column.kind is not Kind.SYMBOL and column.word not in _NO_COLUMNS
        if token.word in _SERIALS and is_name and texts[at - 2] in _BEFORE_COLUMN:
            yield token, f"{token.word} makes a sequence with a generated name"
        if texts[at - 1 : at + 1] == ["as", "identity"]:
            options = texts[at + 1 : texts.index(")", at)] if ")" in texts[at:] else []
            if options[:1] != ["("] or "sequence" not in options:
                yield token, "the identity column does not name its sequence (SEQUENCE NAME ...)"
