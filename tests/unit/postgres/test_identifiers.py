"""Names as SQL writes them."""

from __future__ import annotations

import pytest

from entrypoint.postgres.identifiers import quoted


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("a", '"a"'),
        ("User", '"User"'),
        ("select", '"select"'),
        ('a"b', '"a""b"'),
        ('"', '""""'),
        ("a.b", '"a.b"'),
    ],
)
def test_an_identifier_is_exactly_its_name(name: str, identifier: str) -> None:
    """A keyword, a capital letter, a dot and a quote are part of the name."""
    assert identifier == quoted(name)
