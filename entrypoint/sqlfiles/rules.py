"""What a file under `sql/` may not hold, although PostgreSQL would take it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from entrypoint.sqlfiles.findings import CORRECT, Finding
from entrypoint.sqlfiles.header import SqlFile
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.splitter import Kind, Statement, Token, significant
from entrypoint.sqlfiles.statements import (
    NOT_TRANSACTIONAL,
    SESSION,
    home_of,
    kind_of,
    reason_everywhere,
    refusal_of,
)
from entrypoint.sqlfiles.unqualified import unqualified

_ALONE = re.compile(
    r"(?:vacuum|alter system|(?:create|drop) (?:database|tablespace)"
    r"|reindex (?:verbose )?(?:database|schema|system)"
    r"|(?:create|drop|alter|reindex) .*\bconcurrently) "
)
_BUILT = re.compile(r"create (?:unique )?index concurrently (?:if not exists )?(?!on )(\S+) ")
_BACKSLASH = "\\"
_PUBLIC = "`public.` is refused: the entrypoint builds the files in other schemas"
_BEFORE_STAR = {"select", "all", "distinct", ",", "."}
_CREATE_INDEX = re.compile(r"create (unique )?index (concurrently )?on ")
_TABLE_OR_DOMAIN = re.compile(r"(create (unlogged )?|alter )(table|domain) ")
_CONSTRAINTS = {
    "primary": "PRIMARY KEY",
    "unique": "UNIQUE",
    "check": "CHECK",
    "foreign": "FOREIGN KEY",
    "references": "REFERENCES",
    "exclude": "EXCLUDE",
}
_TEXT_OF_PUBLIC = re.compile(r"'\s*(public|\"public\")\s*\.")
_OF_SEQUENCE = {"nextval", "currval", "setval"}
_WRITING = {"insert", "update", "delete", "merge"}
_LOCKING = re.compile(r"(update|no key update|share|key share) ")
_COPIED = {"all", "indexes", "identity", "statistics"}
_SERIALS = {f"{size}serial" for size in ("", "small", "big")} | {f"serial{n}" for n in (2, 4, 8)}
_NO_COLUMNS = {"column", "add", "alter", "drop"}
_BEFORE_COLUMN = {"(", ",", "add", "column", "exists"}


def examine(file: SqlFile, ours: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Yield every breach of the contract by one file, in no particular order.

    `ours` are the names of the relations and routines that the files create.
    """
    found = [(line, f"`{text}` is no directive here") for line, text in file.header.misread]
    # The rollback file names what the others no longer do, which may be nothing.
    if not file.statements and file.role is not Role.ROLLBACK:
        found.append((0, "holds no statement"))
    for statement in file.statements:
        tokens = list(significant(statement.text, line=statement.line))
        if tokens[0].text != _BACKSLASH:
            yield from _judge_statement(file, statement, tokens)
        found += [(token.line, reason) for token, reason in _judge_tokens(file.role, tokens)]
        if file.role is Role.CHECK:
            found += [(token.line, reason) for token, reason in unqualified(tokens, ours)]
    found += [(0, reason) for reason in _judge_whole(file)]
    for line, reason in found:
        yield Finding(file=file.name, line=line, reason=reason)


def _judge_statement(file: SqlFile, statement: Statement, tokens: list[Token]) -> Iterator[Finding]:
    kind = kind_of(tokens)
    if reason := _judge_kind(file, kind, " ".join(token.word for token in tokens if token.word) + " "):
        home = home_of(kind)
        remedy = CORRECT if home in (None, file.name) else f"move it to {home}, then run `make release`"
        yield Finding(file=file.name, line=statement.line, reason=reason, remedy=remedy)
    unclosed = tokens[-1].kind is Kind.OPEN
    if not statement.terminated and not unclosed and file.role is not Role.CHECK:
        reason = "no semicolon ends this statement; a parenthesis or BEGIN ATOMIC may be open"
        yield Finding(file=file.name, line=statement.line, reason=reason)


def _judge_kind(file: SqlFile, kind: str, words: str) -> str | None:
    alone = file.header.transactional and _ALONE.match(words)
    if alone and not reason_everywhere(kind):
        return NOT_TRANSACTIONAL
    if kind == "COPY" and " stdin " in words:
        return "COPY FROM STDIN is refused: there is no input to copy from; write INSERT"
    return refusal_of(file.role, kind)


