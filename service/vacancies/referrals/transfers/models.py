"""That vacancies went from one desk to another, and which referral went on as which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.access.rules import PartyKind
from service.kernel.database import Base, Id, code
from service.vacancies.referrals.transfers.rules import TransferReason


class Transfer(Base):
    """The counts are those of the moment. `by_party_id` is who did it: the old receiver, the desk or the operator."""

    __tablename__ = "referral_transfer"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    from_party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    to_party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    by_party_id: Mapped[str] = mapped_column(Id)
    by: Mapped[PartyKind] = mapped_column("by_kind", code(PartyKind))
    reason: Mapped[TransferReason] = mapped_column(code(TransferReason))
    at: Mapped[datetime]
    with_candidates: Mapped[bool]
    with_memberships: Mapped[bool]
    referrals: Mapped[int]
    joined: Mapped[int]
    leads: Mapped[int]
    employers: Mapped[int]
    proposals: Mapped[int]
    candidates: Mapped[int]
    memberships: Mapped[int]

    __table_args__ = (
        Index("ix_referral_transfer_from", "from_party_id", "id"),
        Index("ix_referral_transfer_to", "to_party_id", "id"),
    )

    @property
    def address(self) -> str:
        return f"referral-transfers/{self.id}"


class TransferredReferral(Base):
    """The referral that was closed, and the one with which the new party goes on: a new one, or one that it had."""

    __tablename__ = "transferred_referral"

    before_id: Mapped[str] = mapped_column(Id, ForeignKey("referral.id"), primary_key=True)
    after_id: Mapped[str] = mapped_column(Id, ForeignKey("referral.id"))
    transfer_id: Mapped[str] = mapped_column(Id, ForeignKey("referral_transfer.id"))

    __table_args__ = (
        Index("ix_transferred_referral_after", "after_id"),
        Index("ix_transferred_referral_transfer", "transfer_id", "after_id"),
    )
