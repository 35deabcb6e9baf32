"""What is planned for the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.problems import not_found
from service.kernel.requests import NOT_THERE, Expected
from service.signals.models import Plan, Signal
from service.signals.reading import load, log
from service.signals.steps import Audience, StepKind
from service.signals.telling import record
from service.signals.views import visible_plans

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)

# --- Plan -------------------------------------------------------------------------------------------------------


def record_plan(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The service chosen, its start, who leads. Only UWV's side; the move to planned tells the others that there
    is one."""
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id, for_update=True)
    row = uow.session.get(Plan, signal.id)
    expected.check(NOT_THERE if row is None else row.version)
    if row is None:
        row = Plan(signal_id=signal.id)
        uow.add(row)
    for name in ("service", "start_date", "lead"):
        setattr(row, name, data[name])
    row.changed_at = uow.now
    uow.flush()
    record(uow, signal, StepKind.PLAN_RECORDED, actor.kind, after=row.service, audience=Audience.UWV_SIDE)
    log(uow, actor, signal, "signal.plan_recorded")
    return _plan_view(signal, row)


def get_plan(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    actor.require(*_UWV_SIDE)
    row = uow.session.scalars(visible_plans(actor).where(Plan.signal_id == signal_id)).one_or_none()
    if row is None:
        raise not_found()
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.plan_read")
    return _plan_view(signal, row)


def _plan_view(signal: Signal, row: Plan) -> dict[str, Any]:
    end = signal.expected_end_date
    return {
        "version": row.version,
        "signal_id": row.signal_id,
        "service": row.service,
        "start_date": row.start_date,
        "lead": row.lead,
        "during_contract": None if end is None else row.start_date <= end,
        "recorded_on": amsterdam_day(row.changed_at),
    }
