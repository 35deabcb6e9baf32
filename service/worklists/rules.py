"""What a worklist says of work: whether it is late, when it is due, whether it is new, and with whom it is.

Days are days in Amsterdam. All functions are pure.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.reference.working_days import add_working_days
from service.signals.rules import EscalationLevel

NEW_WORKING_DAYS: Final = 3
"""How long something that nobody looked at counts as new: the working days in which it should be picked up. Ours."""

WEEK_DAYS: Final = 7
ONE_DAY: Final = timedelta(days=1)


class Due(StrEnum):
    """When work is due: each item falls under one of these. `later` holds what has no deadline too."""

    LATE = "late"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


class Span(NamedTuple):
    """Days from the first up to and including the last; None: no limit on that side."""

    first: date | None
    last: date | None

    def covers(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def span_of(due: Due, today: date) -> Span:
    """The last days of the work that is due then. `week` begins tomorrow and has seven days."""
    week_ends = today + timedelta(days=WEEK_DAYS)
    return {
        Due.LATE: Span(None, today - ONE_DAY),
        Due.TODAY: Span(today, today),
        Due.WEEK: Span(today + ONE_DAY, week_ends),
        Due.LATER: Span(week_ends + ONE_DAY, None),
    }[due]


def is_late(due_on: date | None, today: date) -> bool:
    """Whether the last day has passed: a deadline ends with its day."""
    return due_on is not None and due_on < today


def new_since(today: date) -> date:
    """The first day whose arrivals can still be new today."""
    return add_working_days(today, -NEW_WORKING_DAYS)


def is_new(came: date, today: date, *, seen: bool) -> bool:
    """Whether work is new: it came today or in the three working days before, and nobody has looked at it."""
    return not seen and came >= new_since(today)


class With(NamedTuple):
    """With whom work is: a caseworker, a team, or a caseworker of that team."""

    caseworker_id: str | None
    team_id: str | None


def with_whom(level: EscalationLevel | None, *, handler: With, assigned: With, backup_id: str | None) -> With | None:
    """With whom work is at UWV; None: with nobody there, so with the desk.

    `handler` is who has it by name, empty where it goes with the person. Then it is with who is `assigned` to the
    person, and after a missed deadline with the level to which that led.
    """
    if handler != With(None, None):
        return handler
    if level is EscalationLevel.DESK:
        return None
    if level is EscalationLevel.TEAM and assigned.team_id is not None:
        return With(None, assigned.team_id)
    if level is EscalationLevel.BACKUP and backup_id is not None:
        return With(backup_id, assigned.team_id)
    return None if assigned == With(None, None) else assigned
