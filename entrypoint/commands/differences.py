"""The differences between sql/ and a database, in words."""

from __future__ import annotations

from collections.abc import Sequence

from entrypoint.catalog.difference import Difference
from entrypoint.output.page import Page, Styled
from entrypoint.output.plain import shortened

_STYLES = {"failure": "error", "warning": "warning"}
_LENGTH = 90


def put_differences(page: Page, differences: Sequence[Difference]) -> None:
    """Add each difference; what was changed with both sides, what is missing or extra on a line or two."""
    for item in differences:
        relation = f" on {item.relation}" if item.relation else ""
        page.line(
            Styled(item.status, _STYLES[item.severity]),
            f"{item.kind} {item.name}{relation}",
            Styled(f"({item.note})" if item.note else "", "dim"),
        )
        if item.status == "changed":
            page.excerpt(item.expected or "nothing", label="expected  ", indent=4)
            page.excerpt(item.actual or "nothing", label="found     ", indent=4)
        elif summary := _summary(item):
            page.line(Styled(summary, "dim"), indent=4)


def _summary(item: Difference) -> str:
    """Return the definition of a missing or extra object on one line, unless it is only the kind."""
    line = " ".join((item.expected or item.actual or "").split())
    if line.lower() == item.kind:
        return ""
    return shortened(line, _LENGTH)
