"""Rules that somebody wrote; that of a view is the view."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class Rule(Kind):
    """It rewrites statements about its table or view."""

    name = "rule"
    plural = "rules"
    rank = 100
    facets = ("definition", "enabled")
    harmful = True
