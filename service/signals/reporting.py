"""Reporting a contract end: the path that must be quick, so it writes through Core in few round trips."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final, cast

from sqlalchemy import Table, and_, bindparam, case, exists, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.contacts.models import Link
from service.employers.models import Employment
from service.kernel.database import Id, UnitOfWork
from service.kernel.ids import new_id, unlinkable_id
from service.kernel.prepared import Prepared
from service.kernel.problems import Problem, conflict, invalid_field, invalid_input, unknown_reference
from service.people.models import Person
from service.signals import deadlines
from service.signals.asking.questions import settle
from service.signals.asking.rules import answer_in
from service.signals.course import RESTARTED, WITHDRAWAL, come_back, first_clocks, follow_end_date, restart
from service.signals.models import LIVE, Signal, SignalReport
from service.signals.reading import log
from service.signals.rules import (
    NEEDS_INFORMED_EMPLOYEE,
    PHASE_MACHINE,
    Consent,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
    phase_allowed,
)
from service.signals.steps import Audience, StepKind, receipt_number
from service.signals.taking_over import leave, move_over
from service.signals.telling import address, mail_contact, record, tell
from service.signals.views import FACTS, employer_sees, is_live, own_report, signal_view
from service.signals.wording import receipt_warnings

_ORIGINS: Final = {
    PartyKind.EMPLOYER: SignalOrigin.EMPLOYER,
    PartyKind.JOBCOACH_ORGANISATION: SignalOrigin.JOBCOACH,
}
_RECEIPT_CONTACT: Final = ("kind", "name", "role", "office", "phone", "email")
_SIGNAL: Final = cast(Table, Signal.__table__)
ONE_LIVE: Final[dict[str, Any]] = {"index_elements": ["employment_id"], "index_where": LIVE}
WRITTEN: Final = (
    "id", "version", "number", "employment_id", "employer_id", "person_id", "origin", *FACTS, "registered_end_date",
    "status", "employer_since", "told_employer", "acknowledge_by", "plan_by", "start_interview_by", "escalate_on",
    "tell_employer", "reported_at", "changed_at",
)  # fmt: skip
_INSERT_UNLESS_LIVE: Final = {
    True: Prepared(sqlite.insert(_SIGNAL).on_conflict_do_nothing(**ONE_LIVE), WRITTEN),
    False: Prepared(postgresql.insert(_SIGNAL).on_conflict_do_nothing(**ONE_LIVE), WRITTEN),
}


def _begin_or_take_over(insert_into: Any) -> Prepared:
    """An employer's report: a new signal, or the early warning that it could not see, which begins anew with it. The
    same statement does either, so that the time it takes does not tell which it was."""
    taken = insert_into(_SIGNAL)
    new, old = taken.excluded, _SIGNAL.c
    refused = [
        and_(old.phase == source, new.phase == target)
        for source in SignalPhase
        for target in SignalPhase
        if target not in PHASE_MACHINE.allowed(source, PartyKind.EMPLOYER)
    ]
    as_reported = {
        name: new[name]
        for name in (*WRITTEN, *RESTARTED)
        if name not in ("id", "version", "number", "employment_id", "employer_id", "person_id", "origin")
    }
    values = as_reported | {
        "version": old.version + 1,
        "phase": case((or_(*refused), old.phase), else_=new.phase),
        "employee_informed": or_(new.employee_informed, old.phase.in_(sorted(NEEDS_INFORMED_EMPLOYEE))),
        "consent_to_contact_employer": old.consent_to_contact_employer,
    }
    return Prepared(
        taken.on_conflict_do_update(**ONE_LIVE, set_=values, where=old.employer_since.is_(None)).returning(
            *(_SIGNAL.c[name] for name in ("id", "version", "origin", "phase"))
        ),
        WRITTEN,
    )


_BEGIN_OR_TAKE_OVER: Final = {True: _begin_or_take_over(sqlite.insert), False: _begin_or_take_over(postgresql.insert)}
_INSERT_REPORT: Final = Prepared(
    insert(cast(Table, SignalReport.__table__)),
    [column.name for column in SignalReport.__table__.columns if column.name not in WITHDRAWAL],
)
# Built once: what a report has to know, in one statement.
_FIND: Final = Prepared(
    select(
        Employment.id,
        Employment.employer_id,
        Employment.person_id,
        Employment.start_date,
        Employment.end_date,
        Employment.jobcoach_organisation_id,
        func.coalesce(Person.is_client, False).label("is_client"),
        Link.disclosed_since.is_not(None).label("disclosed"),
        Signal.id.label("signal_id"),
        Signal.employer_since,
        exists().where(SignalReport.signal_id == Signal.id).label("reported"),
    )
    .select_from(Employment)
    .outerjoin(Person, Person.id == Employment.person_id)
    .outerjoin(Link, Link.employment_id == Employment.id)
    .outerjoin(Signal, and_(Signal.employment_id == Employment.id, is_live()))
    .where(Employment.id == bindparam("employment_id", type_=Id))
)
_EMPTY: Final[dict[str, Any]] = dict.fromkeys((*_SIGNAL.columns.keys(), *WITHDRAWAL))


def report_signal(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Reports that an employment ends, or may end. Joins the live signal of that employment where there is one.

    Raises 400 for an employment that is not the caller's and for a decision of which the employee does not know, 409
    `signal-exists` when the same party reported it already.
    """
    actor.require(PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)
    found = next(iter(uow.find(_FIND, {"employment_id": data["employment_id"]})), None)
    if found is None or _party(actor.kind, found) not in actor.party_ids(actor.kind):
        raise invalid_input([unknown_reference("/employmentId")])
    check_informed(data["phase"], data["employee_informed"])
    hidden = actor.kind is PartyKind.EMPLOYER and found.employer_since is None and not found.reported
    if found.signal_id is None or hidden:
        signal = _begin(uow, actor.kind, found, data)
        if signal is not None:
            log(uow, actor, signal, "signal.reported")
            return signal_view(actor, signal, uow.settings)
    return _join(uow, actor, found, data)


