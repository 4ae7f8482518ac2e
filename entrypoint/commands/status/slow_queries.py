"""The slowest statements that pg_stat_statements has counted, in a form that shows no data."""

from __future__ import annotations

from entrypoint.commands.status.status import SlowQuery
from entrypoint.output.plain import shortened
from entrypoint.postgres.connection import Connection, ask
from entrypoint.postgres.queries import query
from entrypoint.sqlfiles.splitter import Kind, Token, tokens

_LENGTH = 160
# The server replaces the constants of these alone; others, ALTER ROLE among them, may hold a password.
_NORMALIZED = frozenset({"select", "insert", "update", "delete", "merge", "with", "values"})
_HIDDEN = frozenset({Kind.STRING, Kind.OPEN})


class NotCounted(Exception):
    """The extension that counts is not installed in this database."""


async def slowest(connection: Connection) -> tuple[SlowQuery, ...]:
    """Return up to ten statements of this database, the slowest on average first.

    Raises NotCounted without the extension, and the driver's error where its library is not preloaded, it
    is too old, or the role may not read it.
    """
    rows = await ask(connection, query("statements_schema"))
    if not rows:
        raise NotCounted("the extension pg_stat_statements is not installed")
    statement = query("slowest_statements").replace("$schema", rows[0]["schema"])
    return tuple(
        [
            SlowQuery(
                text=anonymous(row["query"]),
                calls=row["calls"],
                mean_seconds=row["mean_seconds"],
                total_seconds=row["total_seconds"],
            )
            for row in await ask(connection, statement)
        ]
    )


def anonymous(text: str | None) -> str:
    """Return a statement on one line, shortened, without literals and comments.

    The server keeps constants where it had to drop and count a statement anew, so that it cannot be
    relied on for that. Of anything but a query only the first two words are left.
    """
    if not text:
        return "(its text is not kept)"
    if text.startswith("<"):
        return text  # The server's own words for what this role may not see.
    found = list(tokens(text))
    words = [token.word for token in found if token.word]
    if not words or words[0] not in _NORMALIZED:
        return " ".join([word.upper() for word in words[:2]] + ["…"])
    before = ["", *(token.text for token in found)]
    shown = (_shown(token, previous) for token, previous in zip(found, before, strict=False))
    line = " ".join("".join(shown).split())
    return shortened(line, _LENGTH)


def _shown(token: Token, previous: str) -> str:
    if token.kind is Kind.COMMENT:
        return " "
    literal = token.kind in _HIDDEN or (token.text.isdigit() and previous != "$")
    return "…" if literal else token.text
