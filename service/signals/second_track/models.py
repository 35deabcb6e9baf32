"""Second tracks: what an employer reported, and how it goes on. No person and nothing medical stands here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.access.rules import PartyKind
from service.contacts.models import of_client, with_disclosed_link
from service.employers.models import Employment, through_employment
from service.kernel.database import Base, Id, Versioned, code
from service.signals.rules import VacancyExpected
from service.signals.second_track.rules import (
    Agency,
    SecondTrackOutcome,
    SecondTrackStatus,
    SecondTrackStepKind,
    WaitingPeriod,
    WaitingPeriodChange,
)
from service.signals.steps import Audience

LIVE = text("status NOT IN ('closed', 'withdrawn')")


class SecondTrack(Base, Versioned):
    """One second track of one employment. Who it is about is found through the employment, and is gone when it is gone
    there.

    `regular_end_on` is when the waiting period would have ended without extension. `escalate_on` and `remind_on` are
    the days on which the clock looks at it again. `outcome_by` says whose word the outcome is.
    """

    __tablename__ = "second_track"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    employment_id: Mapped[str] = mapped_column(Id, ForeignKey("employment.id"), index=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    reference: Mapped[str | None]
    waiting_period_ends_on: Mapped[date]
    regular_end_on: Mapped[date]
    waiting_period_change: Mapped[WaitingPeriodChange | None] = mapped_column(code(WaitingPeriodChange))
    planned_start_on: Mapped[date | None]
    agency: Mapped[Agency] = mapped_column(code(Agency))
    employee_informed: Mapped[bool]
    vacancy_expected: Mapped[VacancyExpected] = mapped_column(code(VacancyExpected))
    status: Mapped[SecondTrackStatus] = mapped_column(code(SecondTrackStatus))
    outcome: Mapped[SecondTrackOutcome | None] = mapped_column(code(SecondTrackOutcome))
    outcome_by: Mapped[PartyKind | None] = mapped_column(code(PartyKind))
    acknowledge_by: Mapped[date]
    escalate_on: Mapped[date | None] = mapped_column(index=True)
    escalated_since: Mapped[date | None]
    remind_on: Mapped[date | None] = mapped_column(index=True)
    reported_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None] = mapped_column(index=True)

    # Read in the same statement, whatever there is to find.
    person_id: Mapped[str | None] = through_employment(Employment.person_id, employment_id)
    is_client: Mapped[bool] = of_client(employment_id)
    disclosed: Mapped[bool] = with_disclosed_link(employment_id)

    __table_args__ = (
        Index("uq_second_track_live", "employment_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_second_track_list", "employer_id", "id"),
        Index("ix_second_track_end", "status", "waiting_period_ends_on"),
    )

    @property
    def period(self) -> WaitingPeriod:
        return WaitingPeriod(self.waiting_period_ends_on, self.regular_end_on)


class SecondTrackStep(Base):
    """One line of the history; each party reads those that are for it."""

    __tablename__ = "second_track_step"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    second_track_id: Mapped[str] = mapped_column(Id, ForeignKey("second_track.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    what: Mapped[SecondTrackStepKind] = mapped_column(code(SecondTrackStepKind))
    from_value: Mapped[str | None]
    to_value: Mapped[str | None]
    by_kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    audience: Mapped[Audience] = mapped_column(code(Audience))

    __table_args__ = (Index("ix_second_track_step_history", "second_track_id", "id"),)