def check_informed(phase: SignalPhase, employee_informed: bool) -> None:
    """Raises 400 where an end is decided of which the employee does not know."""
    if not phase_allowed(phase, employee_informed):
        raise invalid_field(
            "/employeeInformed",
            "employee-not-informed",
            "Vertel het eerst aan de werknemer. Daarna kunt u melden dat het besluit genomen is.",
            "Tell the employee first. After that you can report that it has been decided.",
        )


def _party(kind: PartyKind, found: Any) -> str | None:
    """For whom a party of this kind reports: the employer, or the organisation that coaches the employee."""
    party_id: str | None = found.employer_id if kind is PartyKind.EMPLOYER else found.jobcoach_organisation_id
    return party_id


def as_read(signal: Mapping[str, Any], reports: list[Mapping[str, Any]], found: Any) -> Signal:
    """What was just written, as the views read it: making mapped objects of it would cost more than writing it."""
    more = {"disclosed": found.disclosed, "is_client": found.is_client}
    own = [SimpleNamespace(**(_EMPTY | dict(report))) for report in reports]
    return cast(Signal, SimpleNamespace(**(_EMPTY | dict(signal) | more), reports=own))


def _begin(uow: UnitOfWork, kind: PartyKind, found: Any, data: Mapping[str, Any]) -> Signal | None:
    """A new signal, or an early warning that an employer could not see; None when another party's came in between."""
    visible = kind is PartyKind.EMPLOYER or data["consent_to_contact_employer"] is Consent.GRANTED
    facts = {name: data[name] for name in FACTS}
    if kind is PartyKind.EMPLOYER:
        facts["consent_to_contact_employer"] = Consent.UNKNOWN
    clocks = first_clocks(uow.today, facts["expected_end_date"])
    report = _report(uow, kind, found, data, unlinkable_id(), visible, clocks)
    signal = new_signal(uow, found, _ORIGINS[kind], report["number"], facts, report["signal_id"]) | clocks
    _open(uow, signal, visible)
    if kind is PartyKind.EMPLOYER:
        written = uow.find(_BEGIN_OR_TAKE_OVER[uow.is_sqlite], signal)
        if not written:
            return None
        signal |= written[0]._asdict()
        report["signal_id"] = signal["id"]
    elif uow.write(_INSERT_UNLESS_LIVE[uow.is_sqlite], signal) != 1:
        return None
    uow.write(_INSERT_REPORT, report)
    row = as_read(signal, [report], found)
    _reported(uow, row, kind, data["phase"], Audience.ALL if visible else Audience.NOT_EMPLOYER, begun=True)
    return row


