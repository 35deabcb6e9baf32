"""Regional mobility pools: employers and those who help, looking together for the right place for people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned


class MobilityPool(Base, Versioned):
    """The id is that of its party, which holds the e-mail address. `region_code`: null for a pool of no one region."""

    __tablename__ = "mobility_pool"

    id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)
    name: Mapped[str]
    region_code: Mapped[str | None]
    created_at: Mapped[datetime]


class PoolMember(Base, Versioned):
    """That a party takes part, from a day up to and including a day (null: no end is known)."""

    __tablename__ = "pool_member"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    pool_id: Mapped[str] = mapped_column(Id, ForeignKey("mobility_pool.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="in_order"),
        Index("ix_pool_member_pool", "pool_id", "id"),
        Index("ix_pool_member_party", "party_id"),
    )
