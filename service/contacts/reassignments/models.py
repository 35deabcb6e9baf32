"""That many clients went, or will go, to other caseworkers on one date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.contacts.reassignments.rules import ChosenBy, ReassignmentStatus
from service.kernel.database import Base, Id, Versioned, code


class Reassignment(Base, Versioned):
    """Who goes to whom stands in the assignments that name it, and the handover notes there: here is nothing about a
    person. The counts are those of the moment at which it was made.

    `targets` and `warnings` are as the API shows them.
    """

    __tablename__ = "reassignment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    on_date: Mapped[date]
    status: Mapped[ReassignmentStatus] = mapped_column(code(ReassignmentStatus))
    chosen_by: Mapped[ChosenBy] = mapped_column(code(ChosenBy))
    caseworker_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"))
    office_id: Mapped[str | None] = mapped_column(Id, ForeignKey("office.id"))
    postcodes4: Mapped[list[str] | None] = mapped_column(JSON)
    people: Mapped[int]
    employers: Mapped[int]
    jobcoaches: Mapped[int]
    targets: Mapped[list[dict[str, Any]]]
    warnings: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_reassignment_date", "on_date", "id"), Index("ix_reassignment_status", "status"))
