"""What the vacancies need of a signal: the job that comes free, how its vacancy fares, where the person went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.models import Employment
from service.employers.rules import ContractType
from service.kernel.database import UnitOfWork
from service.kernel.problems import conflict, invalid_input, not_found, unknown_reference
from service.signals import deadlines
from service.signals.course import await_deadline
from service.signals.models import Signal, SignalReport
from service.signals.reading import log
from service.signals.rules import Outcome, SignalPhase, SignalStatus
from service.signals.steps import Audience, PlacementKind, StepKind
from service.signals.telling import record, tell
from service.signals.views import (
    WENT_ON,
    ended_job,
    is_decided,
    is_live,
    own_report,
    statement_for,
    status_for,
    visible_signals,
)

_OUTCOMES = {PlacementKind.PLACED: Outcome.NEW_EMPLOYER, PlacementKind.TRIAL_PLACEMENT: Outcome.TRIAL_PLACEMENT}


@dataclass(frozen=True, slots=True)
class FreedJob:
    """The job that a leaver frees. `start_date` is the day after the end; None without an end date."""

    employer_id: str
    establishment_id: str
    title: str | None
    occupation_code: str | None
    hours: Decimal | None
    contract_type: ContractType
    start_date: date | None


def freed_by(uow: UnitOfWork, actor: Actor, signal_id: str) -> FreedJob:
    """The job that comes free by this signal, for a vacancy of the actor.

    Raises 400 for a signal that is not the actor's, 409 `end-not-decided` while the contract may still go on.
    """
    signal = uow.session.scalars(visible_signals(actor).where(Signal.id == signal_id)).one_or_none()
    if signal is None:
        raise invalid_input([unknown_reference("/freedBySignalId")])
    report = own_report(actor, signal)
    facts = statement_for(actor.kind, signal, report)
    if not is_decided(facts) or status_for(signal, report) is SignalStatus.WITHDRAWN or not ended_job(signal):
        raise conflict(
            "end-not-decided",
            "Het is nog niet besloten dat dit contract stopt. Meld eerst het besluit.",
            "It has not been decided that this contract ends. Report the decision first.",
        )
    job = uow.session.get_one(Employment, signal.employment_id)
    end = facts.expected_end_date
    return FreedJob(
        employer_id=job.employer_id,
        establishment_id=job.establishment_id,
        title=job.job_title,
        occupation_code=job.occupation_code,
        hours=job.hours_per_week,
        contract_type=job.contract_type,
        start_date=None if end is None else end + timedelta(days=1),
    )


def signals_numbered(uow: UnitOfWork, actor: Actor, numbers: Iterable[str]) -> dict[str, str]:
    """For the numbers of receipts that the actor has, in capitals, the signal that each is about."""
    wanted = sorted({number.upper() for number in numbers})
    if not wanted:
        return {}
    own = aliased(SignalReport)
    same = and_(own.signal_id == Signal.id, own.party_kind == actor.kind, own.party_id.in_(actor.party_ids()))
    number = func.coalesce(own.number, Signal.number).label("number")
    statement = visible_signals(actor).outerjoin(own, same).where(uow.among(number, wanted))
    return {row.number: row.id for row in uow.execute(statement.with_only_columns(number, Signal.id))}


def link_vacancy(
    uow: UnitOfWork,
    actor: Actor,
    signal_id: str,
    vacancy_id: str,
    status: str,
    opened_on: date,
    filled_on: date | None = None,
) -> None:
    """Keeps with the signal how the vacancy that it freed fares. Raises 404 for a signal that is not there."""
    signal = uow.session.get(Signal, signal_id, with_for_update={"of": Signal}, populate_existing=True)
    if signal is None:
        raise not_found()
    before = (signal.freed_vacancy_id, signal.freed_vacancy_status, signal.freed_vacancy_filled_on)
    if before == (vacancy_id, status, filled_on):
        return
    signal.freed_vacancy_id = vacancy_id
    signal.freed_vacancy_status = status
    signal.freed_vacancy_opened_on = opened_on
    signal.freed_vacancy_filled_on = filled_on
    signal.changed_at = uow.now
    uow.flush()
    record(uow, signal, StepKind.VACANCY_CHANGED, actor.kind, before=before[1], after=status)
    tell(uow, signal, "changed", because=actor.because)


def decided_end(uow: UnitOfWork, employment_id: str) -> date | None:
    """The last day of a job as its signal has it once the end is decided, where the register may not have it yet."""
    statement = (
        select(Signal.expected_end_date)
        .where(
            Signal.employment_id == employment_id,
            Signal.phase.in_((SignalPhase.DECIDED, SignalPhase.ENDED)),
            Signal.status != SignalStatus.WITHDRAWN,
            or_(Signal.outcome.is_(None), Signal.outcome.not_in(WENT_ON)),
        )
        .order_by(Signal.reported_at.desc())
        .limit(1)
    )
    found: date | None = uow.session.execute(statement).scalar()
    return found


def record_placement(
    uow: UnitOfWork,
    actor: Actor,
    person_id: str,
    start_date: date,
    kind: PlacementKind | str,
    employment_id: str | None = None,
) -> str | None:
    """The person has found new work: the signal of the job that ended closes with its outcome and the days between.

    Takes the live signal, else the last closed one of an ended job that has no new contract yet (a trial placement
    that becomes a contract is told on the same signal, its days kept apart). With `employment_id`, the job that the
    person leaves, its signal comes before that of another job. Returns its id, None where there is none. After the
    last day the employer hears nothing of it, unless the person agreed; where it does not know of the link, it sees
    the signal closed as any other, whenever that is.
    """
    kind = PlacementKind(kind)
    signal = _signal_of(uow, person_id, employment_id)
    if signal is None:
        return None
    end = signal.expected_end_date
    gap = None if end is None else deadlines.gap_days(end, start_date)
    if kind is PlacementKind.TRIAL_PLACEMENT:
        signal.trial_started_on, signal.trial_gap_days, signal.trial_ended_on = start_date, gap, None
    else:
        signal.gap_days = gap
    before = signal.status
    if not signal.disclosed:
        _act_as_for_anybody(uow, actor, signal)
    signal.outcome, signal.outcome_date = _OUTCOMES[kind], start_date
    signal.status = SignalStatus.CLOSED
    signal.closed_at = signal.closed_at or uow.now
    signal.changed_at = uow.now
    signal.escalation_level = signal.escalated_since = None
    await_deadline(signal)
    uow.flush()
    audience = _audience(uow, signal)
    if before is not SignalStatus.CLOSED:
        values: dict[str, Any] = {"before": before, "after": signal.status}
        if signal.disclosed:
            record(uow, signal, StepKind.STATUS_CHANGED, actor.kind, audience=audience, **values)
        else:
            values["before"] = SignalStatus.ACKNOWLEDGED if before is SignalStatus.REPORTED else before
            record(uow, signal, StepKind.STATUS_CHANGED, PartyKind.UWV, **values)
            tell(uow, signal, "closed", because=actor.because)
    record(uow, signal, StepKind.OUTCOME_RECORDED, actor.kind, after=signal.outcome, audience=Audience.UWV_SIDE)
    tell(uow, signal, "outcome", audience=audience, because=actor.because)
    log(uow, actor, signal, "signal.outcome_recorded")
    return signal.id


def end_trial(uow: UnitOfWork, actor: Actor, person_id: str, started_on: date) -> str | None:
    """The trial placement that began on this day ended without a contract: what became of the person is open again.

    The signal stays closed, with the outcome `unknown`, until UWV's side takes it up or there is other work. After
    the last day of the job the employer hears nothing of it, and keeps what it was told. Returns the id of the signal,
    None where the trial is not its outcome.
    """
    statement = (
        select(Signal)
        .where(
            Signal.person_id == person_id,
            Signal.status == SignalStatus.CLOSED,
            Signal.outcome == Outcome.TRIAL_PLACEMENT,
            Signal.trial_started_on == started_on,
        )
        .order_by(Signal.closed_at.desc())
        .limit(1)
        .with_for_update(of=Signal)
    )
    signal = uow.session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if signal is None:
        return None
    signal.outcome, signal.outcome_date = Outcome.UNKNOWN, None
    signal.trial_ended_on = uow.today
    signal.changed_at = uow.now
    uow.flush()
    values = {"before": Outcome.TRIAL_PLACEMENT, "after": Outcome.UNKNOWN}
    record(uow, signal, StepKind.OUTCOME_RECORDED, actor.kind, audience=Audience.UWV_SIDE, **values)
    tell(uow, signal, "outcome", audience=_audience(uow, signal), because=actor.because)
    log(uow, actor, signal, "signal.outcome_recorded")
    return signal.id


def _audience(uow: UnitOfWork, signal: Signal) -> Audience:
    """Who hears what became of the person: the employer only up to the last day, unless the person agreed."""
    end = signal.expected_end_date
    told = signal.tell_employer or end is None or uow.today <= end
    return Audience.ALL if told and signal.disclosed else Audience.NOT_EMPLOYER


def _act_as_for_anybody(uow: UnitOfWork, actor: Actor, signal: Signal) -> None:
    """An employer that does not know of the link sees the steps that the desk takes for somebody whom UWV does not
    know: a signal is acknowledged before it is closed. That there was a placement shows in none of them."""
    if signal.status is SignalStatus.CLOSED:
        return
    signal.acted_at = uow.now
    signal.acted_by_role, signal.acted_by_name = PartyKind.DESK.value, uow.settings.desk_name
    signal.acted_by_caseworker_id = None
    if signal.status is not SignalStatus.REPORTED:
        return
    signal.status = SignalStatus.ACKNOWLEDGED
    signal.seen_at = signal.seen_at or uow.now
    signal.acknowledged_at = signal.changed_at = uow.now
    signal.escalation_level = signal.escalated_since = None
    uow.flush()
    values: dict[str, Any] = {"before": SignalStatus.REPORTED, "after": SignalStatus.ACKNOWLEDGED}
    record(uow, signal, StepKind.STATUS_CHANGED, PartyKind.UWV, **values)
    tell(uow, signal, "acknowledged", because=actor.because)


def _signal_of(uow: UnitOfWork, person_id: str, employment_id: str | None) -> Signal | None:
    statement = (
        select(Signal)
        .where(
            Signal.person_id == person_id,
            or_(
                is_live(),
                (Signal.status == SignalStatus.CLOSED) & Signal.outcome.not_in((*WENT_ON, Outcome.NEW_EMPLOYER)),
            ),
        )
        .order_by(
            case((Signal.employment_id == employment_id, 0), else_=1),
            case((is_live(), 0), else_=1),
            case((Signal.expected_end_date.is_(None), 1), else_=0),
            Signal.expected_end_date.desc(),
            Signal.reported_at.desc(),
        )
        .limit(1)
        .with_for_update(of=Signal)
    )
    return uow.session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
