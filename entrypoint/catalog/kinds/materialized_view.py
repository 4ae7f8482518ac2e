"""Materialized views; whether they are populated is not compared."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class MaterializedView(Kind):
    """It keeps the rows of its query."""

    name = "materialized view"
    plural = "materialized views"
    rank = 65
    facets = ("columns", "definition", "options")
    holds_parts = True
