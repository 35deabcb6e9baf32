"""Reading about signals, each party its own view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import not_found
from service.signals.models import Signal, SignalReport, SignalStep
from service.signals.rules import SignalStatus
from service.signals.steps import StepKind
from service.signals.telling import address, record, tell
from service.signals.timeline import timeline
from service.signals.views import course_view, signal_view, step_view, visible_signals, visible_steps

MOST_STEPS: Final = 500
_WITHDRAWN = literal(SignalStatus.WITHDRAWN, Signal.status.type)


def load(uow: UnitOfWork, actor: Actor, signal_id: str, *, for_update: bool = False) -> Signal:
    """The signal, if the actor may see it. Raises 404."""
    statement = visible_signals(actor).where(Signal.id == signal_id)
    if for_update:
        statement = statement.with_for_update(of=Signal)
    row: Signal | None = uow.session.scalars(
        statement, execution_options={"populate_existing": for_update}
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def log(uow: UnitOfWork, actor: Actor, signal: Signal, action: str) -> None:
    """The line in the access log; a signal without a person leaves one too."""
    log_access(uow, actor, Purpose.CONTRACT_END, action, [signal.person_id or NOBODY], address(signal.id))


def get_signal(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    """One signal. The first time that UWV's side opens it, those who reported it hear that it was seen."""
    signal = load(uow, actor, signal_id)
    if (
        signal.seen_at is None
        and signal.status is SignalStatus.REPORTED
        and actor.kind
        in (
            PartyKind.UWV,
            PartyKind.DESK,
        )
    ):
        signal = load(uow, actor, signal_id, for_update=True)
        if signal.seen_at is None:
            signal.seen_at = signal.changed_at = uow.now
            uow.flush()
            record(uow, signal, StepKind.SEEN, actor.kind)
            tell(uow, signal, "seen")
    log(uow, actor, signal, "signal.read")
    return signal_view(actor, signal, uow.settings)


def list_signals(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The signals that the actor may see. Filters look at what the actor sees: an employer's at its own statement."""
    statement = visible_signals(actor)
    own = aliased(SignalReport)
    status: Any = Signal.status
    phase: Any = Signal.phase
    end: Any = Signal.expected_end_date
    number: Any = Signal.number
    if not actor.is_uwv_side:
        same = and_(own.signal_id == Signal.id, own.party_kind == actor.kind, own.party_id.in_(actor.party_ids()))
        statement = statement.outerjoin(own, same)
        status = case((own.withdrawn_at.is_not(None), _WITHDRAWN), else_=Signal.status)
        number = func.coalesce(own.number, Signal.number)
    if actor.kind is PartyKind.EMPLOYER:
        phase = func.coalesce(own.phase, Signal.phase)
        end = case((own.id.is_not(None), own.expected_end_date), else_=Signal.expected_end_date)
    if "status" in query:
        statement = statement.where(status == query["status"])
    if "phase" in query:
        statement = statement.where(phase == query["phase"])
    if "employer_id" in query:
        statement = statement.where(Signal.employer_id == query["employer_id"])
    if "employment_id" in query:
        statement = statement.where(Signal.employment_id == query["employment_id"])
    if "number" in query:
        same_number = number == query["number"].upper()
        if actor.is_uwv_side:
            reported = select(SignalReport.signal_id).where(SignalReport.number == query["number"].upper())
            same_number = or_(same_number, Signal.id.in_(reported))
        statement = statement.where(same_number)
    if "ends_before" in query:
        statement = statement.where(end < query["ends_before"])

    def view(signal: Signal) -> dict[str, Any]:
        log(uow, actor, signal, "signal.read")
        return signal_view(actor, signal, uow.settings)

    return page(uow, statement, (Signal.id,), query, view)


def list_history(uow: UnitOfWork, actor: Actor, signal_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What happened to a signal, oldest first, as far as it is for this actor."""
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.history_read")
    return page(uow, visible_steps(actor, signal), (SignalStep.id,), query, lambda step: step_view(actor, signal, step))


def get_timeline(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    """What happened to a signal, whose turn it is and what comes after that, in sentences for this actor."""
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.history_read")
    newest = visible_steps(actor, signal).order_by(SignalStep.id.desc()).limit(MOST_STEPS)
    steps = [step_view(actor, signal, step) for step in uow.session.scalars(newest)]
    entries = timeline(course_view(actor, signal), reversed(steps), uow.today)
    return {"signal_id": signal.id, "entries": [entry._asdict() for entry in entries]}
