"""What the employer hands over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.operations import has_valid_certificate
from service.kernel.database import UnitOfWork
from service.kernel.problems import not_found
from service.kernel.requests import NOT_THERE, Expected
from service.signals.models import HandoverProfile
from service.signals.reading import load, log
from service.signals.steps import StepKind
from service.signals.telling import record, tell
from service.signals.views import visible_profiles


def record_handover_profile(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """What the employer knows of the work that went well (rule 8 of docs/domain.md), in codes about work."""
    actor.require(PartyKind.EMPLOYER)
    signal = load(uow, actor, signal_id, for_update=True)
    certified = has_valid_certificate(uow, signal.employer_id)
    row = uow.session.get(HandoverProfile, signal.id)
    expected.check(NOT_THERE if row is None else row.version)
    if row is None:
        row = HandoverProfile(signal_id=signal.id)
        uow.add(row)
    row.tasks_done_well = [str(task) for task in data["tasks_done_well"]]
    row.what_helps = [str(condition) for condition in data["what_helps"]]
    row.hours_held = None if data["hours_held"] is None else Decimal(str(data["hours_held"]))
    row.certified_employer = certified
    row.changed_at = uow.now
    signal.changed_at = uow.now
    uow.flush()
    record(uow, signal, StepKind.HANDOVER_PROFILE_RECORDED, actor.kind)
    tell(uow, signal, "changed")
    log(uow, actor, signal, "signal.handover_profile_recorded")
    return _profile_view(row)


def get_handover_profile(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    row = uow.session.scalars(visible_profiles(actor).where(HandoverProfile.signal_id == signal_id)).one_or_none()
    if row is None:
        raise not_found()
    log(uow, actor, load(uow, actor, signal_id), "signal.handover_profile_read")
    return _profile_view(row)


def _profile_view(row: HandoverProfile) -> dict[str, Any]:
    return {
        "version": row.version,
        "signal_id": row.signal_id,
        "tasks_done_well": row.tasks_done_well,
        "hours_held": row.hours_held,
        "what_helps": row.what_helps,
        "certified_employer": row.certified_employer,
    }
