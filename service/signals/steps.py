"""What can happen to a contract-end signal, who may read of it, and the short lists of codes around it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.kernel.ids import spoken_number


class StepKind(StrEnum):
    """One line of a signal's history."""

    REPORTED = "reported"
    SEEN = "seen"
    PHASE_CHANGED = "phase_changed"
    END_DATE_CHANGED = "end_date_changed"
    FACTS_CHANGED = "facts_changed"
    STATUS_CHANGED = "status_changed"
    REPORT_WITHDRAWN = "report_withdrawn"
    ESCALATED = "escalated"
    PLAN_RECORDED = "plan_recorded"
    PAUSED = "paused"
    PAUSE_ENDED = "pause_ended"
    START_INTERVIEW_RECORDED = "start_interview_recorded"
    HANDOVER_PROFILE_RECORDED = "handover_profile_recorded"
    OWN_VIEW_RECORDED = "own_view_recorded"
    OUTCOME_RECORDED = "outcome_recorded"
    VACANCY_CHANGED = "vacancy_changed"
    QUESTION_ASKED = "question_asked"
    QUESTION_REMINDED = "question_reminded"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_UNANSWERED = "question_unanswered"


class Audience(StrEnum):
    """Who may read a step. UWV's side reads all."""

    ALL = "all"
    NOT_EMPLOYER = "not_employer"
    UWV_SIDE = "uwv_side"


AUDIENCES_OF: Final[dict[PartyKind, frozenset[Audience]]] = {
    PartyKind.EMPLOYER: frozenset({Audience.ALL}),
    PartyKind.JOBCOACH_ORGANISATION: frozenset({Audience.ALL, Audience.NOT_EMPLOYER}),
}


class TransitionReason(StrEnum):
    """Why a signal is withdrawn, or taken up again: a code, never a story about a person."""

    CONTRACT_EXTENDED = "contract_extended"
    EMPLOYEE_STAYS = "employee_stays"
    REPORTED_BY_MISTAKE = "reported_by_mistake"
    ENDS_AFTER_ALL = "ends_after_all"
    NEW_INFORMATION = "new_information"


class PlanLead(StrEnum):
    """Who leads a plan (rule 15 of docs/domain.md: somebody must have the lead)."""

    ARBEIDSDESKUNDIGE = "arbeidsdeskundige"
    AID = "aid"
    PROCESS_COORDINATOR = "process_coordinator"
    JOBCOACH = "jobcoach"
    WSP_ADVISOR = "wsp_advisor"
    DESK = "desk"


class PauseWish(StrEnum):
    """On whose wish the clocks stand still (rule 16 of docs/domain.md): never without the person."""

    PERSON = "person"
    PROFESSIONAL_WITH_PERSON = "professional_with_person"


class InterviewResult(StrEnum):
    """What became of the start interview."""

    HELD = "held"
    NOT_NEEDED = "not_needed"


class PlacementKind(StrEnum):
    """How somebody starts at a new employer."""

    PLACED = "placed"
    TRIAL_PLACEMENT = "trial_placement"


def receipt_number() -> str:
    """The number of a receipt, to say over the phone."""
    return spoken_number("SP")
