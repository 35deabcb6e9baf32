"""Who sees what of a signal.

UWV's side sees all. An employer sees its own statement and how far its case is; whether the person is known to UWV
shows nowhere: the desk stands for everybody behind the counter unless the link is disclosed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.config import Settings
from service.contacts.answer import desk as desk_contact
from service.contacts.rules import ContactKind
from service.employers.models import Employment
from service.kernel.clock import amsterdam_day
from service.kernel.requests import version_of_view
from service.signals.asking.views import question_view, step_inside, step_of_employer
from service.signals.deadlines import CLOCKS, employer_next_step, is_direct, next_step
from service.signals.interviews import interview_due
from service.signals.models import Signal, SignalReport, SignalStep
from service.signals.rules import (
    LIVE_STATUSES,
    EmployerOutcome,
    EscalationLevel,
    Outcome,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
    employer_outcome,
    employer_status,
)
from service.signals.steps import AUDIENCES_OF, StepKind
from service.signals.timeline import Course
from service.signals.wording import EMPLOYER_STATUS_TEXT, ESCALATION_TEXT, NEXT_STEP_TEXT

FACTS = (
    "phase",
    "expected_end_date",
    "end_reason",
    "employee_informed",
    "consent_to_contact_employer",
    "vacancy_expected",
)

WENT_ON = (Outcome.EXTENDED, Outcome.STAYS, Outcome.OTHER_WORK_SAME_EMPLOYER)
_DESK_ROLE = "desk"
_NAMED_OUTSIDE = (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION, PartyKind.SYSTEM)


# --- What an actor may see --------------------------------------------------------------------------------------


def visible_signals(actor: Actor) -> Select[Any]:
    """An employer sees what it reported or what was opened to it; of those whom it coaches a jobcoach organisation
    sees its own reports and what their employers may see too; UWV sees the signals of its clients, the desk all."""
    statement = select(Signal)
    if actor.kind in (PartyKind.DESK, PartyKind.SYSTEM):
        return statement
    if actor.kind is PartyKind.UWV:
        return statement.where(Signal.is_client)
    shown = select(SignalReport.id).where(SignalReport.signal_id == Signal.id, SignalReport.visible_to_employer)
    opened = Signal.employer_since.is_not(None) & or_(shown.exists(), Signal.disclosed)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        own = actor.party_ids(PartyKind.JOBCOACH_ORGANISATION)
        reported = select(SignalReport.signal_id).where(SignalReport.party_id.in_(own))
        coached = select(Employment.id).where(Employment.jobcoach_organisation_id.in_(own))
        return statement.where(Signal.employment_id.in_(coached), or_(Signal.id.in_(reported), opened))
    return statement.where(Signal.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)), opened)


def visible_reports(actor: Actor) -> Select[Any]:
    """A party sees its own reports; UWV's side those of the signals that it sees."""
    statement = select(SignalReport)
    if actor.is_uwv_side:
        return statement.where(SignalReport.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id)))
    return statement.where(SignalReport.party_id.in_(actor.party_ids()))


def visible_steps(actor: Actor, signal: Signal) -> Select[Any]:
    """The history of a signal that the actor sees, from when it may and until its own report was withdrawn."""
    statement = select(SignalStep).where(SignalStep.signal_id == signal.id)
    if actor.is_uwv_side:
        return statement
    statement = statement.where(SignalStep.audience.in_(AUDIENCES_OF[actor.kind]))
    own = own_report(actor, signal)
    if actor.kind is PartyKind.EMPLOYER and signal.employer_since is not None:
        statement = statement.where(SignalStep.at >= signal.employer_since)
    if own is not None and own.withdrawn_at is not None:
        statement = statement.where(SignalStep.at <= own.withdrawn_at)
    return statement


def is_live() -> ColumnElement[bool]:
    """The condition under which an employment has at most one signal."""
    return Signal.status.in_(sorted(LIVE_STATUSES))


# --- Whose word counts ------------------------------------------------------------------------------------------


def own_report(actor: Actor, signal: Signal) -> SignalReport | None:
    """What the actor itself reported. Somebody who acts for several parties has at most one of them here."""
    kind = actor.kind
    return next((r for r in signal.reports if r.party_kind is kind and actor.acts_for(r.party_id)), None)


