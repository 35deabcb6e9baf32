"""Calendar feeds: what stands in one about a piece of work.

A feed is read by calendars on phones and screens that others see. So it holds days, numbers and addresses, no names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

MOST_FEEDS: Final = 50
MOST_ENTRIES: Final = 1000
MOST_DAYS_BEFORE: Final = 14
READS_PER_MINUTE: Final = 60


class Entry(NamedTuple):
    """One day in a calendar. `uid` stays the same as long as it is about the same work; `sequence` rises when the day
    moves."""

    uid: str
    day: date
    summary: str
    url: str
    since: datetime
    sequence: int
