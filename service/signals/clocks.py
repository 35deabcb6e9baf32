"""What the clock does to signals, and what news from the contract register does to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.delivery.events import queue_mail
from service.employers.models import Employment
from service.employers.rules import end_by_wages
from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer
from service.reference.working_days import next_working_day
from service.signals import deadlines
from service.signals.asking.questions import settle, warn_again
from service.signals.asking.rules import Answer
from service.signals.course import await_deadline, clock_end, follow_end_date, running_deadline
from service.signals.models import DECIDED_AND_LIVE, UNLOOKED, Signal, SignalReport
from service.signals.rules import LIVE_STATUSES, EscalationLevel, SignalOrigin, SignalPhase, SignalStatus
from service.signals.steps import Audience, StepKind
from service.signals.telling import record, tell
from service.signals.views import is_live, told_outside

_LEVELS = tuple(EscalationLevel)


def _locked(uow: UnitOfWork, signal_id: str) -> Signal | None:
    return uow.session.get(Signal, signal_id, with_for_update={"of": Signal}, populate_existing=True)


# --- A deadline was missed --------------------------------------------------------------------------------------


def escalation_path(uow: UnitOfWork, signal: Signal) -> list[EscalationLevel]:
    """To whom a missed deadline leads, the one who has it first. Whoever is not there is left out.

    The employer of an undisclosed client sees the desk from start to end, as it would for anybody else.
    """
    if not signal.is_client or signal.person_id is None:
        return [EscalationLevel.DESK]
    if signal.employer_since is not None and not signal.disclosed and told_outside(signal):
        return [EscalationLevel.DESK]
    found = contacts.responsible(uow, signal.person_id)
    if found is None:
        return [EscalationLevel.DESK]
    further = [each for each in (found.backup, found.team) if each is not None]
    path = [EscalationLevel(each.kind.value) for each in (found, *further)]
    return [*path, EscalationLevel.DESK]


def _escalation_due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(Signal.id)
        .where(Signal.escalate_on <= uow.today, is_live())
        .order_by(Signal.escalate_on, Signal.id)
        .limit(limit)
    )
    return list(uow.execute(statement).scalars())


def _escalate(uow: UnitOfWork, signal_id: str) -> None:
    """Passes the signal on to whom it belongs today. After a standstill that is one step, not one for each day."""
    signal = _locked(uow, signal_id)
    if signal is None or signal.escalate_on is None or signal.escalate_on > uow.today:
        return
    deadline = running_deadline(signal)
    if deadline is None:
        signal.escalate_on = None
        return
    path = escalation_path(uow, signal)
    level = deadlines.escalation_at(deadline, uow.today, path)
    if level is None:
        signal.escalate_on = next_working_day(deadline)
        return
    signal.escalate_on = None if level is path[-1] else next_working_day(uow.today)
    before = signal.escalation_level
    if before is not None and _LEVELS.index(level) <= _LEVELS.index(before):
        return
    signal.escalation_level = level
    signal.escalated_since = deadlines.escalated_since(deadline, level, path)
    signal.changed_at = uow.now
    uow.flush()
    passed_on = before or path[0]
    moved = passed_on is not level
    audience = Audience.ALL if told_outside(signal) else Audience.UWV_SIDE
    values = {"before": passed_on if moved else None, "after": level}
    record(uow, signal, StepKind.ESCALATED, PartyKind.SYSTEM, audience=audience, **values)
    also = (PartyKind.DESK,) if level is EscalationLevel.DESK else ()
    tell(uow, signal, "escalated", audience=audience, also=also, because="escalation")
    queue_mail(uow, "signal-escalated", {"signalId": signal.id, "to": level.value})
    if moved:
        queue_mail(uow, "signal-passed-on", {"signalId": signal.id, "to": passed_on.value, "now": level.value})


# --- The last day has passed ------------------------------------------------------------------------------------


def _ended_due(uow: UnitOfWork, limit: int) -> list[str]:
    """Signals that go on although what was decided has happened; and those that were over before, whose reports still
    speak of a decision: each of these is looked at once."""
    own = select(Signal.id).where(DECIDED_AND_LIVE, Signal.expected_end_date < uow.today)
    stated = select(SignalReport.signal_id).where(UNLOOKED, SignalReport.expected_end_date < uow.today)
    found: list[str] = []
    for statement, end in ((own, Signal.expected_end_date), (stated, SignalReport.expected_end_date)):
        found += uow.execute(statement.order_by(end).limit(limit)).scalars()
    return list(dict.fromkeys(found))[:limit]


def _end(uow: UnitOfWork, signal_id: str) -> None:
    """What was decided has happened."""
    signal = _locked(uow, signal_id)
    if signal is None:
        return
    if signal.status not in LIVE_STATUSES:
        for report in signal.reports:
            report.looked_end = report.expected_end_date
        return
    # What was withdrawn stays as it was, also where another party's report goes on.
    stated: list[Signal | SignalReport] = [signal, *(each for each in signal.reports if each.withdrawn_at is None)]
    over = [
        each
        for each in stated
        if each.phase is SignalPhase.DECIDED
        and each.expected_end_date is not None
        and each.expected_end_date < uow.today
    ]
    if not over:
        return
    for each in over:
        each.phase = SignalPhase.ENDED
    await_deadline(signal)
    signal.changed_at = uow.now
    uow.flush()
    employer_sees = not signal.reports or any(
        isinstance(each, SignalReport) and each.party_kind is PartyKind.EMPLOYER for each in over
    )
    others = any(each.party_kind is PartyKind.EMPLOYER for each in signal.reports)
    audience = Audience.ALL if employer_sees or not others else Audience.NOT_EMPLOYER
    values = {"before": SignalPhase.DECIDED, "after": SignalPhase.ENDED}
    record(uow, signal, StepKind.PHASE_CHANGED, PartyKind.SYSTEM, audience=audience, **values)
    tell(uow, signal, "changed", audience=audience, because="end-date-passed")


ESCALATION = Timer("signals.escalation", _escalation_due, _escalate)
ENDED = Timer("signals.ended", _ended_due, _end)


# --- News from the register -------------------------------------------------------------------------------------


def _employment_changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    """The end date in the register has moved: the live signal follows it. It is the employer's own statement.

    An early warning whose end is no longer near is withdrawn.
    """
    employment = uow.session.get(Employment, event["data"]["employmentId"], populate_existing=True)
    if employment is None:
        return
    wanted = select(Signal).where(Signal.employment_id == employment.id, is_live()).with_for_update(of=Signal)
    signal = uow.session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()
    if signal is None:
        return
    end, warned = employment.end_date, signal.origin is SignalOrigin.REGISTER and not signal.reports
    if warned and _goes_on(uow, signal, employment):
        # `registered_end_date` stays: of the new end nobody was told, so that it is warned of when it comes near.
        settle(uow, signal, Answer.EXTENDED)
        warn_again(uow, employment.id)
        source, signal.status = signal.status, SignalStatus.WITHDRAWN
        signal.escalation_level = signal.escalated_since = signal.escalate_on = None
        signal.changed_at = uow.now
        uow.flush()
        record(uow, signal, StepKind.STATUS_CHANGED, PartyKind.SYSTEM, before=source, after=signal.status)
        tell(uow, signal, "withdrawn", because="end-date-moved")
        return
    if signal.registered_end_date == end:
        return
    if warned and signal.registered_end_date is None:
        # Wages had stopped; by now the employer has said in its register when it ended.
        settle(uow, signal, Answer.ENDING)
    before, signal.registered_end_date = clock_end(signal), end
    signal.changed_at = uow.now
    signal.expected_end_date = end
    for report in signal.reports:
        if report.party_kind is PartyKind.EMPLOYER and report.withdrawn_at is None:
            report.expected_end_date = end
    follow_end_date(uow, signal)
    uow.flush()
    record(uow, signal, StepKind.END_DATE_CHANGED, PartyKind.SYSTEM, before=before, after=end)
    tell(uow, signal, "changed", because="employment.changed")


def _goes_on(uow: UnitOfWork, signal: Signal, employment: Employment) -> bool:
    """Whether the end of which the register warned is no longer near, or wages are paid again."""
    end = employment.end_date
    if end is None and signal.registered_end_date is None:
        month = employment.last_wage_month
        return month is not None and end_by_wages(month, uow.today) is None
    near = deadlines.early_warning_due(end, uow.today, linked=True, live_signal=False)
    return signal.registered_end_date != end and not near and (end is None or end > uow.today)


def _person_changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    """UWV's side said whose employment it is, or took that back. The version stays: no employer may notice."""
    employment = uow.session.get(Employment, event["data"]["employmentId"], populate_existing=True)
    if employment is not None:
        own = update(Signal).where(Signal.employment_id == employment.id)
        uow.execute(own.values(person_id=employment.person_id))


PERSON_CHANGED = Consumer("signals.person", frozenset({"employment.person-changed"}), _person_changed)
EMPLOYMENT_CHANGED = Consumer("signals.employment", frozenset({"employment.changed"}), _employment_changed)
