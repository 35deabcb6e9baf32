"""Whatever Python's JSON reader would let through and a database would not store the same way is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel import strict_json
from service.kernel.problems import Problem

storable = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-strict_json.MAX_INTEGER, strict_json.MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(storable, inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_reads_back_what_is_fine(value: Any) -> None:
    assert strict_json.loads(json.dumps(value).encode()) == value
    assert strict_json.loads(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed-json"),
        (b"{", "malformed-json"),
        (b"{'a': 1}", "malformed-json"),
        (b"\xef\xbb\xbf{}", "malformed-json"),
        (b'"\xff"', "malformed-json"),
        ('{"a": 1}'.encode("utf-16"), "malformed-json"),
        (b"NaN", "malformed-json"),
        (b'{"a": Infinity}', "malformed-json"),
        (b"[-Infinity]", "malformed-json"),
        (b"1e400", "number-too-large"),
        (b"9007199254740992", "number-too-large"),
        (b"-9223372036854775808", "number-too-large"),
        (b"1" * 5000, "number-too-large"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate-key"),
        (b'"\\ud800"', "unstorable-text"),
        (b'{"\\udfff": 1}', "unstorable-text"),
        (b'["\\u0000"]', "unstorable-text"),
        (b"[" * 33 + b"]" * 33, "json-too-deep"),
        (b"[" * 100_000, "json-too-deep"),
        (b'{"a":' * 100_000, "json-too-deep"),
    ],
)
def test_refuses_what_is_not(raw: bytes, code: str) -> None:
    with pytest.raises(Problem) as refusal:
        strict_json.loads(raw)
    assert (refusal.value.status, refusal.value.code) == (400, code)


def test_brackets_in_text_are_not_depth() -> None:
    text = "[{" * 100 + '\\"'
    assert strict_json.loads(json.dumps([text]).encode()) == [text]


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert strict_json.loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@given(st.binary(max_size=60))
def test_never_anything_but_a_value_or_a_problem(raw: bytes) -> None:
    refusal = None
    try:
        strict_json.loads(raw)
    except Problem as problem:
        refusal = problem
    assert refusal is None or refusal.status == 400
