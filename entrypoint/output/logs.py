"""Log so that one event is one line, facts are fields, and no secret gets through."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

import structlog

from entrypoint.output.json_lines import json_line, plain
from entrypoint.output.redaction import redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from structlog.typing import FilteringBoundLogger

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

Event = MutableMapping[str, Any]


class LineWriter:
    """Write lines to `stream`; one that is closed, broken or full loses them without an error."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._descriptor: int | None = None
        if stream is not None:
            with suppress(OSError, ValueError):
                self._descriptor = stream.fileno()

    def write(self, line: str) -> None:
        """Write `line` and its newline at once."""
        if self._stream is None:
            return
        with suppress(OSError, ValueError):
            self._stream.flush()
        with suppress(OSError, ValueError):
            if self._descriptor is None:
                self._stream.write(line + "\n")
                return
            # Past the buffer: what cannot be flushed from it makes Python exit with 120.
            encoding = self._stream.encoding or "utf-8"
            rest = (line + "\n").encode(encoding, "backslashreplace")
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    debug = info = warning = error = critical = write


def configure(
    *,
    format: Literal["json", "console"],  # noqa: A002 - the word of MORSE_LOG_FORMAT
    level: str,
    context: Mapping[str, str],
    secrets: Iterable[str],
    stream: TextIO | None,
    color: bool,
) -> FilteringBoundLogger:
    """Set up structlog for the process and return its logger; `structlog.get_logger` then agrees.

    `level` is a key of LEVELS, `context` goes into every event, and no string out of `secrets`
    leaves in any spelling. Lines bypass the buffer of `stream`: flush what else is printed to it.
    """
    redact = redactor(secrets)

    def prepare(_: object, method: str, event: Event) -> Event:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"timestamp": now, "level": method}
        named = {"event": event["event"], **context}
        # What identifies a line stands first, and no fact of the same name replaces it.
        facts = {**named, **describe_exception(event), **named}
        return {**head, **{name: redact(plain(fact)) for name, fact in facts.items()}, **head}

    render = json_line if format == "json" else _console_line(color=color)
    structlog.configure(
        processors=[prepare, lambda _logger, _method, event: render(event)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda: LineWriter(stream),
        cache_logger_on_first_use=False,
    )
    logger: FilteringBoundLogger = structlog.get_logger().bind()
    return logger


def _console_line(*, color: bool) -> Callable[[Event], str]:
    from entrypoint.output.console import Console  # noqa: PLC0415 - a start in production has no terminal

    return Console(color=color).render


def describe_exception(event: Event) -> Event:
    """Replace `exc_info` by the error and the places it went through, without source or values."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if not isinstance(error, BaseException):
        return event
    where = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        where.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"error": error, **event, "where": where}
