"""What a function owes a caller whom it refuses: a SQLSTATE, words to match, and a hint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

MATCHED_BY_WORDS = "P0001"
UNKNOWN_ID = "P0002"
NULL_GIVEN = "22004"
BAD_VALUE = "22023"


@contextmanager
def refused(sqlstate: str, words: str) -> Iterator[None]:
    """Expect an error of this SQLSTATE whose message holds these words and that has a hint."""
    with pytest.raises(asyncpg.PostgresError, match=words) as caught:
        yield
    assert (sqlstate, True) == (caught.value.sqlstate, bool(caught.value.hint))
