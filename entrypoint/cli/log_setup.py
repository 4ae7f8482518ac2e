"""Set up the log: for mistakes in the command line first, then as the settings ask for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal, TextIO

from entrypoint.output import logs
from entrypoint.settings.settings import Settings


def log_before_settings(environ: Mapping[str, str], *, beside_answer: bool = False) -> None:
    """Set up a log for mistakes in the command line and in the settings themselves."""
    stream = sys.stderr if beside_answer else sys.stdout
    logs.configure(
        format=_format("auto", stream),
        level="info",
        context={},
        secrets=[environ.get("PGPASSWORD", "")],
        stream=stream,
        color=colored(environ, stream),
    )


def log_with_settings(settings: Settings, environ: Mapping[str, str], *, beside_answer: bool) -> None:
    """Set up the log that the settings ask for; it goes to standard error where output is an answer."""
    identity, stream = settings.identity, sys.stderr if beside_answer else sys.stdout
    logs.configure(
        format=_format(settings.log_format, stream),
        level=settings.log_level,
        context={
            "service": identity.service,
            "instance": identity.instance,
            "commit": identity.commit,
        },
        secrets=settings.secrets,
        stream=stream,
        color=colored(environ, stream),
    )


def _format(asked: str, stream: TextIO | None) -> Literal["json", "console"]:
    if asked == "auto":
        return "console" if stream is not None and stream.isatty() else "json"
    return "console" if asked == "console" else "json"


def colored(environ: Mapping[str, str], stream: TextIO | None) -> bool:
    """Return whether to use colours there: on a terminal, unless the environment forbids them."""
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return not plain and stream is not None and stream.isatty()
