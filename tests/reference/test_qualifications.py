from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reference.qualifications import DrivingLicence, LanguageLevel, covered_licences, language_rank

licences = st.frozensets(st.sampled_from(DrivingLicence))


def test_language_levels_rise() -> None:
    assert [language_rank(LanguageLevel(level)) for level in ("none", "A1", "A2", "B1", "B2", "C1", "C2")] == [
        *range(7)
    ]


@pytest.mark.parametrize(
    ("held", "covered"),
    [
        ("", ""),
        ("AM", "AM"),
        ("T", "T"),
        ("A", "A A2 A1 AM"),
        ("B", "B AM"),
        ("BE", "BE B AM"),
        ("C", "C C1 B AM"),
        ("CE", "CE C C1E C1 BE B AM"),
        ("D1E", "D1E D1 BE B AM"),
        ("DE", "DE D D1E D1 BE B AM"),
        ("A1 C1", "A1 AM C1 B"),
    ],
)
def test_a_licence_covers_those_that_come_with_it(held: str, covered: str) -> None:
    assert covered_licences(DrivingLicence(one) for one in held.split()) == set(covered.split())


@given(licences, licences)
def test_covering_adds_only_and_adds_all_at_once(
    some: frozenset[DrivingLicence], more: frozenset[DrivingLicence]
) -> None:
    assert some <= covered_licences(some) == covered_licences(covered_licences(some))
    assert covered_licences(some) | covered_licences(more) == covered_licences(some | more)