def _judge_tokens(role: Role, tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    yield from _unnamed(tokens)
    yield from _aliased_joins(role, tokens)
    yield from _writes(tokens) if role is Role.CHECK else _names_in_texts(tokens)
    for token in tokens:
        if token.kind is Kind.OPEN:
            yield token, "nothing closes this quote or comment"
        if token.text == _BACKSLASH:
            yield token, "psql meta-commands are refused: only SQL reaches the server"
    for before, token in pairwise(tokens):
        name = before.text.lower()
        if token.text == "." and name in ("public", '"public"') and role is not Role.CHECK:
            yield before, _PUBLIC
        if token.text == "(" and name == "set_config":
            yield before, f"set_config() is refused: {SESSION}"
        if token.text == "*" and name in _BEFORE_STAR and role is Role.VIEWS:
            yield token, "`*` in a view is refused: name the columns"
        if token.text.lower() == "cascade" and role is Role.ROLLBACK:
            yield token, "CASCADE is refused: it would drop what belongs to others"


def _aliased_joins(role: Role, tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    texts = [token.text.lower() for token in tokens]
    for at, token in enumerate(tokens):
        if role is Role.VIEWS and texts[at : at + 2] == ["using", "("] and ")" in texts[at:]:
            closing = texts.index(")", at)
            if texts[closing + 1 : closing + 2] == ["as"]:
                yield token, "JOIN USING (...) AS is refused: the server does not print it back as written"


def _names_in_texts(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield each text that the server reads as the name of an object of public."""
    texts = ["", "", *(token.text.lower() for token in tokens), "", "", ""]
    for at, token in enumerate(tokens, start=2):
        if token.kind is Kind.STRING and _TEXT_OF_PUBLIC.match(texts[at]):
            cast = texts[at + 1 : at + 3] == [":", ":"] and texts[at + 3].startswith("reg")
            argument = texts[at - 1] == "(" and texts[at - 2] in _OF_SEQUENCE
            if cast or argument or texts[at - 1].startswith("reg"):
                yield token, _PUBLIC


def _writes(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield what of a check writes rows or locks them."""
    texts = [token.text.lower() for token in tokens]
    for at, token in enumerate(tokens):
        in_with = texts[at - 2 : at] in (["as", "("], ["materialized", "("])
        if in_with and token.word in _WRITING and texts[at + 1 : at + 2] not in ([","], [")"], ["."]):
            yield token, f"{token.word.upper()} is refused: a check only reads"
        if token.word == "for" and _LOCKING.match(" ".join(texts[at + 1 : at + 4]) + " "):
            yield token, "FOR UPDATE or SHARE is refused: a check only reads"


def _unnamed(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield what a statement, given without blanks and comments, leaves for the server to name."""
    opening = " ".join(token.text.lower() for token in tokens[:5])
    if _CREATE_INDEX.match(opening):
        yield tokens[0], "the index has no name"
    if _TABLE_OR_DOMAIN.match(opening):
        yield from _unnamed_constraints(tokens)
        yield from _unnamed_sequences(tokens)


def _unnamed_constraints(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    of_foreign_key = False
    for at, token in enumerate(tokens):
        word, following = token.word, tokens[at + 1].text.lower() if tokens[at + 1 :] else ""
        if word not in _CONSTRAINTS or (word == "exclude" and following not in ("using", "(")):
            continue
        named = tokens[at - 2].word == "constraint"
        of_json = word == "unique" and tokens[at - 1].word in ("with", "without")
        if not of_json and not named and not (word == "references" and of_foreign_key):
            yield token, f"{_CONSTRAINTS[word]} has no CONSTRAINT name"
        of_foreign_key = word == "foreign"


def _unnamed_sequences(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    texts = [token.text.lower() for token in tokens]
    for at, token in enumerate(tokens):
        column = tokens[at - 1]
        is_name = column.kind is not Kind.SYMBOL and column.word not in _NO_COLUMNS
        serial = texts[at].strip('"')
        if serial in _SERIALS and is_name and texts[at - 2] in _BEFORE_COLUMN:
            yield token, f"{serial} makes a sequence with a generated name"
        if texts[at - 1] == "including" and token.word in _COPIED:
            yield token, f"LIKE ... INCLUDING {token.text.upper()} is refused: its copies get generated names"
        if texts[at - 1 : at + 1] == ["as", "identity"]:
            options = texts[at + 1 : texts.index(")", at)] if ")" in texts[at:] else []
            if options[:1] != ["("] or "sequence" not in options:
                yield token, "the identity column does not name its sequence (SEQUENCE NAME ...)"


def _judge_whole(file: SqlFile) -> Iterator[str]:
    if file.role is Role.CHECK:
        if len(file.statements) > 1:
            yield "holds more than one statement; a check is one query"
        if not file.header.summary:
            yield "its first line must be a comment that says what the check proves"
    if not file.header.transactional:
        built = (_BUILT.match(_opening(statement)) for statement in file.statements)
        for name in sorted({match[1] for match in built if match} ^ set(file.header.builds)):
            yield f"CREATE INDEX CONCURRENTLY and `builds` in the header disagree on {name}"


def _opening(statement: Statement) -> str:
    return " ".join(token.text.lower() for token in islice(significant(statement.text), 9))
