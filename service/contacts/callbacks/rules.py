"""Call-backs: what one is about, when the call may come and by when it must, who may move it, and who is next.

Days are days in Amsterdam, times the time there. Windows lie in office hours on working days, so that no night in
which the clock changes is ever in one. Working days are those of the Algemene termijnenwet. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from enum import StrEnum
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.contacts.rules import ContactKind
from service.kernel.state import Move, StateMachine
from service.reference.working_days import (
    add_working_days,
    is_working_day,
    next_working_day,
    working_days_between,
)


class CallBackSubject(StrEnum):
    """What somebody wants to be called about: work and arrangements, never anything medical."""

    CONTACT = "contact"
    CONTRACT_END = "contract_end"
    CONTRACT_CHANGE = "contract_change"
    TRIAL_PLACEMENT = "trial_placement"
    WAGE_DISPENSATION = "wage_dispensation"
    JOBCOACH = "jobcoach"
    WORKPLACE_ADAPTATION = "workplace_adaptation"
    VACANCY = "vacancy"
    SERVICE = "service"
    OTHER = "other"


class CallBackStatus(StrEnum):
    """`not_reached` is still live: the call is tried again. `given_up` ends it after several attempts."""

    OPEN = "open"
    DELAYED = "delayed"
    NOT_REACHED = "not_reached"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"


class HandlerKind(StrEnum):
    """To whom a call-back is passed on behind the counter."""

    CASEWORKER = "caseworker"
    DESK = "desk"


LIVE_STATUSES: Final = frozenset({CallBackStatus.OPEN, CallBackStatus.DELAYED, CallBackStatus.NOT_REACHED})


class CallBackCause(StrEnum):
    """What a change of status sets going."""

    MOVE_DEADLINE = "move_deadline"
    COUNT_ATTEMPT = "count_attempt"
    STOP_CLOCK = "stop_clock"
    TELL_HANDLER = "tell_handler"


_CALLERS: Final = frozenset({PartyKind.UWV, PartyKind.DESK})
_ASKERS: Final = frozenset({PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION})


def _moves() -> list[Move[CallBackStatus]]:
    """From each live status the same, except that there is nothing to give up before the first attempt."""
    moves = []
    for source in (CallBackStatus.OPEN, CallBackStatus.DELAYED, CallBackStatus.NOT_REACHED):
        moves += [
            Move(source, CallBackStatus.DELAYED, _CALLERS, (CallBackCause.MOVE_DEADLINE,)),
            Move(
                source,
                CallBackStatus.NOT_REACHED,
                _CALLERS,
                (CallBackCause.COUNT_ATTEMPT, CallBackCause.MOVE_DEADLINE),
            ),
            Move(source, CallBackStatus.DONE, _CALLERS, (CallBackCause.STOP_CLOCK,)),
            Move(
                source,
                CallBackStatus.WITHDRAWN,
                _ASKERS,
                (CallBackCause.STOP_CLOCK, CallBackCause.TELL_HANDLER),
            ),
        ]
    # A delay may come after an attempt: what counts is the number of attempts.
    tried = (CallBackStatus.NOT_REACHED, CallBackStatus.DELAYED)
    return [*moves, *(Move(source, CallBackStatus.GIVEN_UP, _CALLERS, (CallBackCause.STOP_CLOCK,)) for source in tried)]


# Withdrawing is for the party that asked: the caller of the machine sees to that.
STATUS_MACHINE: Final = StateMachine("call-back", _moves())


# --- When the call may come -------------------------------------------------------------------------------------

FIRST_HOUR: Final = time(8)
LAST_HOUR: Final = time(18)
SHORTEST_WINDOW_MINUTES: Final = 30
WINDOWS_WITHIN_WORKING_DAYS: Final = 10
ANSWER_WORKING_DAYS: Final = 2


class Window(NamedTuple):
    """A time on one day in which somebody can be called: from `start` up to `end`, in Amsterdam."""

    day: date
    start: time
    end: time

    @property
    def minutes(self) -> int:
        return (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute


class DayError(StrEnum):
    """Why there can be no call on a day."""

    TOO_SOON = "too-soon"
    TOO_LATE = "too-late"
    NOT_A_WORKING_DAY = "not-a-working-day"


def day_error(day: date, today: date) -> DayError | None:
    """What is wrong with this day for a call: it is a working day after `today`, at most ten working days ahead."""
    if day <= today:
        return DayError.TOO_SOON
    if day > add_working_days(today, WINDOWS_WITHIN_WORKING_DAYS):
        return DayError.TOO_LATE
    return None if is_working_day(day) else DayError.NOT_A_WORKING_DAY


def long_enough(window: Window) -> bool:
    """Whether the window lasts half an hour or more; never where it ends before it begins."""
    return window.minutes >= SHORTEST_WINDOW_MINUTES


def overlap(one: Window, other: Window) -> bool:
    """Whether two windows have a time in common."""
    return one.day == other.day and one.start < other.end and other.start < one.end


# --- By when ----------------------------------------------------------------------------------------------------


def answer_by(asked: date, days: Sequence[date]) -> date:
    """The day by which the call comes: always one of `days`, those of the windows (at least one).

    The last one up to the second working day after `asked` (which is day 0); where all are later, the first of them.
    """
    limit = add_working_days(asked, ANSWER_WORKING_DAYS)
    in_time = [day for day in days if day <= limit]
    return max(in_time) if in_time else min(days)


def delay_error(until: date, today: date, due_by: date) -> DayError | None:
    """What is wrong with a delay until this day: it is a day for a call, after the deadline that it replaces."""
    return DayError.TOO_SOON if until <= due_by else day_error(until, today)


def try_again_by(tried: date, due_by: date) -> date:
    """The day by which somebody who was not reached is called again: the next working day, or the deadline if later."""
    return max(next_working_day(tried), due_by)


LEAST_ATTEMPTS: Final = 3


def may_give_up(attempts: int) -> bool:
    """Whether so many attempts are enough to end a call-back without a talk."""
    return attempts >= LEAST_ATTEMPTS


# --- A missed deadline ------------------------------------------------------------------------------------------

LEVELS: Final = tuple(ContactKind)
"""With whom a call-back can be, in the order in which a missed deadline passes it on."""


def levels_after(current: ContactKind, there: frozenset[ContactKind]) -> list[ContactKind]:
    """To whom a missed deadline leads from `current`, the next one first: those who are `there`, and the desk."""
    later = LEVELS[LEVELS.index(current) + 1 :]
    return [level for level in later if level in there or level is ContactKind.DESK]


def escalated(
    current: ContactKind, next_on: date, today: date, there: frozenset[ContactKind] = frozenset(ContactKind)
) -> tuple[ContactKind, date] | None:
    """With whom a call-back is `today`, and since which day; None before `next_on`, the day of the next step.

    One step per working day, and it stays with the desk. After a standstill it goes at once to whom it belongs.
    """
    if today < next_on:
        return None
    path = levels_after(current, there)
    steps = min(working_days_between(next_on, today) + 1, len(path))
    if steps == 0:
        return current, next_on
    return path[steps - 1], add_working_days(next_on, steps - 1)
