"""An employer's fixed contacts, per region and side."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.contacts.fixed.rules import Side
from service.kernel.database import Base, Id, Versioned, code


class EmployerContact(Base, Versioned):
    """UWV's is one of its caseworkers; the WSP's is an advisor, of whom we know no more than this."""

    __tablename__ = "employer_contact"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    region_code: Mapped[str]
    side: Mapped[Side] = mapped_column(code(Side))
    caseworker_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"), index=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("employer_id", "region_code", "side"),
        CheckConstraint(
            "(caseworker_id IS NOT NULL AND name IS NULL AND phone IS NULL AND email IS NULL) OR "
            "(caseworker_id IS NULL AND name IS NOT NULL AND phone IS NOT NULL AND email IS NOT NULL)",
            name="one_side",
        ),
        Index("ix_employer_contact_region", "region_code", "id"),
    )