def employer_report(signal: Signal) -> SignalReport | None:
    return next((r for r in signal.reports if r.party_kind is PartyKind.EMPLOYER), None)


def employer_sees(signal: Signal) -> bool:
    """Whether the signal is open to the employer: somebody's report is, or it is an early warning and the employer
    knows of the link. Once that is taken back, the warning goes out of sight."""
    shown = signal.disclosed or any(report.visible_to_employer for report in signal.reports)
    return signal.employer_since is not None and shown


def status_for(signal: Signal, report: SignalReport | None) -> SignalStatus:
    """A party that withdrew its own report is done with the signal, also where another party's report goes on."""
    return SignalStatus.WITHDRAWN if report is not None and report.withdrawn_at is not None else signal.status


def statement_for(kind: PartyKind, signal: Signal, report: SignalReport | None) -> Signal | SignalReport:
    """Where this party reads the facts: an employer in its own report, everybody else in the signal."""
    return report if kind is PartyKind.EMPLOYER and report is not None else signal


# --- Views ------------------------------------------------------------------------------------------------------


def signal_view(actor: Actor, signal: Signal, settings: Settings) -> dict[str, Any]:
    """The signal as this actor sees it."""
    if actor.is_uwv_side:
        return _inside(signal)
    view = _outside(actor, signal, settings)
    if actor.kind is PartyKind.EMPLOYER:
        view["version"] = version_of_view(view)
    return view


def version_for(actor: Actor, signal: Signal, settings: Settings) -> int:
    """The version of the signal for this actor: an employer's moves with what it sees, and with nothing else."""
    version: int = signal_view(actor, signal, settings)["version"]
    return version


def _inside(signal: Signal) -> dict[str, Any]:
    step = next_step(
        signal.status,
        signal.phase,
        acknowledge_by=signal.acknowledge_by,
        plan_by=signal.plan_by,
        end=signal.expected_end_date,
        start_interview_by=interview_due(signal),
        reporter=_asked(signal),
        paused=signal.paused_until is not None,
    )
    first = signal.reports[0] if signal.reports else None
    view = _common(signal, signal, signal.status)
    return view | {
        "number": signal.number,
        "reference": first.reference if first else None,
        "origin": signal.origin,
        "seen_at": signal.seen_at,
        "acted_by": _acted(signal),
        "receipt": receipt_view(first.receipt) if first else None,
        "escalation": _escalation(signal),
        "next_step": _next(step_inside(signal, step)),
        "outcome": told_outcome(signal),
        "question": question_view(signal),
        "handover_profile": _profile_asked(signal),
        "handling": {
            "person_id": signal.person_id,
            "visible_to_employer": signal.employer_since is not None,
            "disclosed": signal.disclosed,
            "acknowledge_by": signal.acknowledge_by,
            "plan_by": signal.plan_by,
            "start_interview_by": signal.start_interview_by,
            "paused_until": signal.paused_until if signal.status in LIVE_STATUSES else None,
            "start_interview": signal.interview_result,
            "start_interview_held_on": signal.interview_held_on,
            "acted_at": signal.acted_at,
            "caseworker_id": signal.acted_by_caseworker_id,
            "outcome": signal.outcome,
            "outcome_date": signal.outcome_date,
            "gap_days": signal.gap_days,
            "direct": None if signal.gap_days is None else is_direct(signal.gap_days),
            "trial_started_on": signal.trial_started_on,
            "trial_gap_days": signal.trial_gap_days,
            "trial_ended_on": signal.trial_ended_on,
            "contradiction": _contradiction(signal),
            "statements": [_statement(report) for report in signal.reports],
        },
    }


