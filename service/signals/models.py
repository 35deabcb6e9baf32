"""Contract-end signals: what was reported, by whom, how it goes on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, exists, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from service.access.rules import PartyKind
from service.contacts.models import Link
from service.kernel.database import Base, Id, Versioned, code
from service.people.models import Person
from service.signals.rules import (
    Consent,
    EndReason,
    EscalationLevel,
    Outcome,
    Service,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
    VacancyExpected,
)
from service.signals.steps import Audience, PlanLead, StepKind

LIVE = text("status NOT IN ('closed', 'withdrawn')")


class SignalReport(Base):
    """What one party stated, and the receipt that it got. A party's own view of the facts is what stands here.

    `left_…` is how far the case was when the party withdrew its report: for that party it stays so, while the signal
    may go on with another's.
    """

    __tablename__ = "contract_end_report"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    signal_id: Mapped[str] = mapped_column(Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    party_kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    number: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str | None]
    phase: Mapped[SignalPhase] = mapped_column(code(SignalPhase))
    expected_end_date: Mapped[date | None]
    end_reason: Mapped[EndReason] = mapped_column(code(EndReason))
    employee_informed: Mapped[bool]
    consent_to_contact_employer: Mapped[Consent] = mapped_column(code(Consent))
    vacancy_expected: Mapped[VacancyExpected] = mapped_column(code(VacancyExpected))
    receipt: Mapped[dict[str, Any]]
    visible_to_employer: Mapped[bool]
    reported_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    left_seen_at: Mapped[datetime | None]
    left_acted_role: Mapped[str | None]
    left_acted_name: Mapped[str | None]

    __table_args__ = (UniqueConstraint("signal_id", "party_id"),)


class Signal(Base, Versioned):
    """One approaching end. The id is unlinkable: it does not tell an employer that there was a signal before it
    reported (an early warning exists for clients of UWV only). Nor does the version, which an employer never sees.

    `employer_since` is the moment from which the employer may see it (null: not at all), `told_employer` how many
    events it was told. The facts here are the
    latest that UWV's side knows; what each party stated stands in its report. `escalate_on` is the day on which a
    missed deadline passes it on. Trial placement and contract are kept apart (`trial_…` and the plain outcome).
    """

    __tablename__ = "contract_end_signal"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    employment_id: Mapped[str] = mapped_column(Id, ForeignKey("employment.id"), index=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"), index=True)
    origin: Mapped[SignalOrigin] = mapped_column(code(SignalOrigin))
    phase: Mapped[SignalPhase] = mapped_column(code(SignalPhase))
    expected_end_date: Mapped[date | None]
    registered_end_date: Mapped[date | None]
    end_reason: Mapped[EndReason] = mapped_column(code(EndReason))
    employee_informed: Mapped[bool]
    consent_to_contact_employer: Mapped[Consent] = mapped_column(code(Consent))
    vacancy_expected: Mapped[VacancyExpected] = mapped_column(code(VacancyExpected))
    status: Mapped[SignalStatus] = mapped_column(code(SignalStatus))
    employer_since: Mapped[datetime | None]
    told_employer: Mapped[int]
    seen_at: Mapped[datetime | None]
    acted_at: Mapped[datetime | None]
    acted_by_role: Mapped[str | None]
    acted_by_name: Mapped[str | None]
    acted_by_caseworker_id: Mapped[str | None] = mapped_column(Id)
    acknowledge_by: Mapped[date]
    plan_by: Mapped[date]
    start_interview_by: Mapped[date | None]
    escalation_level: Mapped[EscalationLevel | None] = mapped_column(code(EscalationLevel))
    escalated_since: Mapped[date | None]
    escalate_on: Mapped[date | None]
    outcome: Mapped[Outcome | None] = mapped_column(code(Outcome))
    outcome_date: Mapped[date | None]
    gap_days: Mapped[int | None]
    trial_started_on: Mapped[date | None]
    trial_gap_days: Mapped[int | None]
    tell_employer: Mapped[bool]
    freed_vacancy_id: Mapped[str | None] = mapped_column(Id)
    freed_vacancy_status: Mapped[str | None]
    freed_vacancy_opened_on: Mapped[date | None]
    freed_vacancy_filled_on: Mapped[date | None]
    reported_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    reports: Mapped[list[SignalReport]] = relationship(
        lazy="selectin", order_by=SignalReport.reported_at, cascade="all, delete-orphan", passive_deletes=True
    )

    # Read in the same statement, for a client and for anybody else alike.
    disclosed: Mapped[bool] = column_property(
        exists().where(Link.employment_id == employment_id, Link.disclosed_since.is_not(None)), expire_on_flush=False
    )
    is_client: Mapped[bool] = column_property(
        exists().where(Person.id == person_id, Person.is_client), expire_on_flush=False
    )

    __table_args__ = (
        Index("uq_contract_end_signal_live", "employment_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_contract_end_signal_list", "employer_id", "id"),
        Index("ix_contract_end_signal_clock", "escalate_on"),
        Index("ix_contract_end_signal_end", "phase", "expected_end_date"),
        Index("ix_contract_end_signal_acknowledge", "status", "acknowledge_by", "reported_at", "id"),
        Index("ix_contract_end_signal_plan", "status", "plan_by"),
        Index("ix_contract_end_signal_interview", "status", "phase", "start_interview_by"),
        Index("ix_contract_end_signal_carry_out", "status", "phase", "expected_end_date"),
        Index("ix_contract_end_signal_await", "status", "phase", "planned_at", "id"),
    )


class SignalStep(Base):
    """One line of the history; each party reads those that are for it."""

    __tablename__ = "contract_end_step"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    signal_id: Mapped[str] = mapped_column(Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    what: Mapped[StepKind] = mapped_column(code(StepKind))
    from_value: Mapped[str | None]
    to_value: Mapped[str | None]
    reason: Mapped[str | None]
    by_kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    audience: Mapped[Audience] = mapped_column(code(Audience))

    __table_args__ = (Index("ix_contract_end_step_signal", "signal_id", "id"),)


class Plan(Base, Versioned):
    """The service chosen, its start, who leads. It stays on UWV's side."""

    __tablename__ = "contract_end_plan"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(code(Service))
    start_date: Mapped[date]
    lead: Mapped[PlanLead] = mapped_column(code(PlanLead))
    changed_at: Mapped[datetime]


class HandoverProfile(Base, Versioned):
    """What the employer knows of the work that went well, in the published codes about work."""

    __tablename__ = "contract_end_handover_profile"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    tasks_done_well: Mapped[list[str]]
    hours_held: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    what_helps: Mapped[list[str]]
    certified_employer: Mapped[bool]
    changed_at: Mapped[datetime]
