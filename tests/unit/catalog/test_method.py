"""The digest under which the ledger records what was read."""

from __future__ import annotations

import hashlib

from entrypoint.catalog import fingerprint
from entrypoint.catalog.composed import read_catalog
from entrypoint.postgres.queries import query

_QUERIES = ("fingerprint", "recorded_names", "read_grants", "needed_grants", "grants_in_fingerprint")


def test_method_is_the_digest_of_the_queries() -> None:
    """METHOD changes with how a catalog is read, so that what was recorded before proves nothing."""
    text = read_catalog() + "".join(map(query, _QUERIES))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == fingerprint.METHOD
