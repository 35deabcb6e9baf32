"""That a person agrees to be shown in a mobility pool."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.vacancies.offers.rules import OfferEnd
from service.vacancies.rules import ConsentHow

_LIVE = text("ended_at IS NULL")


class PoolOffer(Base, Versioned):
    """One candidate, shown in one pool from `offered_at` until `ended_at` (null: still).

    `how`, `asked_by` and `consented_on`: what the person said, who asked, and on which day. There is no row without it.
    """

    __tablename__ = "pool_offer"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    candidate_id: Mapped[str] = mapped_column(Id, ForeignKey("candidate.id", ondelete="CASCADE"))
    pool_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    recorded_by: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    how: Mapped[ConsentHow] = mapped_column(code(ConsentHow))
    asked_by: Mapped[str]
    consented_on: Mapped[date]
    offered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[OfferEnd | None] = mapped_column(code(OfferEnd))

    __table_args__ = (
        Index("uq_pool_offer_live", "candidate_id", "pool_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_pool_offer_candidate", "candidate_id", "id"),
        Index("ix_pool_offer_pool", "pool_id", "candidate_id", postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    @property
    def address(self) -> str:
        return f"candidates/{self.candidate_id}/pool-offers/{self.id}"
