"""JSON from outside. Python's own loader accepts NaN, duplicate keys, lone surrogates and NUL; none of them can be
stored the same way on both databases, so they are refused here, before anything else looks at the body."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from service.kernel.problems import Problem, malformed

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class _Refused(ValueError):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def loads(raw: bytes) -> Any:
    """The value in `raw`. Raises a 400 Problem that says what is wrong with it."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raise malformed(
            "malformed-json", "Stuur UTF-8 zonder byte order mark.", "Send UTF-8 without a byte order mark."
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("malformed-json", "De tekst is geen geldig UTF-8.", "The text is not valid UTF-8.") from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(raw)
    try:
        value = _DECODER.decode(text)
    except _Refused as refused:
        raise refused.problem from None
    except (ValueError, RecursionError):
        raise malformed("malformed-json", "De tekst is geen geldige JSON.", "The text is not valid JSON.") from None
    if "\x00" in text or b"\\u" in raw:
        _check_strings(value)
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise malformed(
                    "json-too-deep",
                    f"De JSON is dieper genest dan {MAX_DEPTH} niveaus.",
                    f"The JSON is nested deeper than {MAX_DEPTH} levels.",
                )
        elif byte in b"]}":
            depth -= 1


def _refuse_constant(_: str) -> NoReturn:
    raise _Refused(malformed("malformed-json", "NaN en Infinity zijn geen JSON.", "NaN and Infinity are not JSON."))


def _parse_float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _Refused(malformed("number-too-large", "Een getal is te groot.", "A number is too large."))
    return number


def _parse_int(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        raise _Refused(malformed("number-too-large", "Een getal is te groot.", "A number is too large."))
    return number


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused(
            malformed("duplicate-key", "Een veld komt twee keer voor.", "A field occurs twice in one object.")
        )
    return found


def _check_strings(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise malformed(
                "unstorable-text",
                "De tekst bevat een teken dat niet bestaat (NUL of een half tekenpaar). Haal het weg.",
                "The text holds a character that cannot be stored (NUL or a lone surrogate). Remove it.",
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_strings(key)
            _check_strings(item)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant,
    parse_float=_parse_float,
    parse_int=_parse_int,
    object_pairs_hook=_object_without_duplicates,
)
