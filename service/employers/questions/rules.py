"""What the contract register asks back: when, by when an answer is due, and what an answer means for asking again.

That somebody is missing from a full list, or has no wages any more, is a question to the employer, never an end by
itself. Everything here is the same for each employee, whether UWV knows the person or not. All functions are pure.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.employers.rules import MONTHS_WITHOUT_WAGES, ONE_DAY, end_by_wages, month_of, months_later
from service.kernel.state import Move, StateMachine
from service.reference.working_days import add_working_days, next_working_day


class QuestionKind(StrEnum):
    """Why the register asks: not named in a full list, or three whole months without wages."""

    MISSING = "missing"
    NO_WAGES = "no_wages"


class QuestionStatus(StrEnum):
    """`lapsed`: there is nothing to ask any more, and nobody had to answer."""

    OPEN = "open"
    ANSWERED = "answered"
    LAPSED = "lapsed"


class Answer(StrEnum):
    """`left_out`: the employer no longer wants this service for this employee. It says nothing about the contract."""

    STILL_EMPLOYED = "still_employed"
    ENDED = "ended"
    LEFT_OUT = "left_out"


class LapseReason(StrEnum):
    """Why there is nothing to ask any more."""

    NAMED_AGAIN = "named_again"
    END_REGISTERED = "end_registered"
    WAGES_CHANGED = "wages_changed"
    LEFT_OUT = "left_out"


STATUS_MACHINE: Final = StateMachine(
    "employment-question",
    [
        Move(QuestionStatus.OPEN, QuestionStatus.ANSWERED, frozenset({PartyKind.EMPLOYER})),
        Move(QuestionStatus.OPEN, QuestionStatus.LAPSED, frozenset({PartyKind.SYSTEM})),
    ],
)


# --- A full list that leaves people out -------------------------------------------------------------------------

LEAST_SUSPICIOUS: Final = 10
ONE_IN: Final = 5


class Suspicion(StrEnum):
    """Why a full list is rather wrong than telling."""

    ROWS_FAILED = "rows-failed"
    MANY_MISSING = "many-missing"


def many_at_once(asked: int, total: int) -> bool:
    """Whether so many of so many say more about a file than about people: over 20%, and at least 10."""
    return asked >= LEAST_SUSPICIOUS and asked * ONE_IN > total


def suspicion(missing: int, total: int, failed: int) -> Suspicion | None:
    """What makes a full list doubtful; None where it is not.

    `total` counts the running employments of the register, `missing` those of them that the list does not name,
    `failed` the rows with something wrong: each of these may be one of the missing.
    """
    if failed > 0:
        return Suspicion.ROWS_FAILED
    return Suspicion.MANY_MISSING if many_at_once(missing, total) else None


def ask_about_missing(missing: int, total: int, failed: int) -> bool:
    """Whether to ask about each who is missing; else one remark says what is odd (see `suspicion`)."""
    return missing > 0 and suspicion(missing, total, failed) is None


# --- Months without wages ---------------------------------------------------------------------------------------


def latest_silent_month(today: date) -> date:
    """The first day of the last month for which `end_by_wages` gives an end today.

    >>> latest_silent_month(date(2026, 5, 1))
    datetime.date(2026, 1, 1)
    """
    months = today.year * 12 + today.month - 1 - (MONTHS_WITHOUT_WAGES + 1)
    return date(months // 12, months % 12 + 1, 1)


def began_by(today: date) -> date:
    """An employment that began later has not been without wages for three whole months."""
    return months_later(latest_silent_month(today), 1)


def proposed_end(start: date, last_wage_month: date, today: date) -> date | None:
    """The end that the wages suggest; None where the employment had not begun by then."""
    found = end_by_wages(last_wage_month, today)
    return found if found is not None and found >= start else None


# --- By when ----------------------------------------------------------------------------------------------------

REMIND_WORKING_DAYS: Final = 5
ANSWER_WORKING_DAYS: Final = 10
STEPS: Final = 3
"""What the clock does while there is no answer: two reminders, then the desk hears of it."""


def answer_by(asked_on: date) -> date:
    """The day by which the answer is due; `asked_on` is day 0."""
    return add_working_days(asked_on, ANSWER_WORKING_DAYS)


def step_days(asked_on: date) -> tuple[date, date, date]:
    """The days of the first reminder, of the second, and of telling the desk."""
    last = answer_by(asked_on)
    return add_working_days(asked_on, REMIND_WORKING_DAYS), last, next_working_day(last)


def steps_reached(asked_on: date, today: date) -> int:
    """How many of the steps are due by today. After a standstill only the last of them is worth doing."""
    return sum(day <= today for day in step_days(asked_on))


def next_look(asked_on: date, steps: int, end_date: date | None) -> date | None:
    """The day on which the clock looks at an open question again, after so many steps; None: never.

    With an end date in the register it is over the day after that.
    """
    after_end = [] if end_date is None or end_date == date.max else [end_date + ONE_DAY]
    return min([*step_days(asked_on)[steps:], *after_end], default=None)


def is_late(status: QuestionStatus, due: date, today: date) -> bool:
    """Whether an answer is overdue. A question stays open then: silence is no answer."""
    return status is QuestionStatus.OPEN and today > due


# --- What an answer means for asking again ----------------------------------------------------------------------

QUIET_DAYS: Final = 90
FOR_GOOD: Final = date.max


def quiet_until(answer: Answer, today: date, end_date: date | None) -> date | None:
    """The last day on which the same is not asked again; None: an answer that needs no quiet.

    Still employed: 90 days. Left out: for good. An end that is still to come: up to that day.
    """
    if answer is Answer.LEFT_OUT:
        return FOR_GOOD
    if answer is Answer.STILL_EMPLOYED:
        return today + timedelta(days=QUIET_DAYS)
    return end_date if end_date is not None and end_date >= today else None


def lapse_reason(
    kind: QuestionKind, asked_month: date | None, end_date: date | None, last_wage_month: date | None, today: date
) -> LapseReason | None:
    """Why an open question is no longer one, by what the register says now; None: it still is.

    An end date that is still to come answers a question about wages, but not why somebody is missing today.
    """
    if end_date is not None and (kind is QuestionKind.NO_WAGES or end_date < today):
        return LapseReason.END_REGISTERED
    if kind is QuestionKind.NO_WAGES and (last_wage_month is None or _other(last_wage_month, asked_month)):
        return LapseReason.WAGES_CHANGED
    return None


def _other(month: date, asked: date | None) -> bool:
    return asked is None or month_of(month) != month_of(asked)
