"""Which day it is, in Amsterdam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from service.kernel.clock import amsterdam_day, system_clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 1, 22, 59, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=timezone(timedelta(hours=2))), date(2026, 7, 1)),
    ],
)
def test_the_day_in_amsterdam(moment: datetime, day: date) -> None:
    assert amsterdam_day(moment) == day


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        amsterdam_day(datetime(2026, 1, 1, 12, 0))  # noqa: DTZ001


def test_the_system_clock_knows_its_zone() -> None:
    assert system_clock().utcoffset() == timedelta(0)
