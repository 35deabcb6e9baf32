"""What the clock does: a report without an answer goes to the desk, the employer is reminded of its own milestones,
and what nobody closed is closed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.access.rules import PartyKind
from service.delivery.events import queue_mail
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.signals.deadlines import escalated_since
from service.signals.rules import EscalationLevel
from service.signals.second_track.models import SecondTrack
from service.signals.second_track.operations import apply_move
from service.signals.second_track.rules import (
    LIVE_STATUSES,
    SecondTrackOutcome,
    SecondTrackStatus,
    SecondTrackStepKind,
    left_behind_before,
    next_reminder,
    to_remind_of,
)
from service.signals.second_track.telling import record, tell, tell_employer
from service.signals.second_track.views import is_live


def _locked(uow: UnitOfWork, second_track_id: str) -> SecondTrack | None:
    return uow.session.get(SecondTrack, second_track_id, with_for_update={"of": SecondTrack}, populate_existing=True)


def _due(uow: UnitOfWork, column: Any, limit: int) -> list[str]:
    statement = select(SecondTrack.id).where(column <= uow.today).order_by(column, SecondTrack.id).limit(limit)
    return list(uow.execute(statement).scalars())


# --- Nobody took it up in time ----------------------------------------------------------------------------------


def _escalation_due(uow: UnitOfWork, limit: int) -> list[str]:
    return _due(uow, SecondTrack.escalate_on, limit)


def _escalate(uow: UnitOfWork, second_track_id: str) -> None:
    """To the desk at once, for a client of UWV as for anybody else: the fewer who see it the better."""
    row = _locked(uow, second_track_id)
    if row is None or row.escalate_on is None or row.escalate_on > uow.today:
        return
    row.escalate_on = None
    row.escalated_since = escalated_since(row.acknowledge_by, EscalationLevel.DESK, [EscalationLevel.DESK])
    uow.flush()
    record(uow, row, SecondTrackStepKind.ESCALATED, PartyKind.SYSTEM, after=PartyKind.DESK)
    tell(uow, row, "escalated", because="escalation")
    queue_mail(uow, "second-track-escalated", {"secondTrackId": row.id})


# --- A milestone comes near -------------------------------------------------------------------------------------


def _reminder_due(uow: UnitOfWork, limit: int) -> list[str]:
    return _due(uow, SecondTrack.remind_on, limit)


def _remind(uow: UnitOfWork, second_track_id: str) -> None:
    """Once for each milestone; after a standstill of the nearest one, and of none that has passed."""
    row = _locked(uow, second_track_id)
    if row is None or row.remind_on is None or row.remind_on > uow.today:
        return
    near = to_remind_of(row.period, row.remind_on, uow.today)
    row.remind_on = next_reminder(row.period, uow.today)
    uow.flush()
    if near is not None:
        record(uow, row, SecondTrackStepKind.MILESTONE_NEAR, PartyKind.SYSTEM, after=near.code)
        tell_employer(uow, row, "milestone-near", because="milestone")


# --- Left behind ------------------------------------------------------------------------------------------------


def _left_behind_due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(SecondTrack.id)
        .where(is_live(), SecondTrack.waiting_period_ends_on < left_behind_before(uow.today))
        .order_by(SecondTrack.waiting_period_ends_on, SecondTrack.id)
        .limit(limit)
    )
    return list(uow.execute(statement).scalars())


def _close(uow: UnitOfWork, second_track_id: str) -> None:
    row = _locked(uow, second_track_id)
    if row is None or row.status not in LIVE_STATUSES:
        return
    if row.waiting_period_ends_on < left_behind_before(uow.today):
        closed, nothing = SecondTrackStatus.CLOSED, SecondTrackOutcome.NONE_YET
        apply_move(uow, row, closed, PartyKind.SYSTEM, nothing, because="waiting-period-over")


ESCALATION = Timer("signals.second-track-escalation", _escalation_due, _escalate)
MILESTONE_NEAR = Timer("signals.second-track-milestones", _reminder_due, _remind)
LEFT_BEHIND = Timer("signals.second-track-left-behind", _left_behind_due, _close)
