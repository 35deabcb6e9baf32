"""When the register asks, when it does not, by when an answer is due and what it means for asking again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.employers.questions import rules
from service.employers.questions.rules import Answer, LapseReason, QuestionKind, QuestionStatus, Suspicion
from service.employers.rules import end_by_wages
from service.reference.working_days import working_days_between

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))
COUNTS = st.integers(0, 5_000)


# --- A full list that leaves people out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "total", "failed", "expected"),
    [
        (0, 100, 0, None),
        (1, 1, 0, None),
        (9, 9, 0, None),
        (9, 10, 0, None),
        (10, 50, 0, None),
        (11, 55, 0, None),
        (10, 49, 0, Suspicion.MANY_MISSING),
        (21, 104, 0, Suspicion.MANY_MISSING),
        (1, 100, 1, Suspicion.ROWS_FAILED),
        (50, 100, 1, Suspicion.ROWS_FAILED),
    ],
)
def test_what_makes_a_full_list_doubtful(missing: int, total: int, failed: int, expected: Suspicion | None) -> None:
    assert rules.suspicion(missing, total, failed) is expected
    assert rules.ask_about_missing(missing, total, failed) == (expected is None and missing > 0)


@settings(deadline=None)
@given(COUNTS, COUNTS, st.integers(0, 3))
def test_fewer_missing_of_more_people_is_never_more_doubtful(missing: int, rest: int, failed: int) -> None:
    total = missing + rest
    if rules.ask_about_missing(missing, total, failed):
        assert failed == 0
        assert missing < 10 or missing / total <= 0.2
        assert rules.ask_about_missing(missing, total + 1, failed)
        assert missing == 1 or rules.ask_about_missing(missing - 1, total, failed)
        assert not rules.ask_about_missing(missing, total, 1)


# --- Months without wages -------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(DAYS, DAYS)
def test_the_latest_silent_month_is_the_border_of_the_end_by_wages(wages: date, today: date) -> None:
    month = wages.replace(day=1)
    assert (month <= rules.latest_silent_month(today)) == (end_by_wages(month, today) is not None)


@settings(deadline=None)
@given(DAYS)
def test_who_began_by_then_could_have_had_wages_for_three_months(today: date) -> None:
    border = rules.began_by(today)
    assert border.day == 1
    assert (today.year - border.year) * 12 + today.month - border.month == 3


def test_the_end_that_wages_suggest_does_not_lie_before_the_start() -> None:
    assert rules.proposed_end(date(2025, 1, 1), date(2026, 6, 1), TODAY) == date(2026, 6, 30)
    assert rules.proposed_end(date(2026, 6, 30), date(2026, 6, 1), TODAY) == date(2026, 6, 30)
    assert rules.proposed_end(date(2026, 7, 1), date(2026, 6, 1), TODAY) is None
    assert rules.proposed_end(date(2025, 1, 1), date(2026, 8, 1), TODAY) is None


# --- By when --------------------------------------------------------------------------------------------------------


def test_ten_working_days_to_answer() -> None:
    assert rules.answer_by(TODAY) == date(2026, 12, 7)
    assert rules.step_days(TODAY) == (date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 8))
    assert rules.answer_by(date(2026, 12, 18)) == date(2027, 1, 5)  # over Christmas and New Year


@settings(deadline=None)
@given(DAYS, st.integers(0, 40), st.none() | DAYS)
def test_the_clock_looks_at_the_next_step_or_after_the_end(asked: date, later: int, end: date | None) -> None:
    today = asked + timedelta(days=later)
    reached = rules.steps_reached(asked, today)
    assert reached == sum(working_days_between(asked, today) >= days for days in (5, 10, 11))
    following = rules.next_look(asked, reached, end)
    if end is None:
        assert following is None if reached == rules.STEPS else following is not None and following > today
    else:
        assert following is not None
        assert following <= end + timedelta(days=1)
    late = rules.is_late(QuestionStatus.OPEN, rules.answer_by(asked), today)
    assert late == (today > rules.answer_by(asked))
    assert not rules.is_late(QuestionStatus.ANSWERED, rules.answer_by(asked), today)


def test_an_end_at_the_end_of_the_calendar_stops_no_clock() -> None:
    assert rules.next_look(TODAY, rules.STEPS, date.max) is None


# --- What an answer means -------------------------------------------------------------------------------------------


def test_how_long_an_answer_keeps_quiet() -> None:
    assert rules.quiet_until(Answer.STILL_EMPLOYED, TODAY, None) == TODAY + timedelta(days=90)
    assert rules.quiet_until(Answer.LEFT_OUT, TODAY, None) == date.max
    assert rules.quiet_until(Answer.ENDED, TODAY, TODAY) == TODAY
    assert rules.quiet_until(Answer.ENDED, TODAY, TODAY - timedelta(days=1)) is None


MISSING, NO_WAGES = QuestionKind.MISSING, QuestionKind.NO_WAGES
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("kind", "asked", "end", "month", "expected"),
    [
        (MISSING, None, None, None, None),
        (MISSING, None, TODAY, JUNE, None),
        (MISSING, None, TODAY - timedelta(days=1), None, LapseReason.END_REGISTERED),
        (NO_WAGES, JUNE, None, JUNE, None),
        (NO_WAGES, JUNE, None, date(2026, 6, 30), None),
        (NO_WAGES, JUNE, None, JULY, LapseReason.WAGES_CHANGED),
        (NO_WAGES, JUNE, None, None, LapseReason.WAGES_CHANGED),
        (NO_WAGES, JUNE, date(2027, 1, 31), JUNE, LapseReason.END_REGISTERED),
    ],
)
def test_when_there_is_nothing_to_ask_any_more(
    kind: QuestionKind, asked: date | None, end: date | None, month: date | None, expected: LapseReason | None
) -> None:
    assert rules.lapse_reason(kind, asked, end, month, TODAY) is expected


def test_only_the_employer_answers_and_what_is_over_stays_over() -> None:
    machine = rules.STATUS_MACHINE
    for kind in PartyKind:
        answers = kind is PartyKind.EMPLOYER
        assert (QuestionStatus.ANSWERED in machine.allowed(QuestionStatus.OPEN, kind)) == answers
    assert machine.is_final(QuestionStatus.ANSWERED)
    assert machine.is_final(QuestionStatus.LAPSED)
