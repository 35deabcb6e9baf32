"""Reporting a contract end: a signal begins, or a further party joins the one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.kernel.database import UnitOfWork
from service.kernel.ids import unlinkable_id
from service.kernel.problems import Problem, conflict, invalid_field, invalid_input, unknown_reference
from service.signals.asking.questions import settle
from service.signals.asking.rules import answer_in
from service.signals.beginning import (
    INSERT_REPORT,
    Reported,
    begin,
    find,
    is_hidden,
    new_signal,
    profile_asked,
    report_values,
    reporting_party,
)
from service.signals.course import come_back, first_clocks, follow_end_date, restart
from service.signals.models import Signal, SignalReport
from service.signals.reading import log
from service.signals.rules import (
    PHASE_MACHINE,
    Consent,
    SignalPhase,
    phase_allowed,
)
from service.signals.steps import Audience, StepKind, receipt_number
from service.signals.taking_over import leave, move_over
from service.signals.telling import address, mail_contact, record, tell
from service.signals.views import FACTS, employer_sees, is_live, own_report, signal_view


def report_signal(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Reports that an employment ends, or may end. Joins the live signal of that employment where there is one.

    Raises 400 for an employment that is not the caller's and for a decision of which the employee does not know, 409
    `signal-exists` when the same party reported it already.
    """
    actor.require(PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)
    found = find(uow, data["employment_id"])
    if found is None or reporting_party(actor.kind, found) not in actor.party_ids(actor.kind):
        raise invalid_input([unknown_reference("/employmentId")])
    check_informed(data["phase"], data["employee_informed"])
    if found.signal_id is None or is_hidden(actor.kind, found):
        [signal] = begin(uow, actor.kind, [Reported(found, data)])
        if signal is not None:
            log(uow, actor, signal, "signal.reported")
            return signal_view(actor, signal, uow.settings)
    return join(uow, actor, found, data)


def check_informed(phase: SignalPhase, employee_informed: bool) -> None:
    """Raises 400 where an end is decided of which the employee does not know."""
    if not phase_allowed(phase, employee_informed):
        raise invalid_field(
            "/employeeInformed",
            "employee-not-informed",
            "Vertel het eerst aan de werknemer. Daarna kunt u melden dat het besluit genomen is.",
            "Tell the employee first. After that you can report that it has been decided.",
        )


def join(uow: UnitOfWork, actor: Actor, found: Any, data: Mapping[str, Any]) -> dict[str, Any]:
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
    contact = contacts.public_contact(uow, found.id)
    values = report_values(uow, actor.kind, Reported(found, data), signal.id, visible, clocks, contact)
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
        for name, day in profile_asked(uow, actor.kind, data["phase"], found).items():
            setattr(signal, name, day)
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
    contact = contacts.public_contact(uow, found.id)
    report = report_values(uow, actor.kind, Reported(found, data), unlinkable_id(), True, clocks, contact)
    facts = {name: getattr(left, name) for name in FACTS}
    values = new_signal(uow, found, left.origin, receipt_number(), facts, report["signal_id"], True)
    values |= clocks | {"told_employer": 0} | profile_asked(uow, actor.kind, data["phase"], found)
    signal = Signal(**values)
    uow.add(signal)
    uow.flush()
    uow.write(INSERT_REPORT, report)
    move_over(uow, left, signal, others)
    uow.session.refresh(signal)
    state_facts(actor.kind, signal, data)
    uow.flush()
    _reported(uow, signal, actor.kind, data["phase"], Audience.ALL)
    log(uow, actor, signal, "signal.reported")
    return signal_view(actor, signal, uow.settings)


def _reported(uow: UnitOfWork, signal: Signal, by: PartyKind, phase: SignalPhase, audience: Audience) -> None:
    record(uow, signal, StepKind.REPORTED, by, after=phase, audience=audience)
    tell(uow, signal, "reported", audience=audience)
    mail_contact(uow, signal)


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
