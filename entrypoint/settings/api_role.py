"""The role that the API connects as: its name, and whether DATABASE_URL is its."""

from __future__ import annotations

from entrypoint.settings.database_url import DatabaseUrl

_NAME_BYTES = 63
_RESERVED = ("public", "none")


def parse(text: str) -> str:
    """Return `text`, the name of a role as the server knows it, without quotes; empty means no role.

    Raises ValueError for what can be none.
    """
    if not text.isprintable() or text != text.strip() or len(text.encode()) > _NAME_BYTES:
        raise ValueError(f"is not the name of a role: {_NAME_BYTES} bytes at most, without blanks around it")
    if text in _RESERVED or text.startswith("pg_"):
        raise ValueError("is a name that PostgreSQL reserves; name the role of the API")
    return text


def warnings(role: str | None, api_url: DatabaseUrl | None) -> tuple[str, ...]:
    """Return a warning when the API connects as another role, so that what is granted may not reach it."""
    if role is None or api_url is None or api_url.user in ("", role):
        return ()
    user = api_url.user
    return (f"MORSE_API_ROLE is {role}, but DATABASE_URL connects as {user}, to whom nothing is granted",)
