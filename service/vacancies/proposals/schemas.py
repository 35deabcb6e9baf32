"""Proposals as they come in and go out. An employer reads less of one than those who help do."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Number, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.vacancies.consent import ConsentBody, professional
from service.vacancies.hours import WeeklyHoursView
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.proposals.rules import ConsentState, ProposalStatus, ProposalWarning
from service.vacancies.rules import ConsentHow, JobcoachArrangement

_NOT_FOR_EMPLOYERS = "null for an employer"


class ProposalBody(Schema):
    vacancy_id = Id(required=True)
    candidate_id = Id(required=True)
    proposed_by = professional("The professional who decided so, without numbers", required=True)


class ProposalConsentBody(ConsentBody):
    told_fixed_jobcoach = Boolean(
        metadata={"description": "true where the vacancy says `fixed`: the person knows with whom the employer works"}
    )


class ProposalTransition(Schema):
    to = Code(ProposalStatus, required=True)
    reason = Code(DeclineReason, metadata={"description": "With `declined` and `withdrawn`: about work, not health"})
    start_date = Date(metadata={"description": "With `trial_placement` and `placed`: the first day"})
    end_date = Date(
        metadata={"description": "The last day: of the trial, 2 to 6 months on; with `placed` that of the contract"}
    )
    hours = Number(minimum=1, maximum=48, metadata={"description": "Contract hours a week"})
    intended_contract_months = Integer(
        minimum=1,
        maximum=120,
        metadata={"description": "With `trial_placement`: the contract that the employer intends after it, 6 or more"},
    )
    consent = Nested(
        ProposalConsentBody, metadata={"description": "With `consented`; also where consent is refused or ends"}
    )


class ConsentView(View):
    state = Code(ConsentState, required=True)
    how = Code(ConsentHow, required=True, allow_none=True)
    asked_by = String(required=True, allow_none=True)
    on = Date(required=True, allow_none=True)
    told_fixed_jobcoach = Boolean(required=True, allow_none=True)


class JobcoachOrganisationView(View):
    id = Id(required=True)
    name = String(required=True)


class ProposalAnswer(View):
    """The answer to a change. It never holds a name: a stored answer can be given again after consent has ended.

    Read the proposal itself for the name.
    """

    id = Id(required=True)
    vacancy_id = Id(required=True)
    candidate_id = Id(required=True, allow_none=True, metadata={"description": _NOT_FOR_EMPLOYERS})
    status = Code(ProposalStatus, required=True)
    reason = Code(
        DeclineReason,
        required=True,
        allow_none=True,
        metadata={"description": "An employer reads its own and the vacancy's, others not what was said of consent"},
    )
    wanted_hours = Nested(
        WeeklyHoursView,
        required=True,
        allow_none=True,
        metadata={"description": "Hours a week that the candidate looks for; for an employer until the work starts"},
    )
    available_from = Date(
        required=True, allow_none=True, metadata={"description": "For an employer until the work starts"}
    )
    jobcoach_arrangement = Code(
        JobcoachArrangement,
        required=True,
        metadata={"description": "`fixed`: tell the candidate before consent that there is one jobcoach organisation"},
    )
    jobcoach_organisation = Nested(
        JobcoachOrganisationView, required=True, allow_none=True, metadata={"description": "Where the vacancy says so"}
    )
    start_date = Date(required=True, allow_none=True)
    end_date = Date(required=True, allow_none=True)
    hours = Number(minimum=1, maximum=48, required=True, allow_none=True)
    intended_contract_months = Integer(minimum=1, maximum=120, required=True, allow_none=True)
    proposer_party_id = Id(required=True, allow_none=True, metadata={"description": _NOT_FOR_EMPLOYERS})
    proposed_by = String(
        required=True,
        allow_none=True,
        metadata={"description": f"The professional who decided so; {_NOT_FOR_EMPLOYERS}, and where it was not kept"},
    )
    lead_party_id = Id(required=True, allow_none=True, metadata={"description": _NOT_FOR_EMPLOYERS})
    consent = Nested(
        ConsentView,
        required=True,
        allow_none=True,
        metadata={"description": "For the lead and the person's own side; null for others"},
    )
    gap_days = Integer(
        minimum=-100_000,
        maximum=100_000,
        required=True,
        allow_none=True,
        metadata={"description": "Days between the candidate's own last job and the start; only for UWV's side"},
    )
    warnings = List(
        Code(ProposalWarning),
        required=True,
        metadata={"description": "Of this start beside other work, for the lead and the person's own side"},
    )
    rules_version = String(
        required=True,
        allow_none=True,
        metadata={"description": "The version of the matching rules when it was made; null: older than that is kept"},
    )


class ProposalView(ProposalAnswer):
    name = String(
        required=True,
        allow_none=True,
        metadata={"description": "Only from `consented` on, and only as long as the person's consent holds"},
    )


class ProposalMoveView(View):
    at = Moment(required=True)
    status = Code(ProposalStatus, required=True)
    by = Code(PartyKind, required=True, allow_none=True, metadata={"description": _NOT_FOR_EMPLOYERS})
    reason = Code(DeclineReason, required=True, allow_none=True)


class ProposalDetail(ProposalView):
    history = List(Nested(ProposalMoveView), required=True, maximum=1000)


class ProposalQuery(Page):
    vacancy_id = Id()
    candidate_id = Id(metadata={"description": "Finds nothing for an employer, who knows no candidate"})
    status = Code(ProposalStatus)


ProposalPage = page_of(ProposalView, "ProposalPage")
