"""Who is shown in which pool, and what follows when that ends.

Stands apart from the use cases so that candidates can end their offers and proposals can ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from service.access.actor import Actor
from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.vacancies.candidates.models import Candidate
from service.vacancies.offers.models import PoolOffer
from service.vacancies.offers.rules import OfferEnd
from service.vacancies.proposals import closing
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.rules import CandidateStatus


def shown_in(pool_ids: Iterable[str]) -> Select[Any]:
    """The ids of the candidates that are shown in these pools today: offered there, and looking for work now."""
    return (
        select(PoolOffer.candidate_id)
        .join(Candidate, Candidate.id == PoolOffer.candidate_id)
        .where(
            PoolOffer.pool_id.in_(list(pool_ids)),
            PoolOffer.ended_at.is_(None),
            Candidate.status == CandidateStatus.AVAILABLE,
        )
    )


def end_all(uow: UnitOfWork, actor: Actor, candidate: Candidate, reason: OfferEnd) -> None:
    """Ends every offer of a candidate, whose row the caller holds."""
    live = select(PoolOffer).where(PoolOffer.candidate_id == candidate.id, PoolOffer.ended_at.is_(None))
    for row in uow.session.scalars(live.order_by(PoolOffer.id).with_for_update()).all():
        end(uow, actor, candidate, row, reason)


def end(uow: UnitOfWork, actor: Actor, candidate: Candidate, row: PoolOffer, reason: OfferEnd) -> None:
    """Hides the candidate in the pool, and ends the requests of the pool to which nobody has agreed yet.

    What the candidate's lead made a proposal goes on: the person said yes to that apart, and ends it apart.
    """
    row.ended_at, row.end_reason = uow.now, reason
    uow.flush()
    house = actor.as_system("pool-offer.ended")
    closing.withdraw_requests(uow, house, candidate.id, row.pool_id, DeclineReason.CANDIDATE_NO_LONGER_AVAILABLE)
    tell(uow, "pool-offer.ended", candidate, row)


def tell(uow: UnitOfWork, type: str, candidate: Candidate, row: PoolOffer) -> None:
    """To the pool and to who has the lead. It never says why."""
    data = {"offerId": row.id, "candidateId": row.candidate_id, "poolId": row.pool_id}
    publish(uow, type, row.address, row.version, [row.pool_id, candidate.lead_party_id], data)
