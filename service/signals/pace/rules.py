"""The person's own pace: how long clocks may stand still, and what can be said of a start interview. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from service.employers.rules import months_later
from service.signals.deadlines import too_long_ago
from service.signals.steps import InterviewResult

PAUSE_MONTHS: Final = 12
"""At most so far ahead; it can be renewed."""


class PaceError(StrEnum):
    """What is wrong with a pause or an interview, as codes."""

    TOO_SOON = "too-soon"
    TOO_LATE = "too-late"
    IN_THE_FUTURE = "in-the-future"
    REQUIRED = "required"
    NOT_HELD = "not-held"
    TOO_LONG_AGO = "too-long-ago"


def pause_error(until: date, today: date) -> PaceError | None:
    """A pause lasts into the future, and twelve months at most."""
    if until <= today:
        return PaceError.TOO_SOON
    return PaceError.TOO_LATE if until > months_later(today, PAUSE_MONTHS) else None


def interview_error(result: InterviewResult, held_on: date | None, today: date, reported: date) -> PaceError | None:
    """One that was held has its day, not in the future and not long before the report; one that was not needed has
    none."""
    if result is InterviewResult.NOT_NEEDED:
        return None if held_on is None else PaceError.NOT_HELD
    if held_on is None:
        return PaceError.REQUIRED
    if held_on > today:
        return PaceError.IN_THE_FUTURE
    return PaceError.TOO_LONG_AGO if too_long_ago(held_on, reported) else None
