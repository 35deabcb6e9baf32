"""What there is to say of a contract register as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from service.kernel.database import UnitOfWork
from service.kernel.imports.models import ImportJob
from service.kernel.imports.remarks import Remark, tallied, tally
from service.kernel.imports.runner import CheckedRow
from service.kernel.text import Text, dutch_day

MANY_ALIKE: Final = 40
_DAYS_TOLD: Final = 5
_END_DATES: Final = "endDate"


def days_alike(counts: Mapping[str, int]) -> list[tuple[date, int]]:
    """The days that more rows have as their end than can be by chance, those with most rows first: perhaps a value that
    a system fills in where nobody knows the end. `counts` by day as yyyy-mm-dd."""
    found = [(date.fromisoformat(day), count) for day, count in counts.items() if count > MANY_ALIKE]
    return sorted(found, key=lambda each: (-each[1], each[0]))[:_DAYS_TOLD]


def count_end_dates(job: ImportJob, rows: Sequence[CheckedRow]) -> None:
    """For who handles a piece of rows. Rows that fail count too: a default stands in those as well."""
    tally(job, _END_DATES, (row.data["end_date"].isoformat() for row in rows if "end_date" in row.data))


def review(_: UnitOfWork, job: ImportJob) -> list[Remark]:
    """For `ImportKind.review`."""
    return [
        Remark(
            "end-dates-alike",
            Text(
                f"Meer dan {MANY_ALIKE} rijen hebben dezelfde einddatum: {dutch_day(day)}. Vult uw systeem die zelf "
                "in? Laat de cel dan leeg.",
                f"More than {MANY_ALIKE} rows have the same end date: {day}. Does your system fill it in by itself? "
                "Then leave the cell empty.",
            ),
            count,
        )
        for day, count in days_alike(tallied(job, _END_DATES))
    ]
