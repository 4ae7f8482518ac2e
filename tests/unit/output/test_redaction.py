"""No spelling of a secret survives."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entrypoint.output.json_lines import Json
from entrypoint.output.redaction import REDACTED, redactor

NASTY = "p@s:s/w%r d'\"\\\n#é😀?&"


def lower_case_escapes(text: str) -> str:
    """Percent-encode as some tools do."""
    return re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe=""))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded but for slashes": quote,
    "percent-encoded in lower case": lower_case_escapes,
    "percent-encoded throughout": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form-encoded": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "repr": lambda text: repr(text)[1:-1],
    "ascii": lambda text: ascii(text)[1:-1],
    "bytes": lambda text: repr(text.encode())[2:-1],
    "for a shell": lambda text: re.sub(r"(\W)", r"\\\1", text),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_nasty_secret(name: str) -> None:
    """A secret of the characters that need quoting is masked in each spelling, and only it."""
    text = f"postgresql://morse:{SPELLINGS[name](NASTY)}@db/morse"
    assert "postgresql://morse:[redacted]@db/morse" == redactor([NASTY])(text)


@given(st.text(min_size=3))
@example("00\b")
@example("\\\\\\")
def test_any_secret_in_any_spelling(secret: str) -> None:
    """Any secret is masked in any spelling."""
    redact = redactor([secret])
    spelled = {name: f"<{spell(secret)}>" for name, spell in SPELLINGS.items()}
    assert dict.fromkeys(SPELLINGS, f"<{REDACTED}>") == redact(dict(spelled))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("x", "[redacted]"),
        ("password x, user y", "password [redacted], user y"),
        ("postgresql://user:x@db/x1", "postgresql://user:[redacted]@db/x1"),
        ("next index", "next index"),
    ],
)
def test_a_short_secret_is_masked_as_a_word(text: str, masked: str) -> None:
    """A secret of one character is masked where it stands alone."""
    assert masked == redactor(["x"])(text)


def test_a_passphrase_in_a_form() -> None:
    """A plus sign stands for a space also where nothing else needed encoding."""
    assert "p=[redacted]" == redactor(["correct horse"])("p=correct+horse")


def test_the_longest_secret_wins() -> None:
    """A secret inside a longer one leaves no part of that one behind."""
    assert "[redacted] [redacted]" == redactor(["hunter", "hunter2", "2"])("hunter2 hunter")


def test_every_string_in_plain_data_is_masked() -> None:
    """Values, nested values and numbers are masked, keys never; what is not equal stays as it is."""
    before: Json = {
        "a 12345678": ["12345678", {"b": "x12345678x"}, 12345678, 0.12345678, 12345679, True, None],
        "c": "1-2-3-4-5-6-7-8",
    }
    after: Json = {
        "a 12345678": [
            "[redacted]",
            {"b": "x[redacted]x"},
            "[redacted]",
            "[redacted]",
            12345679,
            True,
            None,
        ],
        "c": "1-2-3-4-5-6-7-8",
    }
    assert after == redactor(["12345678"])(before)


@pytest.mark.parametrize("length", range(1, 12))
def test_only_a_long_secret_is_masked_inside_a_word(length: int) -> None:
    """A secret of fewer than eight characters is masked as a word and in a URL, a longer one anywhere."""
    secret = "casecasecase"[:length]
    inside = f"x{secret}x {secret}_ _{secret} 1{secret}" if length < 8 else "x[redacted]x [redacted]_"
    text = f"x{secret}x {secret}_ _{secret} 1{secret}" if length < 8 else f"x{secret}x {secret}_"
    assert inside == redactor([secret])(text)
    for url in ("postgresql://u:{}@h/d", "postgresql://h/d?user=u&password={}&x=1", "'{}'", "p={}", "{}\n"):
        assert url.format(REDACTED) == redactor([secret])(url.format(secret))


@pytest.mark.parametrize(
    "quoting", [quote, lambda text: quote(quote(text, safe=""), safe=""), json.dumps, repr]
)
def test_a_short_secret_in_an_encoded_text(quoting: Callable[[str], str]) -> None:
    """What encodes the character in front of a short secret does not hide where its word begins."""
    for text in ("u:{}@h", "\n{}\n", "'{}'", '"{}"', "\x1b{}\x1b", "\u202e{}"):
        spelled = quoting(text.format("cas"))
        assert "cas" not in str(redactor(["cas"])(spelled)), spelled


@given(st.text(min_size=1), st.dictionaries(st.text(), st.none()))
@example("raw", {"raw": None})
def test_a_key_is_never_masked(secret: str, data: dict[str, None]) -> None:
    """Whatever the password is, a reader of the log finds the names that it knows."""
    nested: Json = {"facts": [{**data}], secret: None}
    assert nested == redactor([secret])(nested)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_masked(secrets: list[str]) -> None:
    """An empty secret masks nothing."""
    assert {"a": "b"} == redactor(secrets)({"a": "b"})


def test_backslashes_do_not_take_for_ever() -> None:
    """A text of many backslashes is searched in linear time."""
    secret = "\\" * 30 + "a" + "\\" * 30 + "b"
    text = "\\" * 20_000 + "a" + "\\" * 20_000
    started = time.process_time()
    assert text == redactor([secret])(text)
    assert time.process_time() - started < 1