def _open(uow: UnitOfWork, signal: dict[str, Any], visible: bool) -> None:
    """Whether the employer may see a new signal: then it is told of it at once."""
    signal["employer_since"] = uow.now if visible else None
    signal["told_employer"] = 1 if visible else 0


def new_signal(
    uow: UnitOfWork,
    found: Any,
    origin: SignalOrigin,
    number: str,
    facts: Mapping[str, Any],
    signal_id: str,
) -> dict[str, Any]:
    """What a signal begins with, beside its clocks and whether the employer sees it."""
    return {
        "id": signal_id,
        "version": 1,
        "number": number,
        "employment_id": found.id,
        "employer_id": found.employer_id,
        "person_id": found.person_id,
        "origin": origin,
        **facts,
        "registered_end_date": found.end_date,
        "status": SignalStatus.REPORTED,
        "tell_employer": False,
        "reported_at": uow.now,
        "changed_at": uow.now,
    }


def _report(
    uow: UnitOfWork,
    kind: PartyKind,
    found: Any,
    data: Mapping[str, Any],
    signal_id: str,
    visible: bool,
    clocks: Mapping[str, Any],
) -> dict[str, Any]:
    """A party's report with its receipt, which stays as it was given."""
    end, received = data["expected_end_date"], uow.today
    number = receipt_number()
    contact = contacts.public_contact(uow, found.id)
    warnings = receipt_warnings(
        received=received,
        phase=data["phase"],
        end=end,
        employee_informed=data["employee_informed"],
        start=found.start_date,
        registered_end=found.end_date,
    )
    receipt = {
        "number": number,
        "contact": {name: contact[name] for name in _RECEIPT_CONTACT},
        **{name: clocks[name] and clocks[name].isoformat() for name in clocks if name != "escalate_on"},
        "lead_time_days": deadlines.lead_time_days(received, end),
        "timely": deadlines.timely(received, end, found.start_date, data["end_reason"]),
        "warnings": [{"code": warning.code, "text": list(warning.text)} for warning in warnings],
    }
    return {
        "id": new_id(),
        "signal_id": signal_id,
        "party_id": _party(kind, found),
        "party_kind": kind,
        "number": number,
        "reference": data["reference"],
        **{name: data[name] for name in FACTS},
        "receipt": receipt,
        "visible_to_employer": visible,
        "reported_at": uow.now,
    }


def _reported(
    uow: UnitOfWork, signal: Signal, by: PartyKind, phase: SignalPhase, audience: Audience, *, begun: bool = False
) -> None:
    """`phase` is what was reported now; the signal may know better, from somebody of whom the reporter may not hear."""
    record(uow, signal, StepKind.REPORTED, by, after=phase, audience=audience)
    tell(uow, signal, "reported", audience=audience, begun=begun)
    mail_contact(uow, signal)


