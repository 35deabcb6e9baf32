"""Regional mobility pools: employers and those who help, looking together for the right place for people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned


class MobilityPool(Base, Versioned):
    """The id is that of its party, which holds the e-mail address."""

    __tablename__ = "mobility_pool"

    id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class PoolRegion(Base):
    """One of the labour-market regions in which a pool works; a pool without any works everywhere."""

    __tablename__ = "mobility_pool_region"

    pool_id: Mapped[str] = mapped_column(Id, ForeignKey("mobility_pool.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("ix_mobility_pool_region_code", "region_code", "pool_id"),)


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
        Index("ix_pool_member_begins", "valid_from"),
        Index("ix_pool_member_ends", "valid_until"),
    )
