"""What a pool may see of place and time: a pure rule, and what always holds of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.reference import places
from service.vacancies.pools import coarse
from service.vacancies.pools.coarse import FEWEST, Hidden, Period, Shown, Step, finest_step, shown_at

TODAY = date(2026, 11, 23)
# Few places and days, so that these are shared now and then.
hidden = st.builds(
    Hidden,
    st.sampled_from(["9711", "9712", "9721", "8911"]),
    st.sampled_from([None, date(2026, 1, 1), date(2026, 12, 1), date(2026, 12, 31), date(2027, 2, 1)]),
)
groups = st.lists(hidden, max_size=14)
swiftly = settings(max_examples=150, deadline=None)


def one(postcode4: str = "9711", day: str | None = "2027-02-01") -> Hidden:
    return Hidden(postcode4, date.fromisoformat(day) if day else None)


@swiftly
@given(groups, st.randoms())
def test_whatever_is_shown_is_shared_and_the_order_does_not_matter(group: list[Hidden], random: object) -> None:
    step = finest_step(group, TODAY)
    shared = Counter(shown_at(step, each, TODAY) for each in group)
    assert step is Step.NOTHING or min(shared.values()) >= FEWEST
    random.shuffle(group)  # type: ignore[attr-defined]
    assert finest_step(group, TODAY) is step


@swiftly
@given(groups)
def test_it_is_the_finest(group: list[Hidden]) -> None:
    step = finest_step(group, TODAY)
    if group and step is not Step.POSTCODE_AND_DAY:
        finer = Step(step + 1)
        assert min(Counter(shown_at(finer, each, TODAY) for each in group).values()) < FEWEST


@swiftly
@given(groups, st.sets(st.integers(0, 13)))
def test_a_pool_that_shrinks_without_losing_a_combination_never_shows_more(group: list[Hidden], gone: set[int]) -> None:
    """Nobody can be left of a combination that vanishes whole, so that nobody is shown more exactly for it."""
    left = [each for at, each in enumerate(group) if at not in gone]
    if {shown_at(Step.POSTCODE_AND_DAY, each, TODAY) for each in left} == {
        shown_at(Step.POSTCODE_AND_DAY, each, TODAY) for each in group
    }:
        assert finest_step(left, TODAY) <= finest_step(group, TODAY)


@swiftly
@given(st.lists(hidden, max_size=FEWEST - 1))
def test_fewer_than_five_show_nothing(group: list[Hidden]) -> None:
    assert finest_step(group, TODAY) is Step.NOTHING
    assert all(shown_at(Step.NOTHING, each, TODAY) == Shown(None, None) for each in group)


@swiftly
@given(hidden, hidden)
def test_each_step_tells_all_that_the_one_before_tells(a: Hidden, b: Hidden) -> None:
    """So what was seen on two days, at two steps, is no more than the finer of both."""
    for step in list(Step)[1:]:
        if shown_at(step, a, TODAY) == shown_at(step, b, TODAY):
            assert shown_at(Step(step - 1), a, TODAY) == shown_at(Step(step - 1), b, TODAY)


@pytest.mark.parametrize(
    ("group", "step"),
    [
        ([one()] * 5, Step.POSTCODE_AND_DAY),
        ([one()] * 4, Step.NOTHING),
        ([one(day=f"2027-02-0{n}") for n in range(1, 6)], Step.POSTCODE_AND_MONTH),
        ([one(f"972{n}") for n in range(1, 6)], Step.AREA_AND_MONTH),
        ([one(day=f"2027-0{1 + n % 3}-01") for n in range(5)], Step.AREA_AND_QUARTER),
        ([one(day=f"2027-0{n}-01") for n in range(1, 8)], Step.AREA),
        ([*[one()] * 5, one("6211")], Step.NOTHING),
        ([*[one()] * 5, one(day=None)], Step.AREA),
        ([*[one()] * 5, *[one(day=None)] * 5], Step.POSTCODE_AND_DAY),
    ],
)
def test_the_steps(group: list[Hidden], step: Step) -> None:
    assert finest_step(group, TODAY) is step


def test_what_is_shown() -> None:
    someone = one("9711", "2027-02-14")
    february = Period(date(2027, 2, 1), date(2027, 2, 28))
    quarter = Period(date(2027, 1, 1), date(2027, 3, 31))
    day = date(2027, 2, 14)
    assert [shown_at(step, someone, TODAY) for step in Step] == [
        Shown(None, None),
        Shown("97", None),
        Shown("97", quarter),
        Shown("97", february),
        Shown("9711", february),
        Shown("9711", Period(day, day)),
    ]
    free_since_long = shown_at(Step.POSTCODE_AND_DAY, one(day="2020-01-01"), TODAY)
    assert free_since_long == Shown("9711", Period(TODAY, TODAY))
    last = date(2199, 12, 31)
    assert shown_at(Step.AREA_AND_QUARTER, Hidden("9711", last), TODAY).period == Period(date(2199, 10, 1), last)


def test_bands() -> None:
    assert [coarse.hours_band(*pair) for pair in ((17.5, 20), (16, 24), (0, 0.5), (76, 80))] == [
        (16, 24),
        (16, 24),
        (0, 8),
        (72, 80),
    ]
    assert [coarse.distance_band(Decimal(km)) for km in ("0", "0.1", "10", "10.5", "300")] == [10, 10, 10, 20, 300]
    assert [coarse.rounded_down(number) for number in (0, 1, 4, 5, 9, 10)] == [None, None, None, 5, 5, 10]


def test_the_middle_of_an_area_lies_in_it() -> None:
    assert coarse.middle_of("9711") == "9711"
    middle = coarse.middle_of("97")
    assert middle is not None
    assert middle.startswith("97")
    far = places.distance_km(middle, "9711")
    assert far is not None
    assert far < 25
    assert coarse.middle_of("00") is None


@given(st.dates(TODAY, TODAY + timedelta(days=800)))
@settings(max_examples=60, deadline=None)
def test_a_day_lies_in_each_of_its_periods(day: date) -> None:
    for step in list(Step)[2:]:
        period = shown_at(step, Hidden("9711", day), TODAY).period
        assert period is not None
        assert period.first <= day <= period.last
