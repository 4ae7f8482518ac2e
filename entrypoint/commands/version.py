"""`version`: print which version of the entrypoint this is."""

from __future__ import annotations

from entrypoint import __version__
from entrypoint.commands.command import USAGE, Command, Example, Exit


def version(_operand: str = "") -> str:
    """Return the name and the version of the program, on one line."""
    return f"morse-entrypoint {__version__}\n"


COMMAND = Command(
    name="version",
    summary="print the version",
    text="Prints the version of the entrypoint.",
    examples=(Example("version", "which version is it?"), Example("--version", "the same")),
    prints=version,
    exits=(Exit(0, "printed"), USAGE),
)
