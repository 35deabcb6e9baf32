"""Telling what became of a proposal, and ending those that can lead nowhere any more.

Stands apart from the use cases so that vacancies and candidates can end their proposals too.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm.attributes import flag_modified

from service.access.actor import Actor, log_access
from service.access.rules import Purpose
from service.contacts import operations as contacts
from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.vacancies.candidates.models import Candidate
from service.vacancies.proposals.models import Proposal, ProposalMove
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.proposals.rules import LIVE_PROPOSAL, NOT_YET_AT_WORK, ProposalStatus
from service.vacancies.referrals.models import Referral


def withdraw_for_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str, reason: DeclineReason) -> list[str]:
    """Withdraws what has not led to work yet for this vacancy, tells everyone, and returns the ids.

    Twice does no harm. The caller holds the vacancy's row.
    """
    return _withdraw(uow, actor, Proposal.vacancy_id == vacancy_id, reason)


def withdraw_of_candidate(uow: UnitOfWork, actor: Actor, candidate_id: str, reason: DeclineReason) -> list[str]:
    """The same for the proposals of a candidate, whose row the caller holds."""
    return _withdraw(uow, actor, Proposal.candidate_id == candidate_id, reason)


def lock_for_placement(uow: UnitOfWork, vacancy_id: str, candidate_id: str) -> None:
    """Locks at once, in one order, all that a placement may withdraw: two placements of two candidates who were each
    proposed for both vacancies would otherwise wait for each other for ever."""
    which = or_(Proposal.vacancy_id == vacancy_id, Proposal.candidate_id == candidate_id)
    statement = select(Proposal.id).where(which, Proposal.status.in_(NOT_YET_AT_WORK)).order_by(Proposal.id)
    uow.session.execute(statement.with_for_update(of=Proposal)).all()


def hand_over(uow: UnitOfWork, candidate_id: str, before: str, after: str) -> None:
    """Another party has the lead for a candidate: what the one before had going is now the new one's.

    What ended stays with whoever proposed it, without the name. The caller holds the candidate's row.
    """
    uow.flush()
    statement = (
        select(Proposal)
        .where(Proposal.candidate_id == candidate_id, Proposal.status.in_(LIVE_PROPOSAL))
        .order_by(Proposal.id)
        .with_for_update(of=Proposal)
        .execution_options(populate_existing=True)
    )
    for row in uow.session.scalars(statement).all():
        if row.proposer_party_id == before:
            row.proposer_party_id = after
        # A new version for each, since an event comes with it.
        flag_modified(row, "proposer_party_id")
        uow.flush()
        publish(uow, "proposal.lead-changed", row.address, row.version, [after, *contacts.uwv_parties(uow)], told(row))


def withdraw_requests(
    uow: UnitOfWork, actor: Actor, candidate_id: str, proposer_party_id: str, reason: DeclineReason
) -> list[str]:
    """The same for what this party asked of the candidate's lead, who has not agreed yet."""
    asked = and_(
        Proposal.candidate_id == candidate_id,
        Proposal.proposer_party_id == proposer_party_id,
        Proposal.status == ProposalStatus.REQUESTED,
    )
    return _withdraw(uow, actor, asked, reason)


def _withdraw(uow: UnitOfWork, actor: Actor, which: ColumnElement[bool], reason: DeclineReason) -> list[str]:
    statement = (
        select(Proposal)
        .where(which, Proposal.status.in_(NOT_YET_AT_WORK))
        .order_by(Proposal.id)
        .with_for_update(of=Proposal)
        .execution_options(populate_existing=True)
    )
    uow.flush()
    rows = uow.session.scalars(statement).all()
    for row in rows:
        row.status = ProposalStatus.WITHDRAWN
        row.reason = reason
        settle(uow, actor, row)
    return [row.id for row in rows]


def settle(uow: UnitOfWork, actor: Actor, proposal: Proposal) -> None:
    """After each move: writes the row and its history, the access log, and the event for those concerned.

    The employer, and whoever has the lead for the vacancy, hear of it only where the candidate's lead made it a
    proposal. The event holds no candidate.
    """
    uow.add(proposal)
    uow.flush()
    uow.add(
        ProposalMove(
            id=new_id(),
            proposal_id=proposal.id,
            at=uow.now,
            status=proposal.status,
            by=actor.kind,
            reason=proposal.reason,
        )
    )
    person_id, lead_party_id = uow.session.execute(
        select(Candidate.person_id, Candidate.lead_party_id).where(Candidate.id == proposal.candidate_id)
    ).one()
    if person_id is not None:
        log_access(uow, actor, Purpose.PLACEMENT, f"proposal.{proposal.status}", [person_id], proposal.address)
    readers = [proposal.proposer_party_id, lead_party_id, *contacts.uwv_parties(uow)]
    if proposal.was_proposed:
        search = select(Referral.party_id).where(Referral.vacancy_id == proposal.vacancy_id, Referral.lead)
        readers += [proposal.employer_id, *uow.session.scalars(search)]
    publish(
        uow,
        "proposal." + proposal.status.value.replace("_", "-"),
        proposal.address,
        proposal.version,
        readers,
        told(proposal),
        because=actor.because,
    )


def told(proposal: Proposal) -> dict[str, str]:
    """What an event about it says: no candidate."""
    return {"proposalId": proposal.id, "vacancyId": proposal.vacancy_id, "status": proposal.status.value}


def those_concerned(uow: UnitOfWork, proposal: Proposal) -> list[str]:
    """Who proposed, the candidate's lead and UWV."""
    lead = uow.session.execute(
        select(Candidate.lead_party_id).where(Candidate.id == proposal.candidate_id)
    ).scalar_one()
    return [proposal.proposer_party_id, lead, *contacts.uwv_parties(uow)]
