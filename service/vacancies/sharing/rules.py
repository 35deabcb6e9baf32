"""The shared list of vacancies: who reads it and brings vacancies in, when its digest is sent, how much is too much.

Source: report §6.2, the table at which re-integration companies and jobcoaches of a region shared their vacancies.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.kernel.clock import AMSTERDAM, amsterdam_day
from service.reference import occupations
from service.reference.working_days import working_day_from
from service.vacancies.rules import BRING_VACANCIES

SUBSCRIBE: Final = BRING_VACANCIES | {PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.UWV}
"""Who may follow the list."""

MOST_SUBSCRIPTIONS: Final = 50
"""Of one client."""
MOST_PLACES: Final = 100
"""Regions times groups of occupations in one subscription: each is a look of its own at the list."""
READS_PER_MINUTE: Final = 120
PAGE: Final = 100
"""Vacancies on one page of a feed."""
IN_DIGEST: Final = 30
SETTLES: Final = timedelta(minutes=5)
"""Longer than a transaction can take: what was offered before that is there to be read."""
_MORNING: Final = time(7)
_WEEK: Final = timedelta(days=7)


class Offer(NamedTuple):
    """A vacancy as readers of the list see it: about work, and never about a person."""

    id: str
    version: int
    changed_at: datetime
    offered_at: datetime
    opened_on: date | None
    title: str
    description: str | None
    tasks: list[str]
    employer: str
    municipality: str
    region_code: str
    occupation_code: str
    hours_min: float
    hours_max: float
    start_date: date | None
    positions: int
    created_at: datetime

    @property
    def updated(self) -> datetime:
        """When it last changed; a row that is older than the list did so when it was made."""
        return max(self.changed_at, self.created_at)

    @property
    def is_renewed(self) -> bool:
        """Whether it was open before its latest opening."""
        return self.opened_on is not None and self.opened_on < amsterdam_day(self.offered_at)


def next_digest(now: datetime) -> datetime:
    """The next moment for digests after `now`: seven o'clock in Amsterdam on the first working day of a week."""
    today = now.astimezone(AMSTERDAM).date()
    monday = today - timedelta(days=today.weekday())
    while (moment := _morning(working_day_from(monday))) <= now:
        monday += _WEEK
    return moment


def _morning(day: date) -> datetime:
    return datetime.combine(day, _MORNING, AMSTERDAM).astimezone(UTC)


def sub_major_of(occupation_code: str) -> str:
    """The first two digits of the occupation's ISCO-08 code, of which there are some forty. Empty for one that is no
    longer known."""
    found = occupations.occupation(occupation_code)
    return found.isco_code[:2] if found else ""
