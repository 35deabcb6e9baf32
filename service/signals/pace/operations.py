"""The person's own pace: time first where somebody needs it (rule 16 of docs/domain.md), and the start interview.

Only UWV's side records and hears of either. An employer sees a next step without a deadline while the clocks stand
still, as it would for anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.events import queue_mail
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.problems import FieldError as Error
from service.kernel.problems import Problem, conflict, invalid_input, not_found
from service.kernel.requests import NOT_THERE, Expected
from service.kernel.room import Timer
from service.signals.course import await_deadline, pause, resume
from service.signals.models import Signal
from service.signals.pace.rules import PaceError, interview_error, pause_error
from service.signals.pace.wording import ERROR_TEXT
from service.signals.reading import load, log
from service.signals.rules import LIVE_STATUSES, EscalationLevel
from service.signals.steps import Audience, StepKind
from service.signals.telling import record, tell
from service.signals.views import is_live, told_outside

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)
_YESTERDAY: Final = timedelta(days=1)


# --- Time first -------------------------------------------------------------------------------------------------


def record_pause(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The person needs time first, or needs more of it. Clocks that would press the person stand still; who reported
    is answered all the same.

    Raises 409 `signal-not-live`, 400 for a day that is not in the coming twelve months.
    """
    signal = _live(uow, actor, signal_id)
    expected.check(NOT_THERE if signal.paused_until is None else signal.version)
    error = pause_error(data["paused_until"], uow.today)
    if error is not None:
        raise _invalid(error, "/pausedUntil")
    before = signal.paused_until
    pause(signal, data["paused_until"])
    signal.pause_wish = data["wish"]
    signal.paused_at, signal.paused_by = uow.now, actor.kind
    _written(uow, signal, StepKind.PAUSED, actor.kind, before=before, after=signal.paused_until)
    log(uow, actor, signal, "signal.paused")
    return _pause_view(signal)


def get_pause(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id)
    _check_paused(signal)
    log(uow, actor, signal, "signal.pause_read")
    return _pause_view(signal)


def end_pause(uow: UnitOfWork, actor: Actor, signal_id: str) -> None:
    """The person goes on sooner: the clocks run again, counted from today."""
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id, for_update=True)
    _check_paused(signal)
    before = signal.paused_until
    resume(signal, uow.today)
    _written(uow, signal, StepKind.PAUSE_ENDED, actor.kind, before=before)
    log(uow, actor, signal, "signal.pause_ended")


def _check_paused(signal: Signal) -> None:
    if signal.paused_until is None or signal.status not in LIVE_STATUSES:
        raise not_found()


def _pause_over_due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(Signal.id)
        .where(Signal.paused_until < uow.today, is_live())
        .order_by(Signal.paused_until, Signal.id)
        .limit(limit)
    )
    return list(uow.execute(statement).scalars())


def _pause_over(uow: UnitOfWork, signal_id: str) -> None:
    """The clocks go on. Also where the worker stood still meanwhile, they are counted from now: nobody finds a
    deadline that is over already."""
    signal = uow.session.get(Signal, signal_id, with_for_update={"of": Signal}, populate_existing=True)
    if signal is None or signal.paused_until is None or signal.paused_until >= uow.today:
        return
    if signal.status not in LIVE_STATUSES:
        return
    before = signal.paused_until
    resume(signal, uow.today - _YESTERDAY)
    _written(uow, signal, StepKind.PAUSE_ENDED, PartyKind.SYSTEM, before=before)
    # Both are queued for a client and for anybody else: a caseworker who is not there gets none.
    queue_mail(uow, "signal-pause-over", {"signalId": signal.id, "to": "responsible"})
    if not signal.disclosed:
        queue_mail(uow, "signal-pause-over", {"signalId": signal.id, "to": EscalationLevel.DESK.value})


PAUSE_OVER: Final = Timer("signals.pause-over", _pause_over_due, _pause_over)


# --- The start interview ----------------------------------------------------------------------------------------


