"""Proposals that wait for somebody: the lead of the candidate agrees, asks for consent, talks over a start; the lead
and the employer say what follows on a trial placement."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.vacancies.candidates.models import Candidate
from service.vacancies.proposals.models import Proposal, ProposalMove
from service.vacancies.proposals.rules import TRIAL_ENDS_SOON, ProposalStatus
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
TALK_OVER_START: Final = WorkKind(
    "talk_over_start",
    Purpose.PLACEMENT,
    "/proposals/{id}",
    Text(
        "De werkgever wil beginnen. Bespreek de uren en de dag, en leg het begin vast.",
        "The employer wants to start. Talk over the hours and the day, and record the start.",
    ),
    Text("het begin van werk wacht op overleg", "a start of work waits to be talked over"),
)
END_OF_TRIAL: Final = WorkKind(
    "end_of_trial",
    Purpose.PLACEMENT,
    "/proposals/{id}",
    Text(
        "De proefplaatsing eindigt. Leg vast of er een contract komt.",
        "The trial placement ends. Record whether a contract follows.",
    ),
    Text("laatste dag van een proefplaatsing", "last day of a trial placement"),
)

KINDS: Final = (AGREE_TO_PROPOSAL, ASK_CONSENT, TALK_OVER_START, END_OF_TRIAL)

_BEFORE_START: Final = (ProposalStatus.INTRODUCED, ProposalStatus.TRIAL_PLACEMENT)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """For the party that has the lead, and for the employer of a trial. Only a trial has a last day: nobody is
    pressed to consent."""
    employers = actor.party_ids(PartyKind.EMPLOYER)
    on_trial = Proposal.status == ProposalStatus.TRIAL_PLACEMENT
    ending = (on_trial, Proposal.end_date <= uow.today + TRIAL_ENDS_SOON)
    found = []
    if employers:
        found.append(_work(END_OF_TRIAL, Proposal.employer_id.in_(employers), *ending, due_on=Proposal.end_date))
    leads = actor.party_ids(*sorted(WORK_WITH_CANDIDATES))
    if leads:
        mine = Candidate.lead_party_id.in_(leads)
        held = (Proposal.held_on.is_not(None), Proposal.status.in_(_BEFORE_START))
        found += [
            _work(AGREE_TO_PROPOSAL, mine, Proposal.status == ProposalStatus.REQUESTED),
            _work(ASK_CONSENT, mine, Proposal.status == ProposalStatus.PROPOSED),
            _work(TALK_OVER_START, mine, *held),
            _work(END_OF_TRIAL, mine, *ending, due_on=Proposal.end_date),
        ]
    return found


def _work(kind: WorkKind, *which: ColumnElement[bool], due_on: Any = None) -> Work:
    moved = (
        select(func.max(ProposalMove.at))
        .where(ProposalMove.proposal_id == Proposal.id, ProposalMove.status == Proposal.status)
        .correlate(Proposal)
        .scalar_subquery()
    )
    announced = {} if due_on is None else {"due_on": due_on, "seen": True, "version": Proposal.version}
    selected = columns(
        kind,
        id=Proposal.id,
        since=func.coalesce(moved, Proposal.created_at),
        employer_id=Proposal.employer_id,
        vacancy_id=Proposal.vacancy_id,
        person_id=Candidate.person_id,
        **announced,
    )
    statement = select(*selected).select_from(Proposal).join(Candidate, Candidate.id == Proposal.candidate_id)
    return Work(kind, statement.where(*which))
