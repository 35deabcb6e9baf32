"""Handover profiles, one for each party that knows something, and the person's own view."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from service.contacts.rules import ConsentMeans
from service.kernel.database import Base, Id, Versioned, code
from service.signals.rules import EndReason


class Known:
    """What somebody knows of the work, in the published codes. `hours_held` is the most that was held a week,
    `hours_held_min` the least, where it varied."""

    tasks_done_well: Mapped[list[str]]
    hours_held: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    hours_held_min: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    what_helps: Mapped[list[str]]
    what_was_missing: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    growth_wishes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    came_by: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    changed_at: Mapped[datetime]


class HandoverProfile(Base, Versioned, Known):
    """The employer's, made at this signal; later signals of the employment lead to the same one."""

    __tablename__ = "contract_end_handover_profile"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    certified_employer: Mapped[bool]


class CoachProfile(Base, Versioned, Known):
    """That of a jobcoach organisation."""

    __tablename__ = "contract_end_coach_profile"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)


CONTRADICTION = ("contradicted_reason", "contradicts_phase", "contradicted_on", "contradicted_means")
"""What of the person's own view stands beside the statements, in the signal itself."""


class OwnView(Base, Versioned, Known):
    """What the person says itself, as UWV's side wrote it down: of the work, of what the employer handed over
    (`opinions`, by topic), of the reason that the employer states, and of what it wants now."""

    __tablename__ = "contract_end_own_view"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    opinions: Mapped[list[str]]
    wants_hours_min: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    wants_hours_max: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    wants_conditions: Mapped[list[str]]
    not_now: Mapped[bool]
    contradicted_reason: Mapped[EndReason | None] = mapped_column(code(EndReason))
    contradicts_phase: Mapped[bool]
    told_on: Mapped[date]
    means: Mapped[ConsentMeans] = mapped_column(code(ConsentMeans))
    caseworker_id: Mapped[str | None] = mapped_column(Id)
    recorded_by: Mapped[str]
