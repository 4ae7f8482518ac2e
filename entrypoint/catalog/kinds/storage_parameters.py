"""What WITH (...) says about the storage of a table or an index."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind


class StorageParameters(Kind):
    """Tuned by people, and left to them."""

    name = "storage parameters"
    plural = "storage parameters"
    rank = 130
    severity = "warning"
    describes = True
    left_alone = True
