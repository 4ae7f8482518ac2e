"""Policies of row security."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class Policy(Kind):
    """It hides rows of its table, or refuses them."""

    name = "policy"
    plural = "policies"
    rank = 110
    harmful = True
