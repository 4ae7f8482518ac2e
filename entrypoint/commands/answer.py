"""What a command answers that only looks: the same facts for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from entrypoint.errors import ExitCode


class Answer(NamedTuple):
    """`facts` for JSON, `text` for a terminal, given whether to use colours, and how the command ends."""

    facts: Mapping[str, Any]
    text: Callable[[bool], str]
    exit_code: ExitCode = ExitCode.OK
