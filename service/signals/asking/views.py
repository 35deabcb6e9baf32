"""What is seen of the question to the employer: by the employer while its link is disclosed, and by UWV's side."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_

from service.access.rules import PartyKind
from service.signals.deadlines import NextStep, NextStepCode, employer_next_step
from service.signals.models import Signal
from service.signals.rules import LIVE_STATUSES, SignalStatus


def is_open(signal: Signal) -> bool:
    """Whether the employer can still answer: what goes out of its sight takes the question along."""
    asked = signal.asked_on is not None and signal.answer is None
    return asked and signal.status in LIVE_STATUSES and signal.disclosed


def asked() -> ColumnElement[bool]:
    """The same as a condition."""
    open_now = and_(Signal.asked_on.is_not(None), Signal.answer.is_(None))
    return and_(open_now, Signal.status.in_(sorted(LIVE_STATUSES)), Signal.disclosed)


def question_view(signal: Signal) -> dict[str, Any] | None:
    if signal.asked_on is None or not signal.disclosed:
        return None
    names = ("asked_on", "answer_by", "reminded_on", "answer", "answered_on")
    return {name: getattr(signal, name) for name in names}


def step_of_employer(signal: Signal, step: NextStep | None) -> NextStep | None:
    """While the question is open it is the employer's turn, whatever UWV's side does in the meantime."""
    if not is_open(signal):
        return employer_next_step(step)
    return NextStep(NextStepCode.TELL_DECISION, signal.answer_by, PartyKind.EMPLOYER)


def step_inside(signal: Signal, step: NextStep | None) -> NextStep | None:
    """For UWV's side: wait for the answer; without one, call. Picking the signal up comes before both."""
    if step is None or not is_open(signal) or signal.status is SignalStatus.REPORTED:
        return step
    if signal.unanswered_since is not None:
        return NextStep(NextStepCode.CALL_EMPLOYER, step.by, PartyKind.UWV)
    return step._replace(by=signal.answer_by) if step.what is NextStepCode.TELL_DECISION else step
