"""What the API's own role may do with an object; `privileges` reads it, where there is such a role."""

from __future__ import annotations

from entrypoint.catalog.kinds.kind import Kind, Phase
from entrypoint.catalog.objects import CatalogObject
from entrypoint.errors import ExitCode


class Grant(Kind):
    """Compared for the needs of the API alone."""

    name = "grant"
    plural = "grants"
    rank = 150
    facets = ("privileges",)
    exit_code = ExitCode.INCOMPATIBLE
    phase = Phase.GRANT

    def note(self, item: CatalogObject) -> str | None:
        """Say what an extra one is."""
        return "more than the API needs"

    def interface(self, item: CatalogObject) -> tuple[str | None, ...]:
        """Return all that the API may do."""
        return (item.facets.get("privileges"),)
