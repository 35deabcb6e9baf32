"""A vacancy that went to a WSP, a mobility pool or the desk, and what they answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.referrals.rules import LIVE_REFERRAL, ReferralReason, ReferralStatus, ReferralTarget

_LIVE = text("status IN ({})".format(", ".join(f"'{status.value}'" for status in sorted(LIVE_REFERRAL))))
_LEADS = text("lead")


class Referral(Base, Versioned):
    """`respond_by` is the last day to answer, in Amsterdam. `reason` says why it was answered or closed as it was."""

    __tablename__ = "referral"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    vacancy_id: Mapped[str] = mapped_column(Id, ForeignKey("vacancy.id"))
    kind: Mapped[ReferralTarget] = mapped_column(code(ReferralTarget))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    because: Mapped[ReferralReason] = mapped_column(code(ReferralReason))
    status: Mapped[ReferralStatus] = mapped_column(code(ReferralStatus))
    reason: Mapped[AnswerReason | None] = mapped_column(code(AnswerReason))
    lead: Mapped[bool]
    respond_by: Mapped[date]
    sent_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_referral_live", "vacancy_id", "party_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("uq_referral_lead", "vacancy_id", unique=True, postgresql_where=_LEADS, sqlite_where=_LEADS),
        Index("ix_referral_vacancy", "vacancy_id", "id"),
        Index("ix_referral_party", "party_id", "vacancy_id"),
        Index("ix_referral_inbox", "party_id", "status", "id"),
    )

    @property
    def address(self) -> str:
        return f"referrals/{self.id}"
