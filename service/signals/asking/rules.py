"""Asking an employer how an approaching end stands: by when it answers, and when it is reminded.

All functions are pure: days in Amsterdam come in as values.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from service.employers.rules import months_later
from service.reference.working_days import add_working_days, is_working_day, next_working_day
from service.signals.rules import SignalPhase

ANSWER_WORKING_DAYS: Final = 10
REMIND_WORKING_DAYS: Final = 5
NOTICE_MONTHS: Final = 1


class Answer(StrEnum):
    """What an employer says of an end that comes near."""

    EXTENDED = "extended"
    UNDECIDED = "undecided"
    ENDING = "ending"


PHASE_OF: Final = {Answer.UNDECIDED: SignalPhase.DOUBT, Answer.ENDING: SignalPhase.DECIDED}
"""With which phase an answer joins the signal as the employer's own report."""


def answer_in(phase: SignalPhase) -> Answer:
    """The answer that an employer's own report gives, where it reports instead of answering."""
    return Answer.ENDING if phase in (SignalPhase.DECIDED, SignalPhase.ENDED) else Answer.UNDECIDED


def answer_by(asked: date, end: date | None) -> date:
    """The working day by which the employer answers.

    The tenth after the question; at the latest one month before the end (the statutory notice), or the last working
    day before that, where that month is still ahead; never before the first working day after the question.
    """
    latest = add_working_days(asked, ANSWER_WORKING_DAYS)
    notice = None if end is None else months_later(end, -NOTICE_MONTHS)
    if notice is not None and notice > asked:
        latest = min(latest, notice if is_working_day(notice) else add_working_days(notice, -1))
    return max(latest, next_working_day(asked))


def first_reminder(asked: date, by: date) -> date:
    """The first day on which the clock looks at an open question: five working days later, or on its last day."""
    return min(add_working_days(asked, REMIND_WORKING_DAYS), by)


class Due(NamedTuple):
    """What the clock does today, and the day on which it looks again; None: never."""

    remind: bool
    tell_caseworker: bool
    look_again_on: date | None


def due(asked: date, by: date, reminded: date | None, today: date) -> Due:
    """What is due for a question that is still open.

    The employer is reminded after five working days and on the last day; on the working day after that UWV's side
    hears that there is no answer. After a standstill that is one reminder, not one for each that was missed.
    """
    late = reminded is None or reminded < by
    after = next_working_day(by)
    if today >= after:
        return Due(late, True, None)
    if today >= by:
        return Due(late, False, after)
    first = first_reminder(asked, by)
    if today >= first:
        return Due(reminded is None, False, by)
    return Due(False, False, first)
