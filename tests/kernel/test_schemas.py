"""Fields refuse with a code, a sentence in two languages and a pointer, and never repeat the value."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from service.kernel.fields import (
    Boolean,
    Code,
    Date,
    Id,
    Integer,
    List,
    Moment,
    Nested,
    Number,
    Pattern,
    QueryBoolean,
    QueryInteger,
    Sentence,
    String,
)
from service.kernel.schemas import Schema, field_errors, pointer
from service.kernel.text import Language, Text, reading_language


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Schema):
    day_off = Date(required=True)


class Everything(Schema):
    text = String(maximum=10)
    lines = String(maximum=20, lines=True)
    kvk = Pattern(r"\d{8}", "12345678", minimum=8, maximum=8)
    id = Id()
    colour = Code(Colour, allow_none=True)
    day = Date()
    at = Moment()
    count = Integer(minimum=0, maximum=9)
    hours = Number(minimum=0, maximum=40)
    yes = Boolean()
    inner = Nested(Inner)
    colours = List(Code(Colour), maximum=2, unique=True)


def errors_of(data: Any) -> list[tuple[str | None, str]]:
    try:
        Everything().load(data)
    except ValidationError as error:
        return [(found.pointer, found.code) for found in field_errors(error.messages)]
    return []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], [("", "not-an-object")]),
        ({"tekst": 1}, [("/tekst", "unknown-field")]),
        ({"text": 1}, [("/text", "not-text")]),
        ({"text": None}, [("/text", "null")]),
        ({"text": ""}, [("/text", "wrong-length")]),
        ({"text": "x" * 11}, [("/text", "wrong-length")]),
        ({"text": "   "}, [("/text", "blank")]),
        ({"text": "a\nb"}, [("/text", "control-character")]),
        ({"lines": "a\nb"}, []),
        ({"lines": "a\x1bb"}, [("/lines", "control-character")]),
        ({"kvk": "1234567a"}, [("/kvk", "wrong-form")]),
        ({"kvk": "١٢٣٤٥٦٧٨"}, [("/kvk", "wrong-form")]),
        ({"id": "0190B6E8-7A2B-7C3D-8E4F-112233445566"}, [("/id", "not-an-id")]),
        ({"id": "0190b6e8-7a2b-7c3d-8e4f-112233445566"}, []),
        ({"colour": "green"}, [("/colour", "unknown-code")]),
        ({"colour": ["red"]}, [("/colour", "unknown-code")]),
        ({"colour": None}, []),
        ({"day": "0000-00-00"}, [("/day", "not-a-date")]),
        ({"day": "2026-02-30"}, [("/day", "not-a-date")]),
        ({"day": "2026-1-1"}, [("/day", "not-a-date")]),
        ({"day": "20260101"}, [("/day", "not-a-date")]),
        ({"day": "2026-W01-1"}, [("/day", "not-a-date")]),
        ({"day": "2026-01-01T00:00:00Z"}, [("/day", "not-a-date")]),
        ({"day": 20260101}, [("/day", "not-a-date")]),
        ({"at": "2026-01-01T10:00:00"}, [("/at", "not-a-moment")]),
        ({"at": "0001-01-01T00:00:00+14:00"}, [("/at", "not-a-moment")]),
        ({"at": "2026-01-01T10:00:00+02:00"}, []),
        ({"count": "1"}, [("/count", "not-an-integer")]),
        ({"count": True}, [("/count", "not-an-integer")]),
        ({"count": 1.5}, [("/count", "not-an-integer")]),
        ({"count": 7.0}, []),
        ({"count": 10}, [("/count", "out-of-range")]),
        ({"hours": "1"}, [("/hours", "not-a-number")]),
        ({"hours": False}, [("/hours", "not-a-number")]),
        ({"hours": 1.234}, [("/hours", "too-precise")]),
        ({"hours": 40.5}, [("/hours", "out-of-range")]),
        ({"hours": 1.7e308}, [("/hours", "out-of-range")]),
        ({"yes": "true"}, [("/yes", "not-a-boolean")]),
        ({"yes": 1}, [("/yes", "not-a-boolean")]),
        ({"inner": {}}, [("/inner/dayOff", "required")]),
        ({"inner": "x"}, [("/inner", "not-an-object")]),
        ({"colours": ["red", "green"]}, [("/colours/1", "unknown-code")]),
        ({"colours": ["red", "red"]}, [("/colours", "duplicate")]),
        ({"colours": "red"}, [("/colours", "not-a-list")]),
        (
            {"count": "x", "yes": 0, "a/b~c": 1},
            [("/count", "not-an-integer"), ("/yes", "not-a-boolean"), ("/a~1b~0c", "unknown-field")],
        ),
    ],
)  # fmt: skip
def test_what_is_said(data: Any, expected: list[tuple[str, str]]) -> None:
    assert errors_of(data) == expected


def test_an_object_inside_a_change_comes_whole() -> None:
    with pytest.raises(ValidationError) as refused:
        Everything(partial=True).load({"inner": {}})
    assert [found.pointer for found in field_errors(refused.value.messages)] == ["/inner/dayOff"]


@given(st.dictionaries(st.sampled_from(["text", "kvk", "id", "colour", "day", "at"]), st.text(min_size=4)))
def test_a_refusal_never_repeats_the_value(data: dict[str, str]) -> None:
    try:
        Everything().load(data)
    except ValidationError as error:
        for found in field_errors(error.messages):
            value = data[str(found.pointer)[1:]]
            assert value not in found.text.nl.split() + found.text.en.split()


@given(st.integers())
def test_query_integers_are_text(number: int) -> None:
    field = QueryInteger(minimum=-5, maximum=5)
    if -5 <= number <= 5:
        assert field.deserialize(str(number)) == number
    else:
        with pytest.raises(ValidationError):
            field.deserialize(str(number))


@pytest.mark.parametrize("value", ["True", "1", "", "yes"])
def test_query_booleans_are_exact(value: str) -> None:
    assert QueryBoolean().deserialize("true") is True
    assert QueryBoolean().deserialize("false") is False
    with pytest.raises(ValidationError):
        QueryBoolean().deserialize(value)


def test_a_sentence_is_in_the_readers_language() -> None:
    class Out(Schema):
        said = Sentence()

    token = reading_language.set(Language.ENGLISH)
    try:
        assert Out().dump({"said": Text("hallo", "hello")}) == {"said": "hello"}
        assert Out().dump({"said": ["hallo", "hello"]}) == {"said": "hello"}
    finally:
        reading_language.reset(token)
    assert Out().dump({"said": Text("hallo", "hello")}) == {"said": "hallo"}


def test_pointer_escapes() -> None:
    assert pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"
