"""Whether the policies of a table are in force; an object only where row security is enabled or forced."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind, Phase
from entrypoint.postgres.table_locks import LockMode


class RowSecurity(Kind):
    """Enabled without a policy it hides every row."""

    name = "row security"
    plural = "row security"
    rank = 120
    phase = Phase.SETTINGS
    lock = LockMode.ACCESS_EXCLUSIVE
    harmful = True
