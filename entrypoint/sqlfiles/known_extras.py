"""Objects that others add to the database, listed with a reason in `sql/known_extras.toml`."""

from __future__ import annotations

import tomllib
from typing import NamedTuple

from entrypoint.sqlfiles.findings import Finding

EXTRAS = "known_extras.toml"


class KnownExtra(NamedTuple):
    """Hold the kind and the name of such an object, and why it is no failure."""

    kind: str
    name: str
    reason: str


def read_extras(text: str) -> tuple[tuple[KnownExtra, ...], list[Finding]]:
    """Return the listed objects, and what cannot be understood; nothing unknown is skipped."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (), [Finding(file=EXTRAS, reason=f"is not TOML: {error}")]
    listed = table.pop("extra", [])
    findings = [Finding(file=EXTRAS, reason=f"`{key}` is unknown; use [[extra]]") for key in table]
    extras = []
    for number, entry in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        if _is_complete(entry):
            extras.append(KnownExtra(**entry))
        else:
            reason = f"[[extra]] {number} needs kind, name and reason, each a text, and no more"
            findings.append(Finding(file=EXTRAS, reason=reason))
    return tuple(extras), findings


def _is_complete(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"kind", "name", "reason"}
        and all(isinstance(value, str) and value.strip() for value in entry.values())
    )
