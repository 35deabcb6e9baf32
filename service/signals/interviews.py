"""The start interview with somebody whose job has ended, without new work."""

from __future__ import annotations

from datetime import date

from service.kernel.clock import amsterdam_day
from service.signals import deadlines
from service.signals.models import Signal
from service.signals.rules import SignalPhase


def interview_due(signal: Signal) -> date | None:
    """By when it is held, if there is one to hold: the end has passed, and it was neither held nor found needless."""
    if signal.phase is not SignalPhase.ENDED or signal.interview_result is not None:
        return None
    if signal.start_interview_by is None:
        return None
    planned = None if signal.planned_at is None else amsterdam_day(signal.planned_at)
    return deadlines.interview_due(signal.start_interview_by, planned=planned, resumed=signal.resumed_on)
