"""One live signal per employment, also where a reporter may not know of the other: what goes on out of its sight goes
on in the signal that it sees. A refusal, or an address that it knows, would tell it that there is one."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from service.access.rules import PartyKind
from service.kernel.database import UnitOfWork
from service.signals.checklist.models import ChecklistMark
from service.signals.checklist.rules import For
from service.signals.models import Signal, SignalReport, SignalStep
from service.signals.plans.models import Plan, PlanVersion
from service.signals.profiles.models import CONTRADICTION, CoachProfile, OwnView
from service.signals.rules import SignalStatus
from service.signals.steps import Audience, StepKind
from service.signals.telling import record, tell
from service.signals.views import FACTS, is_live


def make_room(uow: UnitOfWork, signal: Signal, report: SignalReport) -> None:
    """`report`, of this signal, counts again: another live one of the employment that its party cannot see goes on
    here. One that it sees stays, and stands in the way."""
    wanted = select(Signal).where(Signal.employment_id == signal.employment_id, is_live(), Signal.id != signal.id)
    hidden = uow.session.scalars(wanted.with_for_update(of=Signal)).one_or_none()
    if hidden is None or _is_seen(hidden, report):
        return
    give_up(uow, hidden)
    if others := _others(hidden, report.party_id):
        for name in FACTS:
            setattr(signal, name, getattr(hidden, name))
        parties = [each.party_id for each in others]
        old = delete(SignalReport).where(SignalReport.signal_id == signal.id, SignalReport.party_id.in_(parties))
        uow.execute(old)
    move_over(uow, hidden, signal, others)


def _is_seen(hidden: Signal, report: SignalReport) -> bool:
    own = next((each for each in hidden.reports if each.party_id == report.party_id), None)
    if own is not None:
        return own.withdrawn_at is None
    return hidden.employer_since is not None


def _others(hidden: Signal, party_id: str) -> list[SignalReport]:
    return [each for each in hidden.reports if each.withdrawn_at is None and each.party_id != party_id]


def give_up(uow: UnitOfWork, hidden: Signal) -> None:
    """Ends a signal that goes on elsewhere; whoever has not withdrawn its report hears of it."""
    before, hidden.status = hidden.status, SignalStatus.WITHDRAWN
    hidden.escalation_level = hidden.escalated_since = hidden.escalate_on = None
    hidden.changed_at = uow.now
    uow.flush()
    values = {"before": before, "after": hidden.status}
    record(uow, hidden, StepKind.STATUS_CHANGED, PartyKind.SYSTEM, audience=Audience.NOT_EMPLOYER, **values)
    tell(uow, hidden, "withdrawn", audience=Audience.NOT_EMPLOYER, because="reported-again")


def move_over(uow: UnitOfWork, hidden: Signal, signal: Signal, reports: list[SignalReport]) -> None:
    """The reports of others, the plan, what the person said itself, and what UWV's side and jobcoaches know and ticked
    off go with the case. The history stays where it was written."""
    ids = [each.id for each in reports]
    uow.execute(update(SignalReport).where(SignalReport.id.in_(ids)).values(signal_id=signal.id))
    if uow.session.get(Plan, signal.id) is None:
        for each_plan in (PlanVersion, Plan):
            uow.execute(update(each_plan).where(each_plan.signal_id == hidden.id).values(signal_id=signal.id))
    if uow.session.get(OwnView, signal.id) is None:
        own = update(OwnView).where(OwnView.signal_id == hidden.id).values(signal_id=signal.id)
        if uow.execute(own).rowcount:
            for name in CONTRADICTION:
                setattr(signal, name, getattr(hidden, name))
                setattr(hidden, name, None)
    coaches = select(CoachProfile.party_id).where(CoachProfile.signal_id == signal.id)
    uow.execute(
        update(CoachProfile)
        .where(CoachProfile.signal_id == hidden.id, CoachProfile.party_id.not_in(uow.execute(coaches).scalars().all()))
        .values(signal_id=signal.id)
    )
    there = select(ChecklistMark.item).where(ChecklistMark.signal_id == signal.id)
    uow.execute(
        update(ChecklistMark)
        .where(
            ChecklistMark.signal_id == hidden.id,
            ChecklistMark.whose != For.EMPLOYER,
            ChecklistMark.item.not_in(uow.execute(there).scalars().all()),
        )
        .values(signal_id=signal.id)
    )
    for each in (hidden, signal):
        uow.session.expire(each, ["reports"])


def leave(uow: UnitOfWork, signal: Signal, party_id: str) -> list[SignalReport]:
    """A party that had withdrawn its report of this live signal begins a new one: this one ends. Returns what goes on
    in the other."""
    give_up(uow, signal)
    return _others(signal, party_id)


def hide_meanwhile(uow: UnitOfWork, signal: Signal, report: SignalReport) -> None:
    """What happened to the signal since the employer had withdrawn its report is not for it to read, now or later."""
    if report.withdrawn_at is None:
        return
    meanwhile = (SignalStep.signal_id == signal.id, SignalStep.at > report.withdrawn_at)
    uow.execute(
        update(SignalStep).where(*meanwhile, SignalStep.audience == Audience.ALL).values(audience=Audience.NOT_EMPLOYER)
    )
