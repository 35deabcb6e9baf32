"""A vacancy that went to a WSP, a mobility pool or the desk, and what they answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.referrals.rules import LIVE_REFERRAL, WAITING, ReferralReason, ReferralStatus, ReferralTarget

_LIVE = text("status IN ({})".format(", ".join(f"'{status.value}'" for status in sorted(LIVE_REFERRAL))))
_WAITING = ", ".join(f"'{status.value}'" for status in sorted(WAITING))
_WAITS = text(f"status IN ({_WAITING})")
_LEADS = text("lead")
_OWN = text("passed_on_at IS NULL")

WAITS = text(f"referral.status IN ({_WAITING})")
"""That a referral waits for an answer, in the words of its indexes: one that holds only some rows is used for no
parameter."""


class Referral(Base, Versioned):
    """`respond_by` is the last day to answer, in Amsterdam. `reason` says why it was answered or closed as it was.

    `passed_on_at`: its receiver handed the vacancy to another desk, and sees neither it nor this any more.
    """

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
    passed_on_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_referral_live", "vacancy_id", "party_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("uq_referral_lead", "vacancy_id", unique=True, postgresql_where=_LEADS, sqlite_where=_LEADS),
        Index("ix_referral_vacancy", "vacancy_id", "id"),
        Index("ix_referral_party", "party_id", "vacancy_id"),
        Index("ix_referral_own", "party_id", "id", postgresql_where=_OWN, sqlite_where=_OWN),
        Index("ix_referral_status", "party_id", "status", "id", postgresql_where=_OWN, sqlite_where=_OWN),
        Index("ix_referral_led", "party_id", "lead", "id", postgresql_where=_OWN, sqlite_where=_OWN),
        Index("ix_referral_due", "party_id", "respond_by", "id", postgresql_where=_WAITS, sqlite_where=_WAITS),
        Index(
            "ix_referral_work",
            *("party_id", "respond_by", "sent_at", "id"),
            postgresql_where=_WAITS,
            sqlite_where=_WAITS,
        ),
        Index("ix_referral_all_due", "respond_by", "id", postgresql_where=_WAITS, sqlite_where=_WAITS),
    )

    @property
    def address(self) -> str:
        return f"referrals/{self.id}"
