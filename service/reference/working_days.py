"""Dutch working days, and the moment at which a day ends in Amsterdam.

A working day is one from Monday to Friday that is no holiday in the sense of the Algemene termijnenwet, article 3,
first and second paragraph: New Year's Day, Good Friday, Easter Monday, King's Day, 5 May (every year), Ascension Day,
Whit Monday and both days of Christmas. The single bridging days that a royal decree may add to them are working days
here. Holidays are known for 1982 to 2100; outside those years only weekends are free.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from holidays import OPTIONAL, PUBLIC, country_holidays

from service.kernel.clock import AMSTERDAM

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether people work on this day. Raises TypeError for a datetime: `kernel.clock` tells which day that is."""
    if isinstance(day, datetime):
        raise TypeError("a working day is a date, not a datetime")
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def is_holiday(day: date) -> bool:
    """Whether this day, of any weekday, is a holiday in the sense of the Algemene termijnenwet."""
    return day in _holidays(day.year)


def add_working_days(day: date, n: int) -> date:
    """The `n`th working day after `day`; before it where `n` is negative.

    `day` itself counts as day 0, whether it is a working day or not, and comes back unchanged for 0.
    Raises OverflowError beyond the calendar.
    """
    step = _ONE_DAY if n > 0 else -_ONE_DAY
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_between(a: date, b: date) -> int:
    """How many working days lie after `a` up to and including `b`; `a` is day 0.

    Where `b` lies before `a`: minus the working days from `b` up to but excluding `a`. So
    `add_working_days(a, working_days_between(a, b)) == b` whenever `b` is a working day.
    """
    if b < a:
        return -sum(is_working_day(b + timedelta(days=i)) for i in range((a - b).days))
    return sum(is_working_day(b - timedelta(days=i)) for i in range((b - a).days))


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return add_working_days(day, 1)


def working_day_from(day: date) -> date:
    """`day` itself if it is a working day, else the first one after it: where a term ends that would end on `day`."""
    return day if is_working_day(day) else next_working_day(day)


def end_of_day(day: date) -> datetime:
    """The moment, in UTC, at which `day` ends in Amsterdam: the first one that no longer belongs to it."""
    return datetime.combine(day + _ONE_DAY, time.min, AMSTERDAM).astimezone(UTC)


@cache
def _holidays(year: int) -> frozenset[date]:
    # The package counts 5 May as public in every fifth year only; as an optional holiday it has it each year.
    return frozenset(country_holidays("NL", years=year, categories=(PUBLIC, OPTIONAL)))
