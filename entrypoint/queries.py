"""Hold the runner's own statements, read by name from the `.sql` files of this package."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

_MARK = "-- name: "


@cache
def query(name: str) -> str:
    """Return the statement called `name`.

    Raises KeyError for an unknown name, which is a programming error.
    """
    return _queries()[name]


@cache
def method() -> str:
    """Return a digest of how catalogs are read; what another method recorded proves nothing to this one."""
    text = query("read_catalog") + query("fingerprint")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _queries() -> dict[str, str]:
    package = files("entrypoint")
    texts = (package.joinpath(name).read_text("utf-8") for name in ("queries.sql", "catalog.sql"))
    named: dict[str, str] = {}
    for section in "".join(f"\n{text}" for text in texts).split(f"\n{_MARK}")[1:]:
        name, _, body = section.partition("\n")
        named[name.strip()] = body.strip().rstrip(";")
    return named
