"""How near two kinds of work are: groups, titles in common, neighbours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reference import occupations
from service.reference.nearness import Nearness, near_groups, nearness
from service.reference.occupations import Occupation, OccupationKind
from service.reference.tables import read_table

any_occupation = st.sampled_from(occupations.all_occupations())
FAR, NEXT = Nearness.UNRELATED, Nearness.NEIGHBOURING


def first(title: str) -> str:
    return occupations.search(title, 1)[0].uri_or_code


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("9112", "9112", Nearness.SAME),
        ("9112", "9111", Nearness.SAME_MINOR_GROUP),
        ("9112", "9123", Nearness.SAME_SUB_MAJOR),
        ("9112", "9333", FAR),
        ("9112", "2512", FAR),
        ("9112", "9999", FAR),
        ("9999", "9999", FAR),
        ("", "", FAR),
        ("5120", "9412", NEXT),
        ("6113", "9214", NEXT),
        ("5223", "9334", NEXT),
        ("5223", "5230", NEXT),
        ("6113", "2131", FAR),
    ],
)
def test_groups_and_neighbours(a: str, b: str, expected: Nearness) -> None:
    assert nearness(a, b) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("magazijnmedewerker", "4321", Nearness.SAME_TITLE),
        ("winkelmedewerker", "schappenvuller", Nearness.SAME_TITLE),
        ("administratief medewerker", "4110", Nearness.SAME_TITLE),
        ("magazijnmedewerker", "orderpicker", Nearness.SAME_UNIT_GROUP),
        ("botanicus", "hovenier", FAR),
        ("bedrijfsleider viswinkel", "vishandelaar", FAR),
    ],
)
def test_one_title_for_two_occupations_brings_them_near_unless_the_level_differs(
    a: str, b: str, expected: Nearness
) -> None:
    codes = [name if name.isdecimal() else first(name) for name in (a, b)]
    assert nearness(*codes) is expected


@given(any_occupation, any_occupation)
def test_nearness_is_symmetric(a: Occupation, b: Occupation) -> None:
    one = nearness(a.uri_or_code, b.uri_or_code)
    assert one is nearness(b.uri_or_code, a.uri_or_code)
    assert nearness(a.uri_or_code, a.uri_or_code) is Nearness.SAME
    assert (one is Nearness.SAME) == (a == b)


@given(any_occupation, any_occupation)
def test_whoever_is_near_is_in_the_same_sub_major_group_or_in_one_named(a: Occupation, b: Occupation) -> None:
    if nearness(a.uri_or_code, b.uri_or_code) is not FAR:
        assert b.isco_code[:2] == a.isco_code[:2] or b.isco_code in near_groups(a.uri_or_code)


@given(any_occupation)
def test_an_esco_occupation_is_in_the_unit_group_of_its_isco_code(found: Occupation) -> None:
    expected = Nearness.SAME if found.kind is OccupationKind.ISCO else Nearness.SAME_UNIT_GROUP
    assert nearness(found.uri_or_code, found.isco_code) is expected


@given(any_occupation)
def test_near_groups_are_known_and_lie_beyond_the_own_one(one: Occupation) -> None:
    groups = near_groups(one.uri_or_code)
    assert list(groups) == sorted(set(groups))
    assert all(occupations.occupation(group) for group in groups)
    assert one.isco_code[:2] not in {group[:2] for group in groups}
    assert near_groups("9999") == ()


def test_each_row_of_neighbours_says_something_new() -> None:
    rows = [(row["isco_a"], row["isco_b"], row["between"]) for row in read_table("neighbouring_work")]
    assert len({row[:2] for row in rows}) == len(rows)
    for a, b, between in rows:
        assert a < b
        assert a[:3] != b[:3], (a, b)
        assert occupations.occupation(a)
        assert occupations.occupation(b)
        assert between
