"""What is sent about a second track and what comes back: codes and dates. Nothing medical, no reason, no free text."""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from service.contacts.rules import ContactKind
from service.contacts.schemas import Phone
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Pattern, Sentence, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import WorkText
from service.signals.rules import VacancyExpected
from service.signals.second_track.rules import (
    WAITING_WEEKS,
    Agency,
    MilestoneActor,
    MilestoneCode,
    MilestoneState,
    SecondTrackOutcome,
    SecondTrackStatus,
    SecondTrackStepKind,
    WaitingPeriodChange,
)

_END = {
    "description": "The last day of the waiting period: of the two years of continued pay, extensions included. "
    "The day on which somebody fell ill is not asked"
}
_CHANGE = {
    "description": "Why the end moves. `corrected` stands for whatever is no extension: do not say more, it would be "
    "health data"
}
_PLANNED = {"description": "When the second track begins, or began"}
_AGENCY = {"description": "Who looks for another employer: you, a company that you hired, nobody yet"}
_VACANCY = {"description": "Whether the job comes free for somebody else. No vacancy follows from it"}
_REFERENCE = {"description": "Your own id of the case: no words"}
_BY = {"description": "`desk` stands for everybody behind the counter"}


class CaseReference(Pattern, WorkText):
    """A caller's own id, in which nothing can be told."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}", "HR-2026-7", maximum=40, **kwargs)


class SecondTrackBody(Schema):
    employment_id = Id(required=True)
    waiting_period_ends_on = Date(required=True, metadata=_END)
    reference = CaseReference(allow_none=True, load_default=None, metadata=_REFERENCE)
    planned_start_on = Date(allow_none=True, load_default=None, metadata=_PLANNED)
    agency = Code(Agency, load_default=Agency.NONE_YET, metadata=_AGENCY)
    employee_informed = Boolean(required=True, metadata={"description": "Must be true: tell the employee first"})
    vacancy_expected = Code(VacancyExpected, load_default=VacancyExpected.UNKNOWN, metadata=_VACANCY)


class SecondTrackChange(Schema):
    """Facts that may change; the status moves by a transition."""

    waiting_period_ends_on = Date(metadata=_END)
    waiting_period_change = Code(
        WaitingPeriodChange, metadata=_CHANGE | {"description": f"{_CHANGE['description']}. Goes with the new date"}
    )
    reference = CaseReference(allow_none=True, metadata=_REFERENCE)
    planned_start_on = Date(allow_none=True, metadata=_PLANNED)
    agency = Code(Agency, metadata=_AGENCY)
    vacancy_expected = Code(VacancyExpected, metadata=_VACANCY)


class SecondTrackTransition(Schema):
    to = Code(SecondTrackStatus, required=True)
    outcome = Code(SecondTrackOutcome, metadata={"description": "Required for `closed`, and only there"})


class MilestoneView(View):
    """A day that matters, counted back from the end of the waiting period."""

    code = Code(MilestoneCode, required=True)
    week = Integer(
        minimum=1,
        maximum=WAITING_WEEKS,
        required=True,
        metadata={"description": "The week of absence, in a waiting period without extension"},
    )
    day = Date(required=True, data_key="date")
    who = Code(MilestoneActor, required=True, metadata={"description": "Whose turn it is"})
    state = Code(
        MilestoneState, required=True, metadata={"description": "`past` says that the day has passed, nothing else"}
    )
    text = Sentence(required=True)
    source = String(required=True, maximum=200, metadata={"description": "Where it is laid down"})


class SecondTrackView(View):
    id = Id(required=True)
    number = String(required=True, metadata={"description": "To quote on the phone", "example": "TS-7K3QM-2XWPA"})
    employment_id = Id(required=True)
    employer_id = Id(required=True)
    reference = String(required=True, allow_none=True, metadata=_REFERENCE)
    waiting_period_ends_on = Date(required=True, metadata=_END)
    waiting_period_change = Code(
        WaitingPeriodChange, required=True, allow_none=True, metadata={"description": "Why it moved the last time"}
    )
    planned_start_on = Date(required=True, allow_none=True, metadata=_PLANNED)
    agency = Code(Agency, required=True, metadata=_AGENCY)
    employee_informed = Boolean(required=True)
    vacancy_expected = Code(VacancyExpected, required=True, metadata=_VACANCY)
    status = Code(SecondTrackStatus, required=True)
    acknowledge_by = Date(required=True, metadata={"description": "By when somebody takes it up"})
    escalated_since = Date(
        required=True, allow_none=True, metadata={"description": "Nobody took it up in time: with the desk since then"}
    )
    reported_at = Moment(required=True)
    acknowledged_at = Moment(required=True, allow_none=True)
    over_at = Moment(required=True, allow_none=True)
    milestones = List(Nested(MilestoneView), required=True, maximum=len(MilestoneCode))
    outcome = Code(
        SecondTrackOutcome,
        required=True,
        allow_none=True,
        metadata={"description": "What became of it. An employer reads the outcome that it stated itself, else null"},
    )


class SecondTrackQuery(Page):
    status = Code(SecondTrackStatus)
    employment_id = Id()
    employer_id = Id()
    ends_before = Date(metadata={"description": "Those whose waiting period ends before this day"})


SecondTrackPage = page_of(SecondTrackView, "SecondTrackPage")


class SecondTrackResponsibleView(View):
    kind = Code(ContactKind, required=True)
    caseworker_id = Id(required=True, allow_none=True, metadata={"description": "null for a team"})
    name = String(required=True)
    phone = Phone(required=True)


class SecondTrackHandlingView(View):
    """What is for UWV's side only."""

    id = Id(required=True)
    person_id = Id(required=True, allow_none=True)
    disclosed = Boolean(
        required=True, metadata={"description": "Whether the employer may know that UWV is involved: mind what you say"}
    )
    with_desk = Boolean(
        required=True,
        metadata={"description": "The desk deals with it: UWV has nobody in charge, or a deadline was missed"},
    )
    responsible = Nested(
        SecondTrackResponsibleView,
        required=True,
        allow_none=True,
        metadata={"description": "Who answers for the client at UWV today, and who alone should see this there"},
    )
    outcome_by = Code(
        PartyKind, required=True, allow_none=True, metadata={"description": "Whose statement the outcome is"}
    )


class SecondTrackStepView(View):
    id = Id(required=True)
    at = Moment(required=True)
    what = Code(SecondTrackStepKind, required=True)
    from_value = String(required=True, allow_none=True, data_key="from")
    to_value = String(required=True, allow_none=True, data_key="to")
    by = Code(PartyKind, required=True, metadata=_BY)


SecondTrackStepPage = page_of(SecondTrackStepView, "SecondTrackStepPage")
