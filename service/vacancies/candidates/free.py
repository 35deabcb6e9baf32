"""When a candidate is free to start."""

from __future__ import annotations

from datetime import date, timedelta


def free_from(available_from: date | None, job_ends: date | None) -> date | None:
    """The first day on which a candidate can start: never before the day after the present job. None: not known."""
    if job_ends is None or job_ends == date.max:
        return available_from
    after = job_ends + timedelta(days=1)
    return after if available_from is None else max(after, available_from)
