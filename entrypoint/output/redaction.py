"""Keep secrets out of whatever is printed, however they are spelled."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from entrypoint.output.json_lines import Json

REDACTED = "[redacted]"
_SHORT = 8
# An encoded or escaped character in front of a short secret is no part of its word, though its code ends so.
_CODES = (
    *(r"%[0-9A-Fa-f]{2}", r"%25[0-9A-Fa-f]{2}", r"\\[abfnrtv]"),
    *(r"\\x[0-9A-Fa-f]{2}", r"\\u[0-9A-Fa-f]{4}", r"\\U[0-9A-Fa-f]{8}"),
)
_WORD_BEGINS = rf"(?:(?<!\w)|{'|'.join(f'(?<={code})' for code in _CODES)})"
_MARKS_OF_ENCODING = "%+\\"
_NAMED = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", " ": r"\+"}


def redactor(secrets: Iterable[str]) -> Callable[[Json], Json]:
    """Return a function that copies plain data with every spelling of a secret masked.

    A spelling may mix raw, percent-encoded, JSON, repr and shell-escaped characters. A secret of fewer than
    eight characters is masked as a whole word only, as in a URL, since it may be a part of any other. Keys
    are never masked: they are names out of the code or the catalog.
    """
    longest_first = sorted(filter(None, set(secrets)), key=len, reverse=True)
    if not longest_first:
        return lambda value: value
    literal = re.compile("|".join(_alone(re.escape(secret), secret, r"(?<!\w)") for secret in longest_first))

    # Compiling takes longer than all the rest of a quiet start, which has no need for it.
    @cache
    def spelled() -> re.Pattern[str]:
        return re.compile("|".join(map(_spellings, longest_first)))

    def redact(value: Json) -> Json:
        match value:
            case str() if any(mark in value for mark in _MARKS_OF_ENCODING):
                return spelled().sub(REDACTED, value)
            case str():
                return literal.sub(REDACTED, value)
            case dict():
                return {key: redact(item) for key, item in value.items()}
            case list():
                return [redact(item) for item in value]
            case int() | float() if not isinstance(value, bool) and literal.search(str(value)):
                return REDACTED
        return value

    return redact


def _alone(pattern: str, secret: str, begins: str) -> str:
    return pattern if len(secret) >= _SHORT else rf"{begins}{pattern}(?!\w)"


def _spellings(secret: str) -> str:
    # One run of backslashes stands for any other, because each layer of quoting doubles it.
    pattern = "".join(_spelling(char) for char in re.sub(r"\\+", r"\\", secret))
    # A match takes in the backslashes before it; to try each of them would take quadratic time.
    return rf"(?<!\\){_alone(pattern, secret, _WORD_BEGINS)}"


def _spelling(char: str) -> str:
    utf8 = char.encode("utf-8", "surrogatepass")
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in utf8)
    if char == "\\":
        return rf"(?i:\\|{percent})++"
    utf16 = char.encode("utf-16-be", "surrogatepass").hex()
    units = [utf16[start : start + 4] for start in range(0, len(utf16), 4)]
    spellings = [
        percent,
        r"\\*+".join(f"u{unit}" for unit in units),
        r"\\*+".join(f"x{byte:02x}" for byte in utf8),
        f"x{ord(char):02x}|u{ord(char):08x}",
    ]
    exact = "|".join(filter(None, (re.escape(char), _NAMED.get(char))))
    # The longest first: a percent sign is also the beginning of its own code.
    return rf"\\*+(?:(?i:{'|'.join(spellings)})|{exact})"
