"""Names of ours in an integrity check that do not say in which schema they are to be found.

A check runs with a search_path in which public is not, so that it calls nothing that somebody else put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from entrypoint.sqlfiles.splitter import Kind, Statement, Token, significant

_CREATE = re.compile(
    r"create (?:or replace )?(?:(?:unlogged|recursive|materialized) )?"
    r"(?:table|view|sequence|function|procedure|aggregate) (?:if not exists )?(\S+) "
)
_WORDS_OF_OPENING = 8
_CLAUSES = frozenset(
    {"select", "from", "where", "on", "group", "having", "order", "limit", "union", "window"}
)
_BEFORE_RELATION = frozenset({"from", "join", "only", "lateral"})
PATHS = frozenset({"current_schema", "current_schemas"})
OF_PATH = "{} is refused: the checks run with pg_catalog first; write 'public'"
NEEDS_PUBLIC = "`{}` needs `public.`: a check looks nothing up in public by itself"


def created(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the names of the relations and routines that the statements create."""
    openings = (islice(significant(statement.text), _WORDS_OF_OPENING) for statement in statements)
    found = (_CREATE.match(" ".join(_name(token) for token in opening) + " ") for opening in openings)
    return frozenset(match[1] for match in found if match)


def unqualified(tokens: Sequence[Token], ours: frozenset[str]) -> Iterator[tuple[Token, str]]:
    """Yield what of a check, given without blanks and comments, depends on the search_path."""
    known = ours - _of_with(tokens)
    clauses = [""]
    for at, token in enumerate(tokens):
        before, after = (tokens[at - 1] if at else None), (tokens[at + 1] if tokens[at + 1 :] else None)
        if token.word in PATHS:
            yield token, OF_PATH.format(token.word)
        elif before and before.text != "." and _name(token) in known:
            called = after is not None and after.text == "("
            listed = before.text == "," and clauses[-1] == "from" and not (after and after.text == ".")
            if called or listed or before.word in _BEFORE_RELATION:
                yield token, NEEDS_PUBLIC.format(token.text)
        if token.text == "(":
            clauses.append("")
        elif token.text == ")" and clauses[1:]:
            clauses.pop()
        elif token.word in _CLAUSES:
            clauses[-1] = token.word


def _of_with(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the names that the statement gives to its own queries, which hide any relation."""
    texts = [token.text.lower() for token in tokens]
    named = (
        at
        for at in range(1, len(texts) - 2)
        if texts[at - 1] in ("with", "recursive", ",")
        and texts[at + 1] == "as"
        and texts[at + 2] in ("(", "materialized", "not")
    )
    return frozenset(_name(tokens[at]) for at in named)


def _name(token: Token) -> str:
    """Return the token as the server reads a name."""
    return token.text[1:-1].replace('""', '"') if token.kind is Kind.QUOTED else token.text.lower()
