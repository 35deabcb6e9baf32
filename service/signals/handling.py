"""What the parties do with a signal: change its facts, move it on, plan, hand over what the employer knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.contacts.models import Caseworker
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.problems import (
    FieldError,
    Problem,
    conflict,
    forbidden_move,
    invalid_field,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.kernel.text import Text
from service.signals import deadlines
from service.signals.beginning import profile_asked
from service.signals.course import (
    await_deadline,
    clock_end,
    come_back,
    drop_pause,
    follow_end_date,
    restart,
    show_at_desk,
    withdraw,
)
from service.signals.models import Signal, SignalReport
from service.signals.plans.operations import check_plan
from service.signals.reading import load, log
from service.signals.reporting import check_informed, state_facts
from service.signals.rules import PHASE_MACHINE, STATUS_MACHINE, Consent, Outcome, SignalOrigin, SignalStatus
from service.signals.steps import Audience, StepKind
from service.signals.taking_over import hide_meanwhile, make_room
from service.signals.telling import audience_of, line, mail_contact, record, record_all, tell, tell_all
from service.signals.views import (
    FACTS,
    employer_report,
    own_report,
    signal_view,
    statement_for,
    status_for,
    version_for,
    visible_signals,
)

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)
_CHANGED: Final = {"phase": StepKind.PHASE_CHANGED, "expected_end_date": StepKind.END_DATE_CHANGED}
_CLOSING: Final = {"outcome": "/outcome", "outcome_date": "/outcomeDate", "tell_employer": "/tellEmployer"}


# --- Facts ------------------------------------------------------------------------------------------------------


def change_signal(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes facts. A reporter changes its own statement, UWV's side what it knows itself.

    Raises 409 for a party that did not report the signal, and for a change of phase that the table does not have.
    """
    signal = load(uow, actor, signal_id, for_update=True)
    expected.check(version_for(actor, signal, uow.settings))
    _tell_of_changes(uow, actor, [_apply_changes(uow, actor, signal, data)])
    return signal_view(actor, signal, uow.settings)


def change_signals(uow: UnitOfWork, actor: Actor, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, Problem]:
    """The same for many signals at once, by id. Says which were refused, and why."""
    statement = visible_signals(actor).where(uow.among(Signal.id, list(wanted))).order_by(Signal.id)
    found = uow.session.scalars(
        statement.with_for_update(of=Signal), execution_options={"populate_existing": True}
    ).all()
    refused = dict.fromkeys(wanted.keys() - {signal.id for signal in found}, not_found())
    done = []
    for signal in found:
        try:
            done.append(_apply_changes(uow, actor, signal, wanted[signal.id]))
        except Problem as problem:
            refused[signal.id] = problem
    _tell_of_changes(uow, actor, done)
    return refused


class _Changed(NamedTuple):
    """Which facts of a signal are other ones now, and what they were."""

    signal: Signal
    facts: Mapping[str, Any]
    before: Mapping[str, Any]


def _apply_changes(uow: UnitOfWork, actor: Actor, signal: Signal, data: Mapping[str, Any]) -> _Changed:
    """Refuses before it changes anything."""
    report = own_report(actor, signal)
    if actor.kind not in _UWV_SIDE and (report is None or report.withdrawn_at is not None):
        raise conflict(
            "report-first",
            "U heeft dit contracteinde nog niet zelf gemeld. Meld het eerst.",
            "You did not report this contract end yourself yet. Report it first.",
        )
    facts = statement_for(actor.kind, signal, report)
    changed = changes(actor.kind, facts, data)
    before = {name: getattr(facts, name) for name in changed}
    if report is not None:
        for name in FACTS:
            if name in data:
                setattr(report, name, data[name])
        if "reference" in data:
            report.reference = data["reference"]
    state_facts(actor.kind, signal, changed)
    if "phase" in changed:
        signal.profile_asked_on = profile_asked(uow, actor.kind, changed["phase"], signal)["profile_asked_on"]
    if "consent_to_contact_employer" in changed and actor.kind is not PartyKind.EMPLOYER:
        _apply_consent(uow, signal, changed["consent_to_contact_employer"])
    if "expected_end_date" in changed:
        follow_end_date(uow, signal)
    elif "phase" in changed:
        await_deadline(signal)
    signal.changed_at = uow.now
    return _Changed(signal, changed, before)


