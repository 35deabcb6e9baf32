"""What is sent about contract ends and what comes back: codes and dates, no free text about a person."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.contacts.rules import ContactKind
from service.employers.schemas import WarningView
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Sentence, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.signals.asking.schemas import EndQuestionView
from service.signals.deadlines import NextStepCode
from service.signals.profiles.schemas import ContradictionView, ProfileAskedView
from service.signals.rules import (
    Consent,
    EmployerOutcome,
    EmployerStatus,
    EndReason,
    EscalationLevel,
    Outcome,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
    VacancyExpected,
)
from service.signals.steps import InterviewResult, StepKind, TransitionReason
from service.signals.timeline import TimelineCode, TimelineState

_DAYS = 400_000
_PHASE = {"description": "`decided` and `ended` require that the employee was informed"}
_END = {"description": "The last day of the contract, as far as known"}
_REASON = {"description": "Your statement, as a category. Never a medical reason"}
_CONSENT = {"description": "Whether the person agrees that UWV contacts the employer about the job"}
_VACANCY = {"description": "Whether the job comes free for somebody else"}


class SignalBody(Schema):
    employment_id = Id(required=True)
    reference = String(maximum=100, allow_none=True, load_default=None, metadata={"description": "Your own id"})
    phase = Code(SignalPhase, required=True, metadata=_PHASE)
    expected_end_date = Date(allow_none=True, load_default=None, metadata=_END)
    end_reason = Code(EndReason, load_default=EndReason.UNKNOWN, metadata=_REASON)
    employee_informed = Boolean(required=True)
    consent_to_contact_employer = Code(Consent, load_default=Consent.UNKNOWN, metadata=_CONSENT)
    vacancy_expected = Code(VacancyExpected, load_default=VacancyExpected.UNKNOWN, metadata=_VACANCY)


class SignalChange(Schema):
    """Facts that may change; the status moves by a transition."""

    reference = String(maximum=100, allow_none=True)
    phase = Code(SignalPhase, metadata=_PHASE)
    expected_end_date = Date(allow_none=True, metadata=_END)
    end_reason = Code(EndReason, metadata=_REASON)
    employee_informed = Boolean()
    consent_to_contact_employer = Code(Consent, metadata=_CONSENT)
    vacancy_expected = Code(VacancyExpected, metadata=_VACANCY)


class TransitionBody(Schema):
    to = Code(SignalStatus, required=True)
    reason = Code(TransitionReason)
    caseworker_id = Id(metadata={"description": "Who takes the step, if not the one responsible. UWV's side only"})
    outcome = Code(Outcome, metadata={"description": "Required when closing"})
    outcome_date = Date(metadata={"description": "First day of what came next, when closing"})
    tell_employer = Boolean(
        metadata={"description": "When closing: the person agrees that the employer hears of new work after the end"}
    )


class ReceiptContactView(View):
    kind = Code(ContactKind, required=True)
    name = String(required=True)
    role = String(required=True, allow_none=True)
    office = String(required=True, allow_none=True)
    phone = String(required=True)
    email = String(required=True)


class ReceiptView(View):
    """As it was given at the report; it does not change afterwards."""

    number = String(required=True, metadata={"example": "SP-7K3M9-Q2X4H"})
    contact = Nested(ReceiptContactView, required=True)
    acknowledge_by = Date(required=True)
    plan_by = Date(required=True)
    start_interview_by = Date(required=True, allow_none=True)
    lead_time_days = Integer(
        minimum=-_DAYS,
        maximum=_DAYS,
        required=True,
        allow_none=True,
        metadata={"description": "Days from the report to the end; null without an end date"},
    )
    timely = Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "At least three months ahead; null where the question makes no sense"},
    )
    warnings = List(Nested(WarningView), required=True, metadata={"description": "What looks odd; nothing is refused"})


class ActedByView(View):
    role = String(required=True, allow_none=True)
    name = String(required=True, allow_none=True)


class ProgressView(View):
    code = Code(EmployerStatus, required=True)
    text = Sentence(required=True)


class EscalationView(View):
    level = Code(EscalationLevel, required=True, metadata={"description": "With whom the signal is now"})
    since = Date(required=True)
    text = Sentence(required=True)


class NextStepView(View):
    what = Code(NextStepCode, required=True)
    by = Date(required=True, allow_none=True)
    whose = Code(PartyKind, required=True, metadata={"description": "`uwv` stands for everybody behind the counter"})
    text = Sentence(required=True)


class FreedVacancyView(View):
    id = Id(required=True)
    status = String(required=True, metadata={"description": "The status of the vacancy"})
    filled_on = Date(required=True, allow_none=True)
    fill_days = Integer(
        minimum=-_DAYS,
        maximum=_DAYS,
        required=True,
        allow_none=True,
        metadata={"description": "Days from opening the vacancy to filling it"},
    )


class StatementView(View):
    """What one party stated; an end reason is that party's word."""

    by = Code(PartyKind, required=True)
    party_id = Id(required=True)
    number = String(required=True)
    visible_to_employer = Boolean(required=True)
    reported_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    phase = Code(SignalPhase, required=True)
    expected_end_date = Date(required=True, allow_none=True)
    end_reason = Code(EndReason, required=True)
    employee_informed = Boolean(required=True)
    consent_to_contact_employer = Code(Consent, required=True)
    vacancy_expected = Code(VacancyExpected, required=True)


