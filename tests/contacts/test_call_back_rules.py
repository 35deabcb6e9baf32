"""Call-backs: windows, deadlines, status, and to whom a missed deadline leads."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.contacts.callbacks import rules
from service.contacts.callbacks.rules import (
    LIVE_STATUSES,
    STATUS_MACHINE,
    CallBackStatus,
    CallBackSubject,
    DayError,
    Window,
)
from service.contacts.callbacks.wording import SUBJECT_TEXT
from service.contacts.rules import ContactKind
from service.kernel.clock import AMSTERDAM, amsterdam_day
from service.kernel.state import ForbiddenMove
from service.reference.working_days import add_working_days, is_working_day, next_working_day, working_days_between

DAYS = st.dates(date(2024, 1, 1), date(2060, 12, 31))
YEARS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]
TIMES = st.times(rules.FIRST_HOUR, rules.LAST_HOUR).map(lambda found: found.replace(second=0, microsecond=0))
# A first look at the holidays of a year takes time.
relaxed = settings(deadline=None)


def choices(today: date) -> list[date]:
    """All days that can be chosen on this day, found by asking for each of a month."""
    days = (today + timedelta(days=n) for n in range(-5, 31))
    return [day for day in days if rules.day_error(day, today) is None]


# --- Windows ------------------------------------------------------------------------------------------------------


def test_each_day_of_three_years_has_ten_days_to_choose_from() -> None:
    for today in YEARS:
        found = choices(today)
        assert found == [add_working_days(today, n) for n in range(1, 11)], today
        assert all(is_working_day(day) and day > today for day in found)


@pytest.mark.parametrize(
    ("day", "today", "error"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), DayError.TOO_SOON),
        (date(2026, 3, 1), date(2026, 3, 2), DayError.TOO_SOON),
        (date(2026, 3, 3), date(2026, 3, 2), None),
        (date(2026, 3, 7), date(2026, 3, 2), DayError.NOT_A_WORKING_DAY),
        (date(2026, 3, 16), date(2026, 3, 2), None),
        (date(2026, 3, 17), date(2026, 3, 2), DayError.TOO_LATE),
        # Good Friday and Easter Monday 2026 are 3 and 6 April.
        (date(2026, 4, 3), date(2026, 4, 2), DayError.NOT_A_WORKING_DAY),
        (date(2026, 4, 7), date(2026, 4, 2), None),
        (date(2026, 4, 17), date(2026, 4, 2), None),
        (date(2026, 5, 5), date(2026, 5, 4), DayError.NOT_A_WORKING_DAY),
    ],
)
def test_the_days_of_windows(day: date, today: date, error: DayError | None) -> None:
    assert rules.day_error(day, today) is error


def test_no_window_touches_a_night_in_which_the_clock_changes() -> None:
    """Each window is as long in Amsterdam as in UTC, and lies on the same day there."""
    for today in YEARS[:366]:
        for day in choices(today)[:1]:
            start = datetime.combine(day, rules.FIRST_HOUR, AMSTERDAM).astimezone(UTC)
            end = datetime.combine(day, rules.LAST_HOUR, AMSTERDAM).astimezone(UTC)
            assert end - start == timedelta(hours=10)
            assert amsterdam_day(start) == amsterdam_day(end) == day


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        # The clock goes forward on Sunday 29 March 2026 and back on Sunday 25 October 2026.
        (datetime(2026, 3, 27, 22, 59, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 31)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 27)),
    ],
)
def test_the_first_day_follows_the_day_in_amsterdam(moment: datetime, first: date) -> None:
    assert choices(amsterdam_day(moment))[0] == first


@pytest.mark.parametrize(
    ("start", "end", "enough"),
    [
        (time(9), time(9, 30), True),
        (time(9), time(9, 15), False),
        (time(9, 45), time(10), False),
        (time(9, 45), time(10, 15), True),
        (time(9), time(9), False),
        (time(12), time(9), False),
        (time(8), time(18), True),
    ],
)
def test_half_an_hour_is_enough(start: time, end: time, enough: bool) -> None:
    assert rules.long_enough(Window(date(2026, 3, 3), start, end)) is enough


@given(st.tuples(DAYS, TIMES, TIMES), st.tuples(DAYS, TIMES, TIMES), st.booleans())
def test_windows_overlap_when_they_share_a_minute(
    one: tuple[date, time, time], other: tuple[date, time, time], same: bool
) -> None:
    first, second = Window(*one), Window(one[0] if same else other[0], *other[1:])
    assume(first.start < first.end and second.start < second.end)

    def minutes(window: Window) -> set[tuple[date, int]]:
        begin = window.start.hour * 60 + window.start.minute
        return {(window.day, minute) for minute in range(begin, begin + window.minutes)}

    assert rules.overlap(first, second) is bool(minutes(first) & minutes(second))
    assert rules.overlap(first, second) is rules.overlap(second, first)


# --- Deadlines ----------------------------------------------------------------------------------------------------


@relaxed
@given(DAYS, st.sets(st.integers(1, 10), min_size=1))
def test_the_call_comes_on_a_day_of_the_windows_and_soon(asked: date, numbers: set[int]) -> None:
    days = [add_working_days(asked, number) for number in sorted(numbers)]
    by = rules.answer_by(asked, days)
    assert by in days
    assert is_working_day(by)
    if min(numbers) <= 2:
        assert working_days_between(asked, by) <= 2
    else:
        assert by == days[0]
    assert not any(by < day <= add_working_days(asked, 2) for day in days)


def test_the_deadline_by_example() -> None:
    monday = date(2026, 3, 2)
    tuesday, wednesday, thursday, friday = (date(2026, 3, day) for day in (3, 4, 5, 6))
    assert rules.answer_by(monday, [tuesday]) == tuesday
    assert rules.answer_by(monday, [tuesday, wednesday, friday]) == wednesday
    assert rules.answer_by(monday, [friday, thursday]) == thursday
    # Thursday before Good Friday: the second working day is Wednesday after Easter.
    assert rules.answer_by(date(2026, 4, 2), [date(2026, 4, 7), date(2026, 4, 8), date(2026, 4, 9)]) == date(2026, 4, 8)


@relaxed
@given(DAYS, st.integers(-20, 20))
def test_a_delay_leads_to_a_working_day_after_the_deadline(today: date, ahead: int) -> None:
    due_by = today + timedelta(days=ahead)
    for number in range(-3, 30):
        until = today + timedelta(days=number)
        allowed = until > due_by and until in choices(today)
        assert (rules.delay_error(until, today, due_by) is None) is allowed


@relaxed
@given(DAYS, st.integers(-20, 20))
def test_an_early_attempt_in_vain_makes_no_deadline_nearer(tried: date, ahead: int) -> None:
    due_by = tried + timedelta(days=ahead)
    again = rules.try_again_by(tried, due_by)
    assert again == (due_by if due_by > next_working_day(tried) else next_working_day(tried))


@pytest.mark.parametrize(("attempts", "may"), [(0, False), (2, False), (3, True), (9, True)])
def test_three_attempts_before_giving_up(attempts: int, may: bool) -> None:
    assert rules.may_give_up(attempts) is may


# --- Escalation ---------------------------------------------------------------------------------------------------

LEVELS = st.sampled_from(ContactKind)
THERE = st.frozensets(LEVELS)


@relaxed
@given(LEVELS, THERE, DAYS.map(next_working_day), st.integers(-3, 12))
def test_a_missed_deadline_goes_one_step_a_working_day(
    current: ContactKind, there: frozenset[ContactKind], next_on: date, days: int
) -> None:
    today = next_on + timedelta(days=days)
    found = rules.escalated(current, next_on, today, there)
    assert (found is None) is (today < next_on)
    if found is None:
        return
    level, since = found
    assert next_on <= since <= today
    assert is_working_day(since)
    assert rules.LEVELS.index(level) >= rules.LEVELS.index(current)
    assert level in there or level is ContactKind.DESK or current is ContactKind.DESK
    assert working_days_between(next_on, since) <= len(rules.levels_after(current, there))


@relaxed
@given(LEVELS, THERE, DAYS.map(next_working_day), st.integers(0, 9))
def test_a_standstill_leads_to_the_same_as_step_by_step(
    current: ContactKind, there: frozenset[ContactKind], next_on: date, steps: int
) -> None:
    today = add_working_days(next_on, steps)
    level, since, on = current, next_on, next_on
    while on <= today and level is not ContactKind.DESK:
        found = rules.escalated(level, on, on, there)
        assert found is not None
        level, since = found
        on = next_working_day(on)
    assert rules.escalated(current, next_on, today, there) == (level, since)


def test_everybody_there_by_example() -> None:
    friday = date(2026, 3, 6)
    path = [rules.escalated(ContactKind.CASEWORKER, friday, friday + timedelta(days=n)) for n in range(-1, 6)]
    backup, team = (ContactKind.BACKUP, friday), (ContactKind.TEAM, date(2026, 3, 9))
    desk = (ContactKind.DESK, date(2026, 3, 10))
    assert path == [None, backup, backup, backup, team, desk, desk]


# --- Status -------------------------------------------------------------------------------------------------------

CALLERS = (PartyKind.UWV, PartyKind.DESK)
ASKERS = (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)


@pytest.mark.parametrize("kind", PartyKind)
def test_who_may_move_what(kind: PartyKind) -> None:
    live = {CallBackStatus.OPEN, CallBackStatus.DELAYED, CallBackStatus.NOT_REACHED}
    for source, target in product(CallBackStatus, CallBackStatus):
        allowed = False
        if source in live and kind in CALLERS:
            allowed = target in {CallBackStatus.DELAYED, CallBackStatus.NOT_REACHED, CallBackStatus.DONE}
            allowed |= target is CallBackStatus.GIVEN_UP and source is not CallBackStatus.OPEN
        elif source in live and kind in ASKERS:
            allowed = target is CallBackStatus.WITHDRAWN
        if allowed:
            assert STATUS_MACHINE.move(source, target, kind).causes
        else:
            with pytest.raises(ForbiddenMove):
                STATUS_MACHINE.move(source, target, kind)


def test_what_is_not_live_is_final() -> None:
    assert {state for state in CallBackStatus if not STATUS_MACHINE.is_final(state)} == LIVE_STATUSES


def test_each_subject_has_its_words() -> None:
    assert set(SUBJECT_TEXT) == set(CallBackSubject)
    for one, other in pairwise(sorted(SUBJECT_TEXT.values())):
        assert one != other
