"""Contract-end signals: what was reported, by whom, how it goes on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, exists, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from service.access.rules import PartyKind
from service.contacts.models import with_disclosed_link
from service.contacts.rules import ConsentMeans
from service.kernel.database import Base, Id, Versioned, code
from service.people.models import Person
from service.signals.asking.models import Asked
from service.signals.rules import (
    Consent,
    EndReason,
    EscalationLevel,
    Outcome,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
    VacancyExpected,
)
from service.signals.steps import Audience, InterviewResult, PauseWish, StepKind

LIVE = text("status NOT IN ('closed', 'withdrawn')")
DECIDED_AND_LIVE = text("phase = 'decided' AND status NOT IN ('closed', 'withdrawn')")
UNLOOKED = text(
    "phase = 'decided' AND withdrawn_at IS NULL AND (looked_end IS NULL OR looked_end <> expected_end_date)"
)
ASKED = text("question_on IS NOT NULL")


class SignalReport(Base):
    """What one party stated, and the receipt that it got. A party's own view of the facts is what stands here.

    `left_…` is how far the case was when the party withdrew its report: for that party it stays so, while the signal
    may go on with another's. `looked_end` is the end date that the clock found over when the signal was over too.
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
    looked_end: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("signal_id", "party_id"),
        Index("ix_contract_end_report_over", "expected_end_date", sqlite_where=UNLOOKED, postgresql_where=UNLOOKED),
    )


class Signal(Base, Versioned, Asked):
    """One approaching end. The id is unlinkable: it does not tell an employer that there was a signal before it
    reported (an early warning exists for clients of UWV only). Nor does the version, which an employer never sees.

    `employer_since` is the moment from which the employer may see it (null: not at all), `told_employer` how many
    events it was told. The facts here are the
    latest that UWV's side knows; what each party stated stands in its report. `escalate_on` is the day on which a
    missed deadline passes it on. `profile_…` says when the employer was asked for what it knows of the work, once for
    the employment, and when it gave that; `contradict…` what the person says of the statements. Trial placement and
    contract are kept apart (`trial_…` and the plain outcome; `trial_ended_on`: it led to no contract).
    `paused_until` is the last day on which the clocks that would press the person stand still (null: they run), and
    `resumed_on` the day 0 from which they went on after a pause. `acknowledge_by`, `plan_by` and
    `start_interview_by` are what a calendar says; which of them runs, and until when, says
    `course.running_deadline`.
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
    trial_ended_on: Mapped[date | None]
    tell_employer: Mapped[bool]
    freed_vacancy_id: Mapped[str | None] = mapped_column(Id)
    freed_vacancy_status: Mapped[str | None]
    freed_vacancy_opened_on: Mapped[date | None]
    freed_vacancy_filled_on: Mapped[date | None]
    profile_asked_on: Mapped[date | None]
    profile_given_on: Mapped[date | None]
    contradicted_reason: Mapped[EndReason | None] = mapped_column(code(EndReason))
    contradicts_phase: Mapped[bool | None]
    contradicted_on: Mapped[date | None]
    contradicted_means: Mapped[ConsentMeans | None] = mapped_column(code(ConsentMeans))
    reported_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    paused_until: Mapped[date | None]
    pause_wish: Mapped[PauseWish | None] = mapped_column(code(PauseWish))
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[PartyKind | None] = mapped_column(code(PartyKind))
    resumed_on: Mapped[date | None]
    interview_result: Mapped[InterviewResult | None] = mapped_column(code(InterviewResult))
    interview_held_on: Mapped[date | None]
    interview_recorded_at: Mapped[datetime | None]

    reports: Mapped[list[SignalReport]] = relationship(
        lazy="selectin", order_by=SignalReport.reported_at, cascade="all, delete-orphan", passive_deletes=True
    )

    # Read in the same statement, for a client and for anybody else alike.
    disclosed: Mapped[bool] = with_disclosed_link(employment_id)
    is_client: Mapped[bool] = column_property(
        exists().where(Person.id == person_id, Person.is_client), expire_on_flush=False
    )

    __table_args__ = (
        Index("uq_contract_end_signal_live", "employment_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_contract_end_signal_list", "employer_id", "id"),
        Index("ix_contract_end_signal_clock", "escalate_on"),
        Index("ix_contract_end_signal_end", "phase", "expected_end_date"),
        Index(
            "ix_contract_end_signal_over",
            "expected_end_date",
            sqlite_where=DECIDED_AND_LIVE,
            postgresql_where=DECIDED_AND_LIVE,
        ),
        Index("ix_contract_end_signal_question", "question_on", sqlite_where=ASKED, postgresql_where=ASKED),
        Index("ix_contract_end_signal_pause", "paused_until"),
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
