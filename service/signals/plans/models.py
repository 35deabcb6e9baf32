"""Plans, and what was planned before. They stay on UWV's side."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.access.rules import PartyKind
from service.kernel.database import Base, Id, Versioned, code
from service.signals.rules import Readiness, Service
from service.signals.steps import PlanLead


class Plan(Base, Versioned):
    """The services chosen, from when until when, and who leads (rule 15 of docs/domain.md).

    `beside` as in `rules.Beside`. `readiness` is what the professional judges, null: not judged yet.
    """

    __tablename__ = "contract_end_plan"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(code(Service))
    start_date: Mapped[date]
    lead: Mapped[PlanLead] = mapped_column(code(PlanLead))
    changed_at: Mapped[datetime]
    beside: Mapped[list[str]] = mapped_column(server_default="[]", default=list)
    end_date: Mapped[date | None]
    readiness: Mapped[Readiness | None] = mapped_column(code(Readiness))
    jobcoach_continues: Mapped[bool] = mapped_column(server_default="0", default=False)
    changed_by: Mapped[PartyKind | None] = mapped_column(code(PartyKind))


class PlanVersion(Base):
    """What was planned before, up to `replaced_at`; `content` as in `operations.CONTENT`, days as text."""

    __tablename__ = "contract_end_plan_version"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    by_kind: Mapped[PartyKind | None] = mapped_column(code(PartyKind))
    replaced_at: Mapped[datetime]
