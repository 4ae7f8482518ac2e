"""A step that a start carried out, as plain data."""

from __future__ import annotations

from typing import NamedTuple


class AppliedStep(NamedTuple):
    """One step of the plan as it was carried out."""

    action: str
    target: str
    reason: str
    seconds: float
