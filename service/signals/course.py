"""The clocks of one signal: set at the report, moved with the end date and with the status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.reference.working_days import next_working_day
from service.signals import deadlines
from service.signals.interviews import interview_due
from service.signals.models import Signal, SignalReport
from service.signals.rules import EscalationLevel, SignalStatus
from service.signals.views import employer_report


def first_clocks(received: date, end: date | None) -> dict[str, Any]:
    """The deadlines of a report received on this day."""
    acknowledge_by = deadlines.acknowledge_by(received, end)
    return {
        "acknowledge_by": acknowledge_by,
        "plan_by": deadlines.plan_by(acknowledge_by, end),
        "start_interview_by": deadlines.start_interview_by(end),
        "escalate_on": next_working_day(acknowledge_by),
    }


RESTARTED: Final = (
    "seen_at", "acted_at", "acknowledged_at", "planned_at", "closed_at", "acted_by_role", "acted_by_name",
    "acted_by_caseworker_id", "escalation_level", "escalated_since", "outcome", "outcome_date", "gap_days",
    "trial_started_on", "trial_gap_days", "trial_ended_on", "paused_until", "pause_wish", "paused_at", "paused_by",
    "resumed_on", "interview_result", "interview_held_on", "interview_recorded_at",
)  # fmt: skip
"""What a course leaves behind, empty where one begins anew."""


def restart(uow: UnitOfWork, signal: Signal, end: date | None) -> None:
    """The course begins anew: a new report asks for a new answer."""
    signal.status = SignalStatus.REPORTED
    signal.reported_at = uow.now
    for name in RESTARTED:
        setattr(signal, name, None)
    for name, value in first_clocks(uow.today, end).items():
        setattr(signal, name, value)


WITHDRAWAL: Final = ("withdrawn_at", "left_seen_at", "left_acted_role", "left_acted_name", "looked_end")
"""What a report has only later, and no more when it counts again."""


def withdraw(uow: UnitOfWork, signal: Signal, report: SignalReport) -> None:
    """The party is done, and keeps the view that it has now."""
    report.withdrawn_at = uow.now
    report.left_seen_at = signal.seen_at
    if signal.acted_at is not None:
        report.left_acted_role, report.left_acted_name = signal.acted_by_role, signal.acted_by_name


def come_back(report: SignalReport) -> None:
    for name in WITHDRAWAL:
        setattr(report, name, None)


def clock_end(signal: Signal) -> date | None:
    """The end date from which deadlines are counted: the employer's where it stated one, so that what it sees of
    them tells nothing that others reported."""
    report = employer_report(signal)
    return report.expected_end_date if report is not None and report.withdrawn_at is None else signal.expected_end_date


def follow_end_date(uow: UnitOfWork, signal: Signal) -> None:
    """The end date has moved: so do the deadlines that are still running. A nearer end leaves time from today on."""
    end = clock_end(signal)
    # UWV's own: nobody outside hears of an interview.
    signal.start_interview_by = deadlines.start_interview_by(signal.expected_end_date)
    if signal.status is SignalStatus.REPORTED and signal.acknowledge_by >= uow.today:
        moved = deadlines.acknowledge_by(amsterdam_day(signal.reported_at), end)
        if moved < uow.today:
            moved = min(signal.acknowledge_by, deadlines.acknowledge_by(uow.today, end))
        signal.acknowledge_by = moved
        signal.plan_by = deadlines.plan_by(moved, end)
    elif (
        signal.status is SignalStatus.ACKNOWLEDGED
        and signal.acknowledged_at is not None
        and signal.plan_by >= uow.today
        and signal.paused_until is None
    ):
        if signal.resumed_on is not None:
            moved = deadlines.plan_by_from(signal.resumed_on, end)
        else:
            moved = deadlines.plan_by(amsterdam_day(signal.acknowledged_at), end)
        signal.plan_by = moved if moved >= uow.today else next_working_day(uow.today)
    await_deadline(signal)


def await_deadline(signal: Signal) -> None:
    """From when a missed deadline passes the signal on. One that was passed on already goes on from there."""
    if signal.escalation_level is not None:
        return
    deadline = running_deadline(signal)
    signal.escalate_on = None if deadline is None else next_working_day(deadline)


def show_at_desk(signal: Signal) -> None:
    """The employer comes to see a signal whose link is not disclosed: a missed deadline has led to the desk, as it
    would for somebody whom UWV does not know."""
    deadline = running_deadline(signal)
    if signal.escalation_level is None or deadline is None or not deadlines.CLOCKS[signal.status].told_outside:
        return
    signal.escalation_level = EscalationLevel.DESK
    signal.escalated_since = deadlines.escalated_since(deadline, EscalationLevel.DESK, [EscalationLevel.DESK])
    signal.escalate_on = None


_DEADLINES: Final[dict[SignalStatus, Callable[[Signal], date | None]]] = {
    SignalStatus.REPORTED: lambda signal: signal.acknowledge_by,
    SignalStatus.ACKNOWLEDGED: lambda signal: signal.plan_by,
    SignalStatus.PLANNED: interview_due,
}


def running_deadline(signal: Signal) -> date | None:
    """The deadline that UWV's side has to meet now; None where none runs, in a pause too."""
    clock = deadlines.CLOCKS.get(signal.status)
    if clock is None or (clock.stops_in_pause and signal.paused_until is not None):
        return None
    return _DEADLINES[signal.status](signal)


# --- A pause ----------------------------------------------------------------------------------------------------

PAUSE: Final = ("paused_until", "pause_wish", "paused_at", "paused_by")


def pause(signal: Signal, until: date) -> None:
    """The clocks that would press the person stand still. What had been passed on for them is so no more."""
    signal.paused_until = until
    if deadlines.CLOCKS[signal.status].stops_in_pause:
        signal.escalation_level = signal.escalated_since = None
    await_deadline(signal)


def resume(signal: Signal, day_0: date) -> None:
    """They go on, counted anew from `day_0`."""
    for name in PAUSE:
        setattr(signal, name, None)
    signal.resumed_on = day_0
    if signal.status is SignalStatus.ACKNOWLEDGED:
        signal.plan_by = deadlines.plan_by_from(day_0, clock_end(signal))
    await_deadline(signal)


def drop_pause(signal: Signal) -> None:
    """A closed course goes on: all its deadlines are fresh, and a pause that it had is over."""
    for name in (*PAUSE, "resumed_on"):
        setattr(signal, name, None)
