"""Start agreements, and what stood in them earlier."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.access.rules import PartyKind
from service.kernel.database import Base, Id, Versioned, code


class Agreement(Base, Versioned):
    """What holds now; `content` as in `rules.Content`.

    `with_employer` and `jobcoach_organisation_id` stand outside it too: they decide who may read.
    """

    __tablename__ = "agreement"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employment_id: Mapped[str] = mapped_column(Id, ForeignKey("employment.id"))
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), index=True)
    agreed_on: Mapped[date]
    with_employer: Mapped[bool]
    jobcoach_organisation_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    content: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]

    __table_args__ = (Index("ix_agreement_employment", "employment_id", "agreed_on", "id"),)

    @property
    def address(self) -> str:
        return f"employments/{self.employment_id}/agreements/{self.id}"


class AgreementVersion(Base):
    """What stood in an agreement from a moment on; the last one holds. `for_…`: it was new to that reader."""

    __tablename__ = "agreement_version"

    agreement_id: Mapped[str] = mapped_column(Id, ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    by_kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    for_employer: Mapped[bool]
    for_jobcoach: Mapped[bool]
