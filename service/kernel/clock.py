"""Time comes in from outside: whoever needs it is handed a clock, so that tests set it and never sleep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def system_clock() -> datetime:
    """The present moment, with its zone (UTC)."""
    return datetime.now(UTC)


def amsterdam_day(moment: datetime) -> date:
    """The calendar day in the Netherlands at this moment (which must carry a zone)."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no day in Amsterdam")
    return moment.astimezone(AMSTERDAM).date()
