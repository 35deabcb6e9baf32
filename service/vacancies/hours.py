"""Contract hours a week, as they come in, go out and are kept."""

from __future__ import annotations

from decimal import Decimal

from service.kernel.fields import Number
from service.kernel.schemas import Schema, View


class WeeklyHoursChange(Schema):
    """What is left out stays as it is."""

    min = Number(minimum=0, maximum=80)
    max = Number(minimum=0, maximum=80)


class WeeklyHours(Schema):
    min = Number(minimum=0, maximum=80, required=True)
    max = Number(minimum=0, maximum=80, required=True)


class WeeklyHoursView(View):
    min = Number(minimum=0, maximum=80, required=True)
    max = Number(minimum=0, maximum=80, required=True)


def as_written(number: float) -> Decimal:
    """The number as it was sent: 28.1 stays 28.1, where the float lies a little beside it."""
    return Decimal(str(number))
