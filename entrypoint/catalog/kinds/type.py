"""Enums, domains and ranges."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class Type(Kind):
    """A type that exists in another form is left to a person: columns hold its values."""

    name = "type"
    plural = "types"
    rank = 10
    stands_alone = True
