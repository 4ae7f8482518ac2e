"""A step that a start carried out, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedStep:
    """One step of the plan as it was carried out."""

    action: str
    target: str
    reason: str
    seconds: float
