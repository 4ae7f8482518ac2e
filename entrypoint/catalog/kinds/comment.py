"""Comments on objects of every other kind."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind, Phase
from entrypoint.catalog.objects import CatalogObject
from entrypoint.postgres.table_locks import LockMode


class Comment(Kind):
    """It changes nothing, so that a difference is a warning."""

    name = "comment"
    plural = "comments"
    rank = 140
    severity = "warning"
    phase = Phase.COMMENT
    describes = True

    def lock_of(self, item: CatalogObject, statement: str) -> LockMode | None:
        """COMMENT ON locks the table that it is about, and waits for no reader or writer."""
        about_table = item.name.startswith(("table ", "column "))
        return LockMode.SHARE_UPDATE_EXCLUSIVE if about_table else None