def _join(uow: UnitOfWork, actor: Actor, found: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """A further party reports what is known already: own receipt, own view."""
    wanted = select(Signal).where(Signal.employment_id == found.id, is_live()).with_for_update(of=Signal)
    signal = uow.session.scalars(wanted).one_or_none()
    if signal is None:
        raise _exists(None)
    own = own_report(actor, signal)
    if own is not None and own.withdrawn_at is None:
        raise _exists(signal.id)
    employer = actor.kind is PartyKind.EMPLOYER
    if own is not None and employer:
        return _report_anew(uow, actor, found, data, signal)
    visible = employer or data["consent_to_contact_employer"] is Consent.GRANTED
    fresh = visible and not employer_sees(signal) and (employer or not signal.disclosed)
    clocks = first_clocks(uow.today, data["expected_end_date"])
    values = _report(uow, actor.kind, found, data, signal.id, visible, clocks)
    if own is None:
        signal.reports.append(SignalReport(**values))
    else:
        for name in values.keys() - {"id"}:
            setattr(own, name, values[name])
        come_back(own)
    if employer:
        # A change of the register that came before this report does not overtake it.
        signal.registered_end_date = found.end_date
        settle(uow, signal, answer_in(data["phase"]))
    state_facts(actor.kind, signal, data)
    if fresh or (visible and signal.employer_since is None):
        signal.employer_since = uow.now
    if fresh:
        # The employer could not see it, so it must not be able to tell that there was one: its course starts here.
        restart(uow, signal, data["expected_end_date"])
    else:
        follow_end_date(uow, signal)
    signal.changed_at = uow.now
    try:
        uow.flush()
    except IntegrityError:
        raise _exists(signal.id) from None
    _reported(uow, signal, actor.kind, data["phase"], Audience.ALL if visible else Audience.NOT_EMPLOYER)
    log(uow, actor, signal, "signal.reported")
    return signal_view(actor, signal, uow.settings)


def _report_anew(uow: UnitOfWork, actor: Actor, found: Any, data: Mapping[str, Any], left: Signal) -> dict[str, Any]:
    """An employer that withdrew its report reports again, while the signal went on with another's: a new signal, as
    it would be had nobody else reported. The others go along."""
    others = leave(uow, left, found.employer_id)
    clocks = first_clocks(uow.today, data["expected_end_date"])
    report = _report(uow, actor.kind, found, data, unlinkable_id(), True, clocks)
    facts = {name: getattr(left, name) for name in FACTS}
    values = new_signal(uow, found, left.origin, receipt_number(), facts, report["signal_id"]) | clocks
    values |= {"employer_since": uow.now, "told_employer": 0}
    signal = Signal(**values)
    uow.add(signal)
    uow.flush()
    uow.write(_INSERT_REPORT, report)
    move_over(uow, left, signal, others)
    uow.session.refresh(signal)
    state_facts(actor.kind, signal, data)
    uow.flush()
    _reported(uow, signal, actor.kind, data["phase"], Audience.ALL)
    log(uow, actor, signal, "signal.reported")
    return signal_view(actor, signal, uow.settings)


def state_facts(kind: PartyKind, signal: Signal, facts: Mapping[str, Any]) -> None:
    """Takes a party's statement over into what UWV's side knows. The newest counts; a phase moves only as its table
    allows, and the person's consent is not for an employer to record: its word stays in its own statement."""
    for name in FACTS:
        if name not in facts:
            continue
        if name == "phase" and facts[name] not in PHASE_MACHINE.allowed(signal.phase, kind):
            continue
        if name == "consent_to_contact_employer" and kind is PartyKind.EMPLOYER:
            continue
        setattr(signal, name, facts[name])
    # Whoever reported the decision said so; another party may not know yet.
    signal.employee_informed = signal.employee_informed or not phase_allowed(signal.phase, False)


def _exists(signal_id: str | None) -> Problem:
    extra = {"existing": f"/v1/{address(signal_id)}"} if signal_id else {}
    return conflict(
        "signal-exists",
        "U heeft dit contracteinde al gemeld. Wijzig die melding met PATCH.",
        "You reported this contract end already. Change that signal with PATCH.",
        **extra,
    )