def _tell_of_changes(uow: UnitOfWork, actor: Actor, done: Sequence[_Changed]) -> None:
    uow.flush()
    lines, heard = [], []
    for signal, facts, before in done:
        audience = audience_of(actor.kind, signal)
        for name, what in _CHANGED.items():
            if name in facts:
                values = {"before": before[name], "after": facts[name]}
                lines.append(line(uow, signal, what, actor.kind, audience=audience, **values))
        if facts.keys() - _CHANGED.keys():
            lines.append(line(uow, signal, StepKind.FACTS_CHANGED, actor.kind, audience=audience))
        if facts:
            heard.append((signal, audience))
        log(uow, actor, signal, "signal.changed")
    record_all(uow, lines)
    tell_all(uow, heard, "changed")


def changes(kind: PartyKind, facts: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """Which facts are other ones now. Raises 409 for a phase that cannot follow, 400 for a decision of which the
    employee does not know."""
    changed = {name: data[name] for name in FACTS if name in data and getattr(facts, name) != data[name]}
    if "phase" in changed:
        _check_phase(facts, changed, kind)
    if "phase" in changed or "employee_informed" in changed:
        phase = changed.get("phase", facts.phase)
        check_informed(phase, changed.get("employee_informed", facts.employee_informed))
    return changed


def _check_phase(facts: Any, changed: Mapping[str, Any], role: PartyKind) -> None:
    try:
        PHASE_MACHINE.move(facts.phase, changed["phase"], role)
    except ForbiddenMove as refused:
        raise forbidden_move(refused.source, refused.target, refused.allowed) from None


def _apply_consent(uow: UnitOfWork, signal: Signal, consent: Consent) -> None:
    """The person agrees, or no longer agrees, that the employer hears of what its jobcoach reported."""
    granted = consent is Consent.GRANTED
    coached = [report for report in signal.reports if report.party_kind is PartyKind.JOBCOACH_ORGANISATION]
    for report in coached:
        report.visible_to_employer = granted
        report.consent_to_contact_employer = consent
    if not coached or employer_report(signal) is not None:
        return
    if granted and signal.employer_since is None:
        signal.employer_since = uow.now
        if not signal.disclosed:
            show_at_desk(signal)
    elif not granted and not (signal.origin is SignalOrigin.REGISTER and signal.disclosed):
        signal.employer_since = None


# --- Status -----------------------------------------------------------------------------------------------------


def move_signal(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Moves a signal on. UWV's side acknowledges, plans, closes with an outcome and reopens; a party that reported it
    withdraws its report, or takes that back.

    Raises 409 with the allowed moves, what `check_plan` says for planned, `signal-exists` when the employment
    has another live signal by now.
    """
    signal = load(uow, actor, signal_id, for_update=True)
    expected.check(version_for(actor, signal, uow.settings))
    report = own_report(actor, signal)
    source, target = status_for(signal, report), data["to"]
    _check_move(actor, report, source, target)
    _check_fields(actor, target, data)
    if actor.kind in _UWV_SIDE:
        _act(uow, actor, signal, target, data)
        event, done = target.value, None
    else:
        event, done = _reporter_moves(uow, signal, report, target)
    signal.changed_at = uow.now
    try:
        uow.flush()
    except IntegrityError:
        raise _other_live() from None
    audience = Audience.ALL if actor.kind in _UWV_SIDE else audience_of(actor.kind, signal)
    withdrawn = target is SignalStatus.WITHDRAWN
    # The same word whether or not another party's report goes on, which this one may not know.
    what = StepKind.REPORT_WITHDRAWN if withdrawn else StepKind.STATUS_CHANGED
    record(uow, signal, what, actor.kind, before=source, after=target, reason=data.get("reason"), audience=audience)
    if target is SignalStatus.CLOSED:
        record(uow, signal, StepKind.OUTCOME_RECORDED, actor.kind, after=signal.outcome, audience=Audience.UWV_SIDE)
    tell(uow, signal, event, audience=audience, done=done)
    if target is SignalStatus.REPORTED:
        mail_contact(uow, signal)
    log(uow, actor, signal, f"signal.{target.value}")
    return signal_view(actor, signal, uow.settings)


def _check_move(actor: Actor, report: SignalReport | None, source: SignalStatus, target: SignalStatus) -> None:
    if actor.kind not in _UWV_SIDE and report is None:
        raise forbidden_move(source, target, [])
    try:
        STATUS_MACHINE.move(source, target, actor.kind)
    except ForbiddenMove as refused:
        raise forbidden_move(refused.source, refused.target, refused.allowed) from None


def _check_fields(actor: Actor, target: SignalStatus, data: Mapping[str, Any]) -> None:
    foreign = {} if target is SignalStatus.CLOSED else dict(_CLOSING)
    if actor.kind not in _UWV_SIDE:
        foreign["caseworker_id"] = "/caseworkerId"
    text = Text("Dit hoort niet bij deze stap.", "This does not belong to this move.")
    errors = [FieldError("not-with-this-move", text, pointer=foreign[name]) for name in foreign if name in data]
    if errors:
        raise invalid_input(errors)
    if target is SignalStatus.CLOSED and "outcome" not in data:
        raise invalid_field("/outcome", "required", "Zeg hoe het is afgelopen.", "Say what became of it.")


def _act(uow: UnitOfWork, actor: Actor, signal: Signal, target: SignalStatus, data: Mapping[str, Any]) -> None:
    """A step by UWV's side."""
    acting = _acting(uow, actor, signal, data.get("caseworker_id"))
    if target is SignalStatus.PLANNED:
        check_plan(uow, signal)
        signal.planned_at = uow.now
    elif target is SignalStatus.ACKNOWLEDGED:
        signal.acknowledged_at = uow.now
        signal.seen_at = signal.seen_at or uow.now
        signal.plan_by = deadlines.plan_by(uow.today, clock_end(signal))
        if signal.status is SignalStatus.CLOSED:
            drop_pause(signal)
        signal.closed_at = signal.outcome = signal.outcome_date = signal.gap_days = None
        signal.trial_started_on = signal.trial_gap_days = signal.trial_ended_on = None
        for report in signal.reports:
            report.looked_end = None
    else:
        signal.closed_at = uow.now
        signal.outcome = data["outcome"]
        signal.outcome_date = data.get("outcome_date")
        signal.tell_employer = data.get("tell_employer", False)
        signal.gap_days = _gap(signal)
    for name, value in acting.items():
        setattr(signal, name, value)
    signal.acted_at = uow.now
    signal.status = target
    signal.escalation_level = signal.escalated_since = None
    await_deadline(signal)


def _gap(signal: Signal) -> int | None:
    """Days between the last day and the new contract, where the outcome is one."""
    end, start = signal.expected_end_date, signal.outcome_date
    if signal.outcome is not Outcome.NEW_EMPLOYER or end is None or start is None:
        return None
    return deadlines.gap_days(end, start)


def _acting(uow: UnitOfWork, actor: Actor, signal: Signal, caseworker_id: str | None) -> dict[str, str | None]:
    """Who takes the step: the caseworker that is named, else the one responsible; the desk for the desk."""
    role: str = PartyKind.DESK.value
    name = uow.settings.desk_name
    if caseworker_id is not None:
        row = uow.execute(
            select(Caseworker.role, Caseworker.name).where(Caseworker.id == caseworker_id, Caseworker.active)
        ).one_or_none()
        if row is None:
            raise invalid_input([unknown_reference("/caseworkerId")])
        role, name = row.role.value, row.name
    elif actor.kind is PartyKind.UWV and signal.person_id is not None:
        found = contacts.responsible(uow, signal.person_id)
        if found is not None:
            role, name, caseworker_id = (found.role or found.kind).value, found.name, found.caseworker_id
    return {"acted_by_role": role, "acted_by_name": name, "acted_by_caseworker_id": caseworker_id}


def _reporter_moves(
    uow: UnitOfWork, signal: Signal, report: SignalReport | None, target: SignalStatus
) -> tuple[str, str | None]:
    """A reporter withdraws, or takes that back. While another party's report stands, the signal itself goes on.

    Returns the event that tells of it, and the party that is done.
    """
    if report is None:
        raise not_found()
    if target is SignalStatus.WITHDRAWN:
        withdraw(uow, signal, report)
        if any(each.withdrawn_at is None for each in signal.reports):
            follow_end_date(uow, signal)
            return "changed", report.party_id
        signal.status = SignalStatus.WITHDRAWN
        signal.escalation_level = signal.escalated_since = signal.escalate_on = None
        return "withdrawn", report.party_id
    if signal.status is SignalStatus.WITHDRAWN:
        make_room(uow, signal, report)
    employer = report.party_kind is PartyKind.EMPLOYER
    if employer:
        hide_meanwhile(uow, signal, report)
        # A change of the register that came before this does not overtake it.
        signal.registered_end_date = uow.session.get_one(Employment, signal.employment_id).end_date
    come_back(report)
    if employer or signal.status is SignalStatus.WITHDRAWN:
        restart(uow, signal, report.expected_end_date)
    return "reported", None


def _other_live() -> Problem:
    return conflict(
        "signal-exists",
        "Voor dit dienstverband loopt al een nieuwe melding.",
        "There is a newer live signal for this employment.",
    )