def _outside(actor: Actor, signal: Signal, settings: Settings) -> dict[str, Any]:
    report = own_report(actor, signal)
    facts = statement_for(actor.kind, signal, report)
    status = status_for(signal, report)
    over = report is not None and report.withdrawn_at is not None
    step = None
    if not over:
        step = next_step(
            status,
            facts.phase,
            acknowledge_by=signal.acknowledge_by,
            plan_by=signal.plan_by,
            end=facts.expected_end_date,
            start_interview_by=signal.start_interview_by,
            reporter=_asked(signal),
            paused=signal.paused_until is not None,
        )
    origin = signal.origin
    is_employer = actor.kind is PartyKind.EMPLOYER
    if is_employer and not signal.disclosed:
        # An early warning exists for clients only: an employer reads of the report by which the signal is open to it.
        origin = SignalOrigin.JOBCOACH if report is None else SignalOrigin.EMPLOYER
    seen_at, acted = signal.seen_at, _acted(signal)
    if report is not None and over:
        seen_at = report.left_seen_at
        acted = None
        if report.left_acted_role is not None:
            acted = {"role": report.left_acted_role, "name": report.left_acted_name}
    if acted is not None and not signal.disclosed:
        acted = {"role": _DESK_ROLE, "name": settings.desk_name}
    # Once a disclosure is taken back, nothing tells that there ever was a caseworker.
    named = signal.disclosed or not is_employer
    view = _common(signal, facts, status)
    if report is not None:
        view["consent_to_contact_employer"] = report.consent_to_contact_employer
    return view | {
        "number": report.number if report else signal.number,
        "reference": report.reference if report else None,
        "origin": origin,
        "seen_at": seen_at,
        "acted_by": acted,
        "receipt": _receipt(report, settings, named=named) if report else None,
        "escalation": None if over or not told_outside(signal) else _escalation(signal, named=named),
        "next_step": _next(step_of_employer(signal, step) if is_employer else employer_next_step(step)),
        "outcome": None if over else told_outcome(signal),
        "question": question_view(signal) if is_employer else None,
        "handover_profile": _profile_asked(signal) if actor.kind is PartyKind.EMPLOYER else None,
    }


def _common(signal: Signal, facts: Signal | SignalReport, status: SignalStatus) -> dict[str, Any]:
    progress = employer_status(status, signal.seen_at is not None)
    return {
        "id": signal.id,
        "version": signal.version,
        "employment_id": signal.employment_id,
        "employer_id": signal.employer_id,
        **{name: getattr(facts, name) for name in FACTS},
        "status": status,
        "progress": {"code": progress, "text": EMPLOYER_STATUS_TEXT[progress]},
        "freed_vacancy": _freed_vacancy(signal),
    }


def told_outcome(signal: Signal) -> EmployerOutcome | None:
    """What the employer is told of the outcome."""
    if signal.outcome is None or signal.status is not SignalStatus.CLOSED:
        return None
    return employer_outcome(
        Outcome.TRIAL_PLACEMENT if _told_of_trial(signal) else signal.outcome,
        disclosed=signal.disclosed,
        after_end=closed_after_end(signal),
        person_agrees=signal.tell_employer,
    )


def _told_of_trial(signal: Signal) -> bool:
    """Whether a trial placement ended without a contract after the last day of the job: the employer hears no more of
    the person then, so that what it was told before stays, unless the person wants it to hear."""
    end, over = signal.expected_end_date, signal.trial_ended_on
    late = over is not None and end is not None and over > end
    return late and signal.outcome is Outcome.UNKNOWN and not signal.tell_employer


def closed_after_end(signal: Signal) -> bool:
    """Whether the outcome came after the last day: then it is told only if the person agrees."""
    end = signal.expected_end_date
    return end is not None and signal.closed_at is not None and amsterdam_day(signal.closed_at) > end


def _asked(signal: Signal) -> PartyKind:
    """Who is asked whether the contract goes on."""
    if signal.employer_since is not None:
        return PartyKind.EMPLOYER
    reported = any(report.withdrawn_at is None for report in signal.reports)
    return PartyKind.JOBCOACH_ORGANISATION if reported else PartyKind.UWV


def _acted(signal: Signal) -> dict[str, Any] | None:
    if signal.acted_at is None:
        return None
    return {"role": signal.acted_by_role, "name": signal.acted_by_name}


def _escalation(signal: Signal, *, named: bool = True) -> dict[str, Any] | None:
    if signal.escalation_level is None:
        return None
    level = signal.escalation_level if named else EscalationLevel.DESK
    return {"level": level, "since": signal.escalated_since, "text": ESCALATION_TEXT[level]}


def told_outside(signal: Signal) -> bool:
    """Whether those who reported hear of the deadline that runs now, and of whom it has passed to."""
    clock = CLOCKS.get(signal.status)
    return clock is None or clock.told_outside