class HandlingView(View):
    person_id = Id(required=True, allow_none=True)
    visible_to_employer = Boolean(required=True)
    disclosed = Boolean(required=True, metadata={"description": "The employer knows that UWV is involved"})
    acknowledge_by = Date(required=True)
    plan_by = Date(required=True)
    start_interview_by = Date(required=True, allow_none=True)
    paused_until = Date(
        required=True, allow_none=True, metadata={"description": "Until and with this day the person has time first"}
    )
    start_interview = Code(InterviewResult, required=True, allow_none=True)
    start_interview_held_on = Date(required=True, allow_none=True)
    acted_at = Moment(required=True, allow_none=True)
    caseworker_id = Id(required=True, allow_none=True)
    outcome = Code(Outcome, required=True, allow_none=True)
    outcome_date = Date(required=True, allow_none=True)
    gap_days = Integer(
        minimum=-_DAYS,
        maximum=_DAYS,
        required=True,
        allow_none=True,
        metadata={"description": "Days between the last day and the first of the new contract"},
    )
    direct = Boolean(required=True, allow_none=True, metadata={"description": "From job to job: within a week"})
    trial_started_on = Date(required=True, allow_none=True)
    trial_gap_days = Integer(minimum=-_DAYS, maximum=_DAYS, required=True, allow_none=True)
    trial_ended_on = Date(required=True, allow_none=True, metadata={"description": "It ended without a contract"})
    contradiction = Nested(
        ContradictionView,
        required=True,
        allow_none=True,
        metadata={"description": "What the person says of the statements below; nobody outside reads it"},
    )
    statements = List(Nested(StatementView), required=True)


class SignalView(View):
    id = Id(required=True)
    number = String(required=True)
    employment_id = Id(required=True)
    employer_id = Id(required=True)
    reference = String(required=True, allow_none=True)
    origin = Code(SignalOrigin, required=True)
    phase = Code(SignalPhase, required=True)
    expected_end_date = Date(required=True, allow_none=True)
    end_reason = Code(EndReason, required=True, metadata={"description": "The statement of who reported"})
    employee_informed = Boolean(required=True)
    consent_to_contact_employer = Code(Consent, required=True)
    vacancy_expected = Code(VacancyExpected, required=True)
    status = Code(SignalStatus, required=True)
    progress = Nested(ProgressView, required=True, metadata={"description": "How far it is, for who reported"})
    seen_at = Moment(required=True, allow_none=True)
    acted_by = Nested(ActedByView, required=True, allow_none=True)
    receipt = Nested(
        ReceiptView, required=True, allow_none=True, metadata={"description": "Your own; for UWV's side the first one"}
    )
    escalation = Nested(EscalationView, required=True, allow_none=True)
    next_step = Nested(NextStepView, required=True, allow_none=True)
    outcome = Code(
        EmployerOutcome, required=True, allow_none=True, metadata={"description": "What the employer is told of it"}
    )
    handover_profile = Nested(
        ProfileAskedView,
        required=True,
        allow_none=True,
        metadata={"description": "Whether the employer is asked what it knows of the work; null for others outside"},
    )
    freed_vacancy = Nested(FreedVacancyView, required=True, allow_none=True)
    question = Nested(
        EndQuestionView,
        required=True,
        allow_none=True,
        metadata={"description": "What the employer is asked: for the employer, and for UWV's side"},
    )
    handling = Nested(HandlingView, metadata={"description": "For UWV's side only"})


class SignalQuery(Page):
    status = Code(SignalStatus)
    phase = Code(SignalPhase)
    employer_id = Id()
    employment_id = Id()
    number = String(
        maximum=40,
        metadata={
            "description": "The number that is quoted on the phone. UWV's side also finds a signal by the number of "
            "each report in it, others by the number that they see.",
            "example": "SP-7K3M9-Q2X4H",
        },
    )
    ends_before = Date()


SignalPage = page_of(SignalView, "SignalPage")


class StepView(View):
    id = Id(required=True)
    at = Moment(required=True)
    what = Code(StepKind, required=True)
    from_value = String(required=True, allow_none=True, data_key="from")
    to_value = String(required=True, allow_none=True, data_key="to")
    reason = Code(TransitionReason, required=True, allow_none=True)
    by = Code(PartyKind, required=True, metadata={"description": "`uwv` stands for everybody behind the counter"})


StepPage = page_of(StepView, "StepPage")


class TimelineEntryView(View):
    at = Moment(required=True, allow_none=True, metadata={"description": "When it happened; null: it did not yet"})
    on = Date(required=True, allow_none=True, metadata={"description": "The day; for what is to be done the last one"})
    what = Code(TimelineCode, required=True)
    text = Sentence(required=True)
    by = Code(PartyKind, required=True, metadata={"description": "Who did it, or whose turn it is"})
    state = Code(TimelineState, required=True)


class TimelineView(View):
    """What happened comes first, then whose turn it is, then what lies ahead."""

    signal_id = Id(required=True)
    entries = List(Nested(TimelineEntryView), required=True, maximum=1_000)
