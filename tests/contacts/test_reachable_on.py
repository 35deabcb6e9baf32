"""When a contact can be reached: over whole years, on holidays, and in the nights when the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.contacts.rules import ISO_WEEKDAYS, OFFICE_DAYS, ONE_DAY, Absence, reachable_on
from service.kernel.clock import AMSTERDAM
from service.reference.working_days import is_holiday, is_working_day
from tests.contacts.contacts_world import BSNS, World

YEARS = range(2024, 2033)
EVERY_DAY = [date(year, 1, 1) + timedelta(days=n) for year in YEARS for n in range(365)]
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
weekdays = st.sets(st.integers(1, 7), min_size=1).map(frozenset)
spans = st.lists(
    st.builds(lambda first, length: Absence(first, first + timedelta(days=length)), days, st.integers(0, 40)),
    max_size=4,
)


def easter(year: int) -> date:
    """Of the Gregorian calendar (Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


@settings(deadline=None)
@given(days, weekdays, spans)
def test_the_first_day_on_which_nothing_is_in_the_way(day: date, weekly: frozenset[int], away: list[Absence]) -> None:
    found = reachable_on(day, weekly, away)
    assert found is not None
    looked_at = [day + timedelta(days=n) for n in range((found - day).days + 1)]
    free = [
        each
        for each in looked_at
        if each.isoweekday() in weekly and not is_holiday(each) and not any(one.covers(each) for one in away)
    ]
    assert free == [found]


@settings(deadline=None)
@given(days, weekdays, spans)
def test_asked_on_that_day_it_is_that_day(day: date, weekly: frozenset[int], away: list[Absence]) -> None:
    found, later = reachable_on(day, weekly, away), reachable_on(day + ONE_DAY, weekly, away)
    assert found is not None
    assert later is not None
    assert reachable_on(found, weekly, away) == found
    assert later >= found


@settings(deadline=None)
@given(days, weekdays, st.sets(st.integers(1, 7)), spans)
def test_more_days_a_week_and_fewer_away_are_never_later(
    day: date, weekly: frozenset[int], more: set[int], away: list[Absence]
) -> None:
    found = reachable_on(day, weekly, away)
    assert found is not None
    for sooner in (reachable_on(day, weekly | more, away), reachable_on(day, weekly, away[1:])):
        assert sooner is not None
        assert sooner <= found


def test_an_office_over_whole_years() -> None:
    """Day by day: the next day on which the Netherlands work, at most five days ahead (Easter, or Christmas)."""
    for day in EVERY_DAY:
        found = reachable_on(day, OFFICE_DAYS)
        assert found is not None
        assert is_working_day(found)
        assert (found == day) == is_working_day(day)
        assert (found - day).days <= 5, day


@pytest.mark.parametrize("year", YEARS)
def test_nobody_is_reached_on_a_holiday(year: int) -> None:
    kings_day = date(year, 4, 27)
    holidays = {
        date(year, 1, 1),
        easter(year) - timedelta(days=2),  # Good Friday, by the Algemene termijnenwet
        easter(year),
        easter(year) + timedelta(days=1),
        kings_day if kings_day.isoweekday() != 7 else kings_day - ONE_DAY,
        date(year, 5, 5),  # every year, not each fifth only
        easter(year) + timedelta(days=39),
        easter(year) + timedelta(days=49),
        easter(year) + timedelta(days=50),
        date(year, 12, 25),
        date(year, 12, 26),
    }
    for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        day = date(year, 1, 1) + timedelta(days=n)
        assert (reachable_on(day, ISO_WEEKDAYS) == day) == (day not in holidays), day


@pytest.mark.parametrize(
    ("day", "weekly", "away", "expected"),
    [
        (date(2026, 3, 2), (1, 2, 4), [], date(2026, 3, 2)),
        (date(2026, 3, 4), (1, 2, 4), [], date(2026, 3, 5)),
        (date(2026, 3, 6), (1, 2, 4), [], date(2026, 3, 9)),
        (date(2026, 4, 3), (5,), [], date(2026, 4, 10)),  # Good Friday
        (date(2026, 5, 5), (2,), [], date(2026, 5, 12)),
        (date(2026, 5, 2), (6,), [], date(2026, 5, 2)),  # who works on Saturdays
        (date(2026, 3, 7), (1, 2), [Absence(date(2026, 3, 9), date(2026, 3, 9))], date(2026, 3, 10)),
        (date(2026, 3, 2), (1,), [Absence(date(2026, 3, 1), date(2026, 3, 6)),
                                  Absence(date(2026, 3, 7), date(2026, 3, 9))], date(2026, 3, 16)),
        (date(2026, 3, 2), (1,), [Absence(date(2026, 3, 1), None)], None),
        (date(2026, 3, 1), (1,), [Absence(date(2026, 3, 2), None)], None),
        (date(2026, 3, 2), (1,), [Absence(date(2026, 3, 1), date.max)], None),
        (date(9999, 12, 31), (1,), [], None),
        (date(2026, 3, 2), (), [], None),
    ],
)  # fmt: skip
def test_reachable_on(day: date, weekly: tuple[int, ...], away: list[Absence], expected: date | None) -> None:
    assert reachable_on(day, weekly, away) == expected


# --- In the answer ------------------------------------------------------------------------------------------------


class Moments:
    """A clock that stands where the test puts it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 11, tzinfo=UTC)

    @property
    def day(self) -> date:
        return self.now.astimezone(AMSTERDAM).date()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Moments:
    return Moments()


def reachable(world: World, employment_id: str) -> Any:
    return world.ask(employment_id)["contact"]["reachable_on"]


# Nights of a Sunday: two in which the clock changes, one in summer and one in winter.
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 5), date(2026, 1, 11), date(2028, 3, 26)]


@pytest.mark.parametrize("sunday", NIGHTS)
def test_the_day_is_that_of_amsterdam_also_when_the_clock_changes(world: World, clock: Moments, sunday: date) -> None:
    """The absence ends with the Saturday, the caseworker works on Sundays: one second makes the difference."""
    employment_id = world.employment(BSNS[0], end_date=None)
    jansen = world.caseworker("M. Jansen", working_days=[6, 7])
    world.assign(BSNS[0], jansen, team_id=world.team_id, valid_from=date(2026, 1, 1))
    world.disclose(employment_id)
    world.absent(jansen, sunday - ONE_DAY, sunday - ONE_DAY)
    midnight = datetime(sunday.year, sunday.month, sunday.day, tzinfo=AMSTERDAM).astimezone(UTC)
    for seconds, kind, day in (
        (-1, "team", reachable_on(sunday, OFFICE_DAYS)),
        (0, "caseworker", sunday),
        (2 * 3600 - 1, "caseworker", sunday),  # around 02:00, when the clock jumps
        (2 * 3600, "caseworker", sunday),
        (3 * 3600, "caseworker", sunday),
    ):
        clock.now = midnight + timedelta(seconds=seconds)
        answer = world.ask(employment_id)["contact"]
        assert (answer["kind"], answer["reachable_on"]) == (kind, day), seconds
    # The day has 23, 24 or 25 hours.
    monday = datetime(sunday.year, sunday.month, sunday.day, tzinfo=AMSTERDAM) + ONE_DAY
    clock.now = monday.astimezone(UTC) - timedelta(seconds=1)
    assert reachable(world, employment_id) == sunday
    clock.now = monday.astimezone(UTC)
    assert reachable(world, employment_id) == sunday + timedelta(days=6)


def test_an_absence_that_begins_before_the_next_working_day(world: World, clock: Moments) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker = world.caseworker("M. Jansen"), world.caseworker("P. Bakker", working_days=[3])
    world.assign(BSNS[0], jansen, backup_id=bakker)
    world.disclose(employment_id)
    world.absent(jansen, date(2026, 3, 9), date(2026, 3, 10))
    world.absent(bakker, date(2026, 3, 4), date(2026, 3, 20))
    clock.now = datetime(2026, 3, 6, 11, tzinfo=UTC)  # a Friday: Jansen works on 1, 2 and 4
    answer = world.ask(employment_id)
    assert (answer["contact"]["kind"], answer["contact"]["reachable_on"]) == ("caseworker", date(2026, 3, 12))
    assert (answer["backup"]["name"], answer["backup"]["reachable_on"]) == ("P. Bakker", date(2026, 3, 25))


def test_the_desk_on_a_holiday(world: World, clock: Moments) -> None:
    clock.now = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)  # half past midnight in Amsterdam
    assert reachable(world, world.employment(BSNS[0])) == date(2026, 12, 28)
