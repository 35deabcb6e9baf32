"""What identifies a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from service.people.rules import is_bsn

UNLIKE_DIGITS = ["", " ", "abcdefghi", "12345678\n", " 12345678", "1234 5678", "1234-5678", "+1234567", "12.34567"]


@pytest.mark.parametrize("value", ["999990342", "111222333", "123456782", "002220647"])
def test_bsn(value: str) -> None:
    assert is_bsn(value)


@pytest.mark.parametrize(
    "value",
    [
        *UNLIKE_DIGITS,
        "123456789",
        "000000000",
        "2220647",
        "02220647",
        "1112.22.333",
        "111222333 ",
        "111222333\n",
        "1112223330",
        "\uff11\uff11\uff11\uff12\uff12\uff12\uff13\uff13\uff13",
    ],
)
def test_no_bsn(value: str) -> None:
    assert not is_bsn(value)


def test_bsn_agrees_with_the_library() -> None:
    for number in (*range(123_456_000, 123_457_000), *range(1, 1_000), *range(999_999_000, 1_000_000_000)):
        digits = f"{number:09}"
        assert is_bsn(digits) == bsn.is_valid(digits)


@given(st.sampled_from(["999990342", "111222333", "123456782"]), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(right: str, place: int, shift: int) -> None:
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert not is_bsn(wrong)


@given(st.text(max_size=14))
def test_any_text_gets_an_answer(value: str) -> None:
    assert not is_bsn(value) or (value.isascii() and value.isdigit())
