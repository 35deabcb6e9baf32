"""When work is late, due and new, and with whom it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.signals.rules import EscalationLevel
from service.worklists.rules import Due, With, is_late, is_new, span_of, with_whom

WEDNESDAY = date(2026, 12, 2)
NOBODY = With(None, None)
ADA = With("ada", "north")


@given(st.integers(-30, 30))
def test_each_day_falls_under_one_of_them(days: int) -> None:
    day = WEDNESDAY + timedelta(days=days)
    assert [due for due in Due if span_of(due, WEDNESDAY).covers(day)] == [
        Due.LATE if days < 0 else Due.TODAY if days == 0 else Due.WEEK if days <= 7 else Due.LATER
    ]
    assert is_late(day, WEDNESDAY) == span_of(Due.LATE, WEDNESDAY).covers(day)


def test_what_has_no_deadline_is_never_late() -> None:
    assert not is_late(None, WEDNESDAY)


@pytest.mark.parametrize(
    ("came", "seen", "new"),
    [
        (WEDNESDAY, False, True),
        (WEDNESDAY, True, False),
        (date(2026, 11, 27), False, True),  # Friday, the third working day before
        (date(2026, 11, 26), False, False),
    ],
)
def test_new_is_what_came_in_three_working_days_and_nobody_saw(came: date, seen: bool, new: bool) -> None:
    assert is_new(came, WEDNESDAY, seen=seen) is new


@pytest.mark.parametrize(
    ("level", "handler", "backup_id", "expected"),
    [
        (None, NOBODY, None, ADA),
        (EscalationLevel.CASEWORKER, NOBODY, "bo", ADA),
        (EscalationLevel.BACKUP, NOBODY, "bo", With("bo", "north")),
        (EscalationLevel.BACKUP, NOBODY, None, ADA),
        (EscalationLevel.TEAM, NOBODY, "bo", With(None, "north")),
        (EscalationLevel.DESK, NOBODY, "bo", None),
        (EscalationLevel.BACKUP, With("cor", None), "bo", With("cor", None)),
    ],
)
def test_with_whom_it_is(
    level: EscalationLevel | None, handler: With, backup_id: str | None, expected: With | None
) -> None:
    assert with_whom(level, handler=handler, assigned=ADA, backup_id=backup_id) == expected


def test_nobody_assigned_is_the_desk() -> None:
    assert with_whom(None, handler=NOBODY, assigned=NOBODY, backup_id=None) is None