def _next(step: Any) -> dict[str, Any] | None:
    if step is None:
        return None
    return {"what": step.what, "by": step.by, "whose": step.whose, "text": NEXT_STEP_TEXT[step.what]}


def _freed_vacancy(signal: Signal) -> dict[str, Any] | None:
    if signal.freed_vacancy_id is None:
        return None
    opened, filled = signal.freed_vacancy_opened_on, signal.freed_vacancy_filled_on
    return {
        "id": signal.freed_vacancy_id,
        "status": signal.freed_vacancy_status,
        "filled_on": filled,
        "fill_days": (filled - opened).days if filled is not None and opened is not None else None,
    }


def _profile_asked(signal: Signal) -> dict[str, Any]:
    return {"asked_on": signal.profile_asked_on, "given_on": signal.profile_given_on}


def _contradiction(signal: Signal) -> dict[str, Any] | None:
    """For UWV's side only. An employer would learn from it what the person said of it, and might press the person."""
    if signal.contradicted_on is None:
        return None
    return {
        "reason": signal.contradicted_reason,
        "phase": bool(signal.contradicts_phase),
        "told_on": signal.contradicted_on,
        "means": signal.contradicted_means,
    }


def _statement(report: SignalReport) -> dict[str, Any]:
    return {
        "by": report.party_kind,
        "party_id": report.party_id,
        "number": report.number,
        "visible_to_employer": report.visible_to_employer,
        "reported_at": report.reported_at,
        "withdrawn_at": report.withdrawn_at,
        **{name: getattr(report, name) for name in FACTS},
    }


_RECEIPT_DATES = ("acknowledge_by", "plan_by", "start_interview_by")


def receipt_view(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt as it was given, from its stored form (dates as text)."""
    dates = {name: frozen[name] and date.fromisoformat(frozen[name]) for name in _RECEIPT_DATES}
    return {**frozen, **dates}


def _receipt(report: SignalReport, settings: Settings, *, named: bool) -> dict[str, Any]:
    """A receipt stays as it was given, but for a name that its reader may no longer know."""
    frozen = report.receipt
    receipt = receipt_view(frozen)
    if named or frozen["contact"]["kind"] == ContactKind.DESK:
        return receipt
    desk = desk_contact(settings, amsterdam_day(report.reported_at))
    return receipt | {"contact": {name: desk[name] for name in frozen["contact"]}}


def course_view(actor: Actor, signal: Signal) -> Course:
    """How far the signal is for this actor, with the next step of its view. An interview after the end is between the
    person and UWV."""
    inside = actor.is_uwv_side
    report = None if inside else own_report(actor, signal)
    facts = statement_for(actor.kind, signal, report)
    status = status_for(signal, report)
    step = next_step(
        status,
        facts.phase,
        acknowledge_by=signal.acknowledge_by,
        plan_by=signal.plan_by,
        end=facts.expected_end_date,
        start_interview_by=signal.start_interview_by,
        reporter=_asked(signal),
    )
    return Course(
        reader=actor.kind,
        status=status,
        phase=facts.phase,
        end=facts.expected_end_date,
        plan_by=signal.plan_by,
        start_interview_by=signal.start_interview_by if inside else None,
        asked=_asked(signal),
        next=step if inside else employer_next_step(step),
        number=report.number if report is not None else None,
    )


def step_view(actor: Actor, signal: Signal, step: SignalStep) -> dict[str, Any]:
    by = step.by_kind
    before, after = step.from_value, step.to_value
    if step.what is StepKind.ESCALATED and actor.kind is PartyKind.EMPLOYER and not signal.disclosed:
        before, after = None, EscalationLevel.DESK.value
    if not actor.is_uwv_side and by not in _NAMED_OUTSIDE:
        # As in the next step: UWV stands for everybody behind the counter, so that it does not tell who is linked.
        by = PartyKind.UWV
    return {
        "id": step.id,
        "at": step.at,
        "what": step.what,
        "from_value": before,
        "to_value": after,
        "reason": step.reason,
        "by": by,
    }


def ended_job(signal: Signal) -> bool:
    """Whether this signal is about a job that ended, or may still end: not one that went on after all."""
    return signal.outcome not in WENT_ON


def is_decided(facts: Signal | SignalReport) -> bool:
    return facts.phase in (SignalPhase.DECIDED, SignalPhase.ENDED)