def record_start_interview(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """It was held, or is not needed: nobody waits for it any more. Raises 409 `signal-not-live`."""
    signal = _live(uow, actor, signal_id)
    expected.check(NOT_THERE if signal.interview_result is None else signal.version)
    error = interview_error(data["result"], data["held_on"], uow.today, amsterdam_day(signal.reported_at))
    if error is not None:
        raise _invalid(error, "/startInterviewHeldOn")
    before = signal.interview_result
    signal.interview_result, signal.interview_held_on = data["result"], data["held_on"]
    signal.interview_recorded_at = uow.now
    _interview_clock(signal)
    _written(uow, signal, StepKind.START_INTERVIEW_RECORDED, actor.kind, before=before, after=data["result"])
    log(uow, actor, signal, "signal.start_interview_recorded")
    return _interview_view(signal)


def get_start_interview(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id)
    if signal.interview_result is None:
        raise not_found()
    log(uow, actor, signal, "signal.start_interview_read")
    return _interview_view(signal)


def take_back_start_interview(uow: UnitOfWork, actor: Actor, signal_id: str) -> None:
    """It was recorded by mistake: it is still to be held."""
    signal = _live(uow, actor, signal_id)
    if signal.interview_result is None:
        raise not_found()
    before = signal.interview_result
    signal.interview_result = signal.interview_held_on = signal.interview_recorded_at = None
    _interview_clock(signal)
    _written(uow, signal, StepKind.START_INTERVIEW_RECORDED, actor.kind, before=before)
    log(uow, actor, signal, "signal.start_interview_taken_back")


def _interview_clock(signal: Signal) -> None:
    """Where it is the interview that is waited for, whoever had it is done, or begins anew."""
    if not told_outside(signal):
        signal.escalation_level = signal.escalated_since = None
    await_deadline(signal)


# --- Both -------------------------------------------------------------------------------------------------------


def _live(uow: UnitOfWork, actor: Actor, signal_id: str) -> Signal:
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id, for_update=True)
    if signal.status not in LIVE_STATUSES:
        raise conflict(
            "signal-not-live",
            "Deze melding is afgerond of ingetrokken. Open die eerst weer.",
            "This signal is closed or withdrawn. Open it again first.",
        )
    return signal


def _invalid(error: PaceError, pointer: str) -> Problem:
    return invalid_input([Error(error.value, ERROR_TEXT[error], pointer=pointer)])


def _written(uow: UnitOfWork, signal: Signal, what: StepKind, by: PartyKind, **values: Any) -> None:
    """Kept in the history and told, on UWV's side only."""
    signal.changed_at = uow.now
    uow.flush()
    record(uow, signal, what, by, audience=Audience.UWV_SIDE, **values)
    tell(uow, signal, "changed", audience=Audience.UWV_SIDE, because=what.value)


def _pause_view(signal: Signal) -> dict[str, Any]:
    return {
        "version": signal.version,
        "signal_id": signal.id,
        "paused_until": signal.paused_until,
        "wish": signal.pause_wish,
        "recorded_on": signal.paused_at and amsterdam_day(signal.paused_at),
        "by": signal.paused_by,
    }


def _interview_view(signal: Signal) -> dict[str, Any]:
    at = signal.interview_recorded_at
    return {
        "version": signal.version,
        "signal_id": signal.id,
        "result": signal.interview_result,
        "held_on": signal.interview_held_on,
        "due_on": signal.start_interview_by,
        "recorded_on": at and amsterdam_day(at),
    }


def export(uow: UnitOfWork, person_id: str) -> list[dict[str, Any]]:
    """Time that the person asked for, and the start interview."""
    rows = uow.session.scalars(select(Signal).where(Signal.person_id == person_id).order_by(Signal.reported_at))
    return [
        {
            "signalId": row.id,
            "pausedUntil": row.paused_until,
            "pauseWish": row.pause_wish,
            "startInterview": row.interview_result,
            "startInterviewHeldOn": row.interview_held_on,
        }
        for row in rows
    ]
