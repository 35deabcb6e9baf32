"""A proposal as each reader may see it: the employer without who it is, an advisor without what was said of consent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.access.actor import Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.kernel.database import UnitOfWork
from service.people import operations as people
from service.signals.deadlines import gap_days
from service.vacancies.candidates.free import free_from
from service.vacancies.candidates.models import Candidate
from service.vacancies.offers.models import PoolOffer
from service.vacancies.proposals.models import ConsentRecord, Proposal, ProposalMove
from service.vacancies.proposals.reasons import reason_read_by
from service.vacancies.proposals.rules import (
    AT_WORK,
    LIVE_PROPOSAL,
    NOT_YET_AT_WORK,
    PERSON_SIDE,
    ProposalRole,
    ProposalStatus,
    ProposalWarning,
    name_visible,
    role_in_proposal,
    warning_of,
)
from service.vacancies.proposals.workload import other_work, own_spell

_FACTS = ("start_date", "end_date", "hours", "intended_contract_months", "rules_version")


def role_of(actor: Actor, candidate: Candidate) -> ProposalRole | None:
    job = candidate.employment
    coach = job.jobcoach_organisation_id if job else None
    coaches = actor.kind is PartyKind.JOBCOACH_ORGANISATION and coach is not None and actor.acts_for(coach)
    return role_in_proposal(
        actor.kind,
        has_lead=actor.acts_for(candidate.lead_party_id),
        on_person_side=actor.kind is PartyKind.UWV or coaches,
    )


def view(uow: UnitOfWork, actor: Actor, row: Proposal) -> dict[str, Any]:
    """The view for reading, with the name while the person agrees to it."""
    person_id = row.candidate.person_id
    if person_id is not None:
        log_access(uow, actor, Purpose.PLACEMENT, "proposal.read", [person_id], row.address)
    shown = person_id is not None and name_visible(row.status, row.consent) and _meets_person(uow, actor, row)
    return answer_view(uow, actor, row) | {"name": people.name_of(uow, person_id) if shown and person_id else None}


def _meets_person(uow: UnitOfWork, actor: Actor, row: Proposal) -> bool:
    """Whoever only has the lead for the vacancy works with the pseudonym, and so does a proposer once it is over."""
    job = row.candidate.employment
    concerned = {row.employer_id, row.candidate.lead_party_id}
    if row.status in LIVE_PROPOSAL and (may_know(actor, row.candidate) or _is_offered(uow, actor, row)):
        concerned.add(row.proposer_party_id)
    if job is not None and job.jobcoach_organisation_id is not None:
        concerned.add(job.jobcoach_organisation_id)
    return actor.is_uwv_side or not concerned.isdisjoint(actor.party_ids())


def may_know(actor: Actor, candidate: Candidate) -> bool:
    """A pool knows of whom it does not lead what stands in the candidate's own view, and nothing here adds to that."""
    return actor.kind is not PartyKind.MOBILITY_POOL or actor.acts_for(candidate.lead_party_id)


def _is_offered(uow: UnitOfWork, actor: Actor, row: Proposal) -> bool:
    """Whether the person still agrees to be shown in the pool."""
    live = select(PoolOffer.id).where(
        PoolOffer.candidate_id == row.candidate_id,
        PoolOffer.pool_id.in_(actor.party_ids(PartyKind.MOBILITY_POOL)),
        PoolOffer.ended_at.is_(None),
    )
    return uow.execute(live.limit(1)).first() is not None


def answer_view(uow: UnitOfWork, actor: Actor, row: Proposal) -> dict[str, Any]:
    """The view for the answer to a change, which may be given again later: without the name."""
    candidate = row.candidate
    role = role_of(actor, candidate)
    job_ends = candidate.employment.end_date if candidate.employment else None
    known_hours = candidate.hours_min is not None and candidate.hours_max is not None
    for_employer = role is ProposalRole.EMPLOYER
    # What the profile says later is not for an employer with whom the person works, or that did not take the person.
    wishes = may_know(actor, candidate) and (not for_employer or row.status in NOT_YET_AT_WORK)
    if for_employer and candidate.employment and candidate.employment.employer_id == row.employer_id:
        # Its own employee: the last day of that contract would tell who the pseudonym is.
        job_ends = None
    gap = gap_days(job_ends, row.start_date) if actor.is_uwv_side and job_ends and row.start_date else None
    hours = {"min": candidate.hours_min, "max": candidate.hours_max}
    return {name: getattr(row, name) for name in _FACTS} | {
        "id": row.id,
        "version": row.version,
        "vacancy_id": row.vacancy_id,
        "candidate_id": None if for_employer else row.candidate_id,
        "status": row.status,
        "reason": reason_read_by(role, row.reason),
        "wanted_hours": hours if known_hours and wishes else None,
        "available_from": free_from(candidate.available_from, job_ends) if wishes else None,
        "jobcoach_arrangement": row.vacancy.jobcoach_arrangement,
        "jobcoach_organisation": _organisation(uow, row.vacancy.jobcoach_organisation_id),
        "proposer_party_id": None if for_employer else row.proposer_party_id,
        "proposed_by": None if for_employer else row.proposed_by,
        "lead_party_id": None if for_employer else candidate.lead_party_id,
        "consent": consent_view(uow, row) if role in PERSON_SIDE else None,
        "gap_days": gap,
        "warnings": _warnings(uow, row) if role in PERSON_SIDE else [],
    }


def history(uow: UnitOfWork, actor: Actor, row: Proposal) -> list[dict[str, Any]]:
    """The course, from when it was a proposal for an employer, who does not read by whom."""
    role = role_of(actor, row.candidate)
    for_employer = role is ProposalRole.EMPLOYER
    moves = uow.session.scalars(
        select(ProposalMove).where(ProposalMove.proposal_id == row.id).order_by(ProposalMove.id)
    )
    return [
        {
            "at": move.at,
            "status": move.status,
            "by": None if for_employer else move.by,
            "reason": reason_read_by(role, move.reason),
        }
        for move in moves
        if not for_employer or move.status is not ProposalStatus.REQUESTED
    ]


def latest_consent(uow: UnitOfWork, proposal_id: str) -> ConsentRecord | None:
    statement = select(ConsentRecord).where(ConsentRecord.proposal_id == proposal_id)
    return uow.session.scalars(statement.order_by(ConsentRecord.id.desc()).limit(1)).first()


def consent_view(uow: UnitOfWork, row: Proposal) -> dict[str, Any]:
    latest = latest_consent(uow, row.id)
    return {
        "state": row.consent,
        "how": latest.how if latest else None,
        "asked_by": latest.asked_by if latest else None,
        "on": latest.asked_on if latest else None,
        "told_fixed_jobcoach": latest.told_fixed_jobcoach if latest else None,
    }


def _organisation(uow: UnitOfWork, party_id: str | None) -> dict[str, str] | None:
    found = uow.session.get(Party, party_id) if party_id is not None else None
    return None if found is None else {"id": found.id, "name": found.name}


def _warnings(uow: UnitOfWork, row: Proposal) -> list[ProposalWarning]:
    """Of a start that is known: what it is together with other work."""
    spell = own_spell(row, row.vacancy)
    if row.status not in AT_WORK or spell is None:
        return []
    most = row.candidate.hours_max
    found = warning_of(spell, other_work(uow, row, row.candidate), None if most is None else float(most))
    return [] if found is None else [found]
