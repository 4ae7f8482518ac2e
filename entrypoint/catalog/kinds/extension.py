"""Extensions of the schema; what belongs to them is left out of every comparison."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class Extension(Kind):
    """Nothing in `sql/` makes one."""

    name = "extension"
    plural = "extensions"
    rank = 0
    catalog = "pg_extension"
    facets = ("definition", "version")
