"""Proposals that wait for the lead of the candidate: to agree, or to ask the person for consent."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from service.access.actor import Actor
from service.access.rules import Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.vacancies.candidates.models import Candidate
from service.vacancies.proposals.models import Proposal, ProposalMove
from service.vacancies.proposals.rules import ProposalStatus
from service.vacancies.rules import WORK_WITH_CANDIDATES

AGREE_TO_PROPOSAL: Final = WorkKind(
    "agree_to_proposal",
    Purpose.PLACEMENT,
    "/proposals/{id}",
    Text("Zeg of deze voordracht goed is.", "Say whether this proposal is right."),
    Text("een voordracht wacht op uw antwoord", "a proposal waits for your answer"),
)
ASK_CONSENT: Final = WorkKind(
    "ask_consent",
    Purpose.PLACEMENT,
    "/proposals/{id}",
    Text(
        "Vraag de kandidaat of u de naam mag noemen aan de werkgever.",
        "Ask the candidate whether you may give the name to the employer.",
    ),
    Text("een voordracht wacht op toestemming", "a proposal waits for consent"),
)

KINDS: Final = (AGREE_TO_PROPOSAL, ASK_CONSENT)
_WAITING: Final = {ProposalStatus.REQUESTED: AGREE_TO_PROPOSAL, ProposalStatus.PROPOSED: ASK_CONSENT}


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For the party that has the lead. There is no deadline: nobody is pressed."""
    own = actor.party_ids(*sorted(WORK_WITH_CANDIDATES))
    if not own:
        return []
    found = []
    for status, kind in _WAITING.items():
        moved = (
            select(func.max(ProposalMove.at))
            .where(ProposalMove.proposal_id == Proposal.id, ProposalMove.status == status)
            .correlate(Proposal)
            .scalar_subquery()
        )
        selected = columns(
            kind,
            id=Proposal.id,
            since=func.coalesce(moved, Proposal.created_at),
            employer_id=Proposal.employer_id,
            vacancy_id=Proposal.vacancy_id,
            person_id=Candidate.person_id,
        )
        statement = (
            select(*selected)
            .select_from(Proposal)
            .join(Candidate, Candidate.id == Proposal.candidate_id)
            .where(Candidate.lead_party_id.in_(own), Proposal.status == status)
        )
        found.append(Work(kind, statement))
    return found
