"""When the employer answers and when it is reminded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.reference.working_days import add_working_days, is_working_day, next_working_day
from service.signals.asking import rules
from service.signals.asking.rules import Answer, Due
from service.signals.rules import SignalPhase

MONDAY = date(2026, 10, 5)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, date(2026, 10, 19)),
        (date(2027, 1, 4), date(2026, 10, 19)),
        (date(2026, 11, 17), date(2026, 10, 16)),  # one month before is a Saturday
        (date(2026, 11, 12), date(2026, 10, 12)),
        (date(2026, 11, 6), date(2026, 10, 6)),
        (date(2026, 11, 5), date(2026, 10, 19)),  # the month has begun
        (date(2026, 10, 1), date(2026, 10, 19)),
    ],
)
def test_answer_by(end: date | None, expected: date) -> None:
    assert rules.answer_by(MONDAY, end) == expected


@settings(max_examples=50)
@given(days, st.none() | days)
def test_the_day_is_a_working_day_ahead(asked: date, end: date | None) -> None:
    by = rules.answer_by(asked, end)
    assert is_working_day(by)
    assert next_working_day(asked) <= by <= add_working_days(asked, rules.ANSWER_WORKING_DAYS)
    assert asked < rules.first_reminder(asked, by) <= by


@settings(max_examples=50)
@given(days, st.none() | days, st.sets(st.integers(0, 40)))
def test_each_reminder_comes_once_however_the_clock_runs(asked: date, end: date | None, runs: set[int]) -> None:
    """Whenever the worker looks: two reminders at most, one word to the caseworker, and never two on one day."""
    by = rules.answer_by(asked, end)
    reminded: date | None = None
    look_again_on: date | None = rules.first_reminder(asked, by)
    reminders = told = 0
    for after in [*sorted(runs), 41]:
        today = asked + timedelta(days=after)
        if look_again_on is None or look_again_on > today:
            continue
        found = rules.due(asked, by, reminded, today)
        assert found.look_again_on is None or found.look_again_on > today
        reminders += found.remind
        told += found.tell_caseworker
        assert not found.tell_caseworker or today > by
        reminded, look_again_on = today if found.remind else reminded, found.look_again_on
    assert told == 1
    assert 1 <= reminders <= 2


def test_what_is_due() -> None:
    by = date(2026, 10, 19)
    first = date(2026, 10, 12)
    assert rules.due(MONDAY, by, None, date(2026, 10, 9)) == Due(False, False, first)
    assert rules.due(MONDAY, by, None, first) == Due(True, False, by)
    assert rules.due(MONDAY, by, first, first) == Due(False, False, by)
    assert rules.due(MONDAY, by, first, by) == Due(True, False, date(2026, 10, 20))
    assert rules.due(MONDAY, by, by, date(2026, 10, 20)) == Due(False, True, None)
    assert rules.due(MONDAY, by, None, date(2026, 11, 20)) == Due(True, True, None)


def test_a_report_is_an_answer() -> None:
    assert {phase: rules.answer_in(phase) for phase in SignalPhase} == {
        SignalPhase.ENDING_SOON: Answer.UNDECIDED,
        SignalPhase.DOUBT: Answer.UNDECIDED,
        SignalPhase.DECIDED: Answer.ENDING,
        SignalPhase.ENDED: Answer.ENDING,
    }
