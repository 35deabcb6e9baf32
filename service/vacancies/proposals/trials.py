"""A trial placement comes to its end: in time those concerned are asked what follows."""

from __future__ import annotations

from sqlalchemy import select

from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.vacancies.proposals.closing import those_concerned, told
from service.vacancies.proposals.models import TO_ASK, Proposal
from service.vacancies.proposals.rules import TRIAL_ENDS_SOON, ProposalStatus, ends_soon


def due(uow: UnitOfWork, limit: int) -> list[str]:
    """Trial placements whose last day is near and of which nobody was told yet, the nearest first."""
    statement = (
        select(Proposal.id)
        .where(TO_ASK, Proposal.end_date <= uow.today + TRIAL_ENDS_SOON)
        .order_by(Proposal.end_date, Proposal.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def ask(uow: UnitOfWork, proposal_id: str) -> None:
    """Tells the employer, the proposer and the candidate's lead, once for each trial."""
    row = uow.session.get_one(Proposal, proposal_id, with_for_update={"of": Proposal}, populate_existing=True)
    if row.status is not ProposalStatus.TRIAL_PLACEMENT or row.trial_asked_on is not None or row.end_date is None:
        return
    if not ends_soon(row.end_date, uow.today):
        return
    row.trial_asked_on = uow.today
    uow.flush()
    readers = [row.employer_id, *those_concerned(uow, row)]
    publish(uow, "proposal.trial-ending", row.address, row.version, readers, told(row), because="trial-ending")


TRIAL_ENDING = Timer("proposals.trial-ending", due, ask)
