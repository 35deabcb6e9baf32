from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.clock import amsterdam_day
from service.reference.working_days import (
    add_working_days,
    end_of_day,
    is_working_day,
    next_working_day,
    working_day_from,
    working_days_between,
)

days = st.dates(date(2016, 1, 1), date(2090, 12, 31))
small = st.integers(-300, 300)


def _easter(year: int) -> date:
    """Easter Sunday by the method of Gauss with the corrections of the Gregorian calendar (1900 to 2099)."""
    d = (19 * (year % 19) + 24) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7
    easter = date(year, 3, 22) + timedelta(days=d + e)
    too_late = easter == date(year, 4, 26) or (d == 28 and e == 6 and (11 * (year % 19) + 11 * 24 + 11) % 30 < 19)
    return easter - timedelta(days=7) if too_late else easter


def _is_free(day: date) -> bool:
    if day.weekday() >= 5 or (day.month, day.day) in {(1, 1), (5, 5), (12, 25), (12, 26)}:
        return True
    kings_day = date(day.year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day = date(day.year, 4, 26)
    after_easter = (day - _easter(day.year)).days
    return day == kings_day or after_easter in {-2, 1, 39, 50}


def test_the_reckoning_of_easter_that_the_tests_stand_on() -> None:
    known = {2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2030: (4, 21), 2038: (4, 25), 1981: (4, 19)}
    assert {year: (_easter(year).month, _easter(year).day) for year in known} == known


def test_every_day_from_2014_to_2050_against_an_independent_reckoning() -> None:
    day = date(2014, 1, 1)
    while day.year <= 2050:
        assert is_working_day(day) is not _is_free(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", range(2024, 2036))
def test_liberation_day_is_free_every_year(year: int) -> None:
    assert not is_working_day(date(year, 5, 5))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 5),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 12, 25),
        date(2028, 12, 26),
        date(2026, 11, 21),
        date(2026, 11, 22),
    ],
)
def test_free_days(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 5, 15), date(2026, 5, 4), date(2031, 4, 28), date(2026, 12, 24)])
def test_working_days_beside_holidays(day: date) -> None:
    assert is_working_day(day)


def test_a_moment_is_no_day() -> None:
    with pytest.raises(TypeError):
        is_working_day(datetime(2026, 12, 25, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # over Easter
        (date(2026, 4, 4), 0, date(2026, 4, 4)),  # a Saturday stays day 0
        (date(2026, 4, 4), 1, date(2026, 4, 7)),
        (date(2026, 4, 4), -1, date(2026, 4, 2)),
        (date(2026, 5, 1), 3, date(2026, 5, 7)),  # over Liberation Day
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 11, 23), 15, date(2026, 12, 14)),
    ],
)
def test_adding_working_days(day: date, n: int, expected: date) -> None:
    assert add_working_days(day, n) == expected


@given(days, small)
def test_adding_lands_on_a_working_day_and_counting_gives_the_number_back(day: date, n: int) -> None:
    there = add_working_days(day, n)
    assert n == 0 or is_working_day(there)
    assert working_days_between(day, there) == n


@given(days.filter(is_working_day), small)
def test_going_back_undoes_going_forth(day: date, n: int) -> None:
    assert add_working_days(add_working_days(day, n), -n) == day


@given(days, small, small)
def test_later_and_more_is_never_earlier(day: date, n: int, m: int) -> None:
    if n <= m:
        assert add_working_days(day, n) <= add_working_days(day, m)
    assert add_working_days(day, n) <= add_working_days(day + timedelta(days=1), n)


@given(days, st.integers(-500, 500))
def test_counting_is_counting(a: date, length: int) -> None:
    b = a + timedelta(days=length)
    after_a = sum(not _is_free(a + timedelta(days=i)) for i in range(1, length + 1))
    before_a = sum(not _is_free(b + timedelta(days=i)) for i in range(-length))
    assert working_days_between(a, b) == after_a - before_a


@given(days)
def test_the_next_working_day_is_after_this_one_and_a_term_ends_on_the_first_from_it(day: date) -> None:
    following = next_working_day(day)
    assert following > day
    assert is_working_day(following)
    assert all(_is_free(day + timedelta(days=i)) for i in range(1, (following - day).days))
    assert working_day_from(day) == (following if _is_free(day) else day)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 23, 0, tzinfo=UTC)),
        (date(2026, 7, 15), datetime(2026, 7, 15, 22, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),  # the clock goes forward
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),  # and back
    ],
)
def test_the_end_of_a_day(day: date, end: datetime) -> None:
    assert end_of_day(day) == end
    assert end_of_day(day).tzinfo is UTC


@given(days)
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    end = end_of_day(day)
    assert amsterdam_day(end) == day + timedelta(days=1)
    assert amsterdam_day(end - timedelta(microseconds=1)) == day
