"""How exactly a mobility pool may see the people who are offered in it: never so that one of them stands out.

Where somebody lives and from when somebody is free are what an employer, or a neighbour, recognises a person by. So a
pool sees both only as far as each combination that it sees is shared by at least `FEWEST` of those offered there.

The steps are a chain, each finer than the one before, and all in a pool are shown at the same step. What a pool saw on
two days, under pseudonyms that stay the same, therefore tells no more than the finer of both. Why, and what this does
not do: docs/decisions/0025-what-a-pool-may-know.md. Plain values only.
"""

from __future__ import annotations

import calendar
import math
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import cache
from typing import Final, NamedTuple

from service.reference import places

FEWEST: Final = 5
"""How many candidates must share what is shown. Our choice: what Dutch official statistics commonly ask of a cell in
tables about people. With fewer candidates than this in all, neither place nor time is shown."""

HOURS_BAND: Final = 8
"""Hours a week are shown as whole working days: 17.5 to 20 hours become 16 to 24, in every pool alike."""
DISTANCE_BAND: Final = 10
"""Kilometres that somebody wants to travel are rounded up to tens, in every pool alike."""
_MOST_HOURS: Final = 80


class Step(IntEnum):
    """What is shown of place and time, from nothing to the four digits and the day."""

    NOTHING = 0
    AREA = 1
    AREA_AND_QUARTER = 2
    AREA_AND_MONTH = 3
    POSTCODE_AND_MONTH = 4
    POSTCODE_AND_DAY = 5


class Hidden(NamedTuple):
    """What is known of one candidate: the four digits, and the first day on which it can start (None: not known)."""

    postcode4: str
    free_from: date | None


class Period(NamedTuple):
    """The first and the last day between which somebody can start."""

    first: date
    last: date


class Shown(NamedTuple):
    """What a pool sees of it: two or four digits, and a period. None where it is not shown, or not known."""

    area: str | None
    period: Period | None


def shown_at(step: Step, one: Hidden, today: date) -> Shown:
    """What is shown of one candidate at this step. Who is free already is free from today."""
    if step is Step.NOTHING:
        return Shown(None, None)
    area = one.postcode4 if step >= Step.POSTCODE_AND_MONTH else one.postcode4[:2]
    if step is Step.AREA or one.free_from is None:
        return Shown(area, None)
    day = max(one.free_from, today)
    if step is Step.AREA_AND_QUARTER:
        return Shown(area, _months(day.year, 3 * ((day.month - 1) // 3) + 1, 3))
    if step is Step.POSTCODE_AND_DAY:
        return Shown(area, Period(day, day))
    return Shown(area, _months(day.year, day.month, 1))


def finest_step(group: Iterable[Hidden], today: date) -> Step:
    """The finest step at which everything that is shown of this group is shared by `FEWEST` of it or more."""
    members = list(group)
    finest = Step.NOTHING
    for step in list(Step)[1:]:
        shared = Counter(shown_at(step, one, today) for one in members)
        if not members or min(shared.values()) < FEWEST:
            break
        finest = step
    return finest


def hours_band(least: Decimal | float, most: Decimal | float) -> tuple[int, int]:
    """Hours a week, the least down and the most up to whole bands."""
    return int(least // HOURS_BAND) * HOURS_BAND, min(_MOST_HOURS, _up(most, HOURS_BAND))


def distance_band(kilometres: Decimal | float) -> int:
    """Kilometres, up to a whole band; never nothing at all."""
    return max(DISTANCE_BAND, _up(kilometres, DISTANCE_BAND))


@cache
def middle_of(area: str) -> str | None:
    """The postcode that stands for an area of two or four digits: the one nearest to the middle of all in it."""
    inside = [one for one in _exact() if one.postcode4.startswith(area)]
    if not inside:
        return None
    north = sum(one.latitude for one in inside) / len(inside)
    east = sum(one.longitude for one in inside) / len(inside)
    # A degree of longitude is some 0.6 of one of latitude here.
    return min(
        inside, key=lambda one: ((one.latitude - north) ** 2 + (0.6 * (one.longitude - east)) ** 2, one.postcode4)
    ).postcode4


def rounded_down(number: int) -> int | None:
    """A count as others may see it: whole fives, so that one more or less is rarely seen. None: fewer than five."""
    return number // FEWEST * FEWEST or None


def _up(number: Decimal | float, band: int) -> int:
    return math.ceil(number / band) * band


def _months(year: int, month: int, count: int) -> Period:
    last = month + count - 1
    return Period(date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1]))


@cache
def _exact() -> tuple[places.Postcode, ...]:
    return tuple(one for region in places.regions() for one in places.postcodes_in(region.code) if one.exact)
