"""Where somebody works already, or will: what a new start is held against, so that nobody has two jobs at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from service.kernel.database import UnitOfWork
from service.signals import operations as signals
from service.vacancies.candidates.models import Candidate
from service.vacancies.models import Vacancy
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.rules import AT_WORK, ProposalStatus, WorkSpell
from service.vacancies.rules import CandidateStatus


def lock_person(uow: UnitOfWork, candidate_id: str) -> None:
    """Locks all profiles of the person whose profile this is, in one order: two starts at the same moment wait for
    each other, and the second one sees the first."""
    person_id = uow.session.scalar(select(Candidate.person_id).where(Candidate.id == candidate_id))
    which = [Candidate.id == candidate_id]
    if person_id is not None:
        which.append(Candidate.person_id == person_id)
    statement = select(Candidate).where(or_(*which)).order_by(Candidate.id).with_for_update(of=Candidate)
    uow.session.scalars(statement.execution_options(populate_existing=True)).all()


def own_spell(row: Proposal, vacancy: Vacancy, data: Mapping[str, Any] | None = None) -> WorkSpell | None:
    """The work of this proposal, with what a step says of it; None while no start is known.

    Where nobody said how many hours, it is the least that the vacancy asks. `endDate` of a trial does not outlive it.
    """
    data = {} if data is None else data
    start = data.get("start_date", row.start_date)
    hours = data.get("hours", row.hours)
    ends = data.get("end_date") if data.get("to") is ProposalStatus.PLACED else data.get("end_date", row.end_date)
    return None if start is None else WorkSpell(start, ends, float(vacancy.hours_min if hours is None else hours))


def other_work(uow: UnitOfWork, row: Proposal, candidate: Candidate) -> list[WorkSpell]:
    """The present job, and every other trial placement and placement of the person, on whichever profile.

    A job whose hours nobody registered is not counted. A job at the very employer of this proposal is not another one.
    A placement without a last day counts as long as the profile says `placed`: once its lead made the candidate
    available again, the work is over or stands in the profile as the present job.
    """
    found = [] if candidate.employment is None else _present_job(uow, row, candidate)
    for other, vacancy, status in _starts(uow, row, candidate):
        open_end = other.status is ProposalStatus.PLACED and other.end_date is None
        if open_end and status is not CandidateStatus.PLACED:
            continue
        same_job = candidate.employment is not None and other.employer_id == candidate.employment.employer_id
        if same_job and other.status is ProposalStatus.PLACED:
            continue
        spell = own_spell(other, vacancy)
        if spell is not None:
            found.append(spell)
    return found


def _present_job(uow: UnitOfWork, row: Proposal, candidate: Candidate) -> list[WorkSpell]:
    job = candidate.employment
    if job is None or job.hours_per_week is None or job.employer_id == row.employer_id:
        return []
    ends = job.end_date or signals.decided_end(uow, job.id)
    return [WorkSpell(job.start_date, ends, float(job.hours_per_week))]


def _starts(uow: UnitOfWork, row: Proposal, candidate: Candidate) -> list[Any]:
    which = [Candidate.id == candidate.id]
    if candidate.person_id is not None:
        which.append(Candidate.person_id == candidate.person_id)
    statement = (
        select(Proposal, Vacancy, Candidate.status)
        .join(Vacancy, Vacancy.id == Proposal.vacancy_id)
        .join(Candidate, Candidate.id == Proposal.candidate_id)
        .where(or_(*which), Proposal.id != row.id, Proposal.status.in_(AT_WORK))
        .order_by(Proposal.id)
    )
    return list(uow.session.execute(statement))


def running_trial(uow: UnitOfWork, row: Proposal, candidate: Candidate) -> Proposal | None:
    """Another trial placement of the person, where one goes on."""
    trials = [other for other, *_ in _starts(uow, row, candidate) if other.status is ProposalStatus.TRIAL_PLACEMENT]
    return trials[-1] if trials else None
