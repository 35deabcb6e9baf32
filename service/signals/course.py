"""The clocks of one signal: set at the report, moved with the end date and with the status."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.reference.working_days import next_working_day
from service.signals import deadlines
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
    "trial_started_on", "trial_gap_days",
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
    signal.start_interview_by = deadlines.start_interview_by(end)
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
    ):
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
    if signal.escalation_level is None or deadline is None:
        return
    signal.escalation_level = EscalationLevel.DESK
    signal.escalated_since = deadlines.escalated_since(deadline, EscalationLevel.DESK, [EscalationLevel.DESK])
    signal.escalate_on = None


def running_deadline(signal: Signal) -> date | None:
    """The deadline that UWV's side has to meet now."""
    if signal.status is SignalStatus.REPORTED:
        return signal.acknowledge_by
    return signal.plan_by if signal.status is SignalStatus.ACKNOWLEDGED else None
