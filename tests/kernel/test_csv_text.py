"""Tables that programs read back whole, and in which a spreadsheet finds no formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.csv_text import cell, line

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
dangerous = st.builds(lambda sign, rest: sign + rest, st.sampled_from("=+-@\t\r\n\0"), texts)


def read_back(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


@given(st.lists(st.one_of(texts, dangerous, st.sampled_from(['a;"b"', "a\r\nb", " a ", ""])), min_size=2, max_size=6))
def test_what_goes_in_comes_back(cells: list[str]) -> None:
    (row,) = read_back(line(cells))
    for given_text, found in zip(cells, row, strict=True):
        assert found.removeprefix("'") == given_text if found != given_text else True


@given(dangerous)
def test_no_cell_is_a_formula(text: str) -> None:
    ((found, _),) = read_back(line([text, "x"]))
    assert found == "'" + text
    assert not cell(text).lstrip('"').startswith(tuple("=+-@\t\r\n\0"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (None, ""),
        ("", ""),
        ("0042", "0042"),
        ("=1+1", "'=1+1"),
        ("+31", "'+31"),
        ('say "x"', '"say ""x"""'),
        ("a;b", '"a;b"'),
        ("José", "José"),
    ],
)
def test_cells(text: str | None, written: str) -> None:
    assert cell(text) == written
