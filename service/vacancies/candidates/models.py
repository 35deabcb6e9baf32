"""Candidates: pseudonymous profiles of people who look for work."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.access.models import Party
from service.employers.models import Employment
from service.kernel.database import Base, Id, Versioned, code
from service.reference.qualifications import LanguageLevel
from service.vacancies.rules import CandidateLeadRole, CandidateStatus

_LIVE = text(f"status IN ('{CandidateStatus.AVAILABLE.value}', '{CandidateStatus.PAUSED.value}')")


class Candidate(Base, Versioned):
    """A profile about work. The id holds no time, and nothing here says who it is.

    `person_id` and `employment_id` (the present or last job) leave this room only as a name that the person agreed to
    show, and as the day from which somebody is free. Lists of codes are null while unknown; an empty one says 'none'.
    `paused_until` is the last day of a pause.
    """

    __tablename__ = "candidate"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"))
    employment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("employment.id"), index=True)
    created_by: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    lead_party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    lead_role: Mapped[CandidateLeadRole] = mapped_column(code(CandidateLeadRole))
    occupations: Mapped[list[str]]
    hours_min: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    hours_max: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    postcode4: Mapped[str]
    max_distance_km: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    available_from: Mapped[date | None]
    needs: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    cannot: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    language_level: Mapped[LanguageLevel | None] = mapped_column(code(LanguageLevel))
    driving_licences: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    paused_until: Mapped[date | None]
    status: Mapped[CandidateStatus] = mapped_column(code(CandidateStatus))
    created_at: Mapped[datetime]

    lead: Mapped[Party] = relationship(foreign_keys=lead_party_id, viewonly=True)
    employment: Mapped[Employment | None] = relationship(viewonly=True)

    __table_args__ = (
        CheckConstraint("hours_min <= hours_max", name="hours_in_order"),
        Index("ix_candidate_person", "person_id"),
        Index("uq_candidate_live", "person_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_candidate_lead", "lead_party_id", "id"),
        Index("ix_candidate_status", "status", "id"),
        Index("ix_candidate_pause", "status", "paused_until"),
    )

    @property
    def address(self) -> str:
        return f"candidates/{self.id}"


class CandidateOccupation(Base):
    """One kind of work that a candidate looks for, and the box (degrees, WGS 84) in which it may be.

    All of it stands in one index by the occupation's unit group, so that finding who may fit a vacancy reads only its
    own block, however many candidates there are. With it stand how far and how many hours the candidate wants, by which
    most are known not to come among the best; without a distance, these have not been copied yet.
    """

    __tablename__ = "candidate_occupation"

    candidate_id: Mapped[str] = mapped_column(Id, ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    isco_code: Mapped[str]
    sub_major: Mapped[str]
    south: Mapped[float]
    north: Mapped[float]
    west: Mapped[float]
    east: Mapped[float]
    max_distance_km: Mapped[float | None]
    hours_min: Mapped[float | None]
    hours_max: Mapped[float | None]

    __table_args__ = (
        Index(
            "ix_candidate_occupation_box",
            *("isco_code", "south", "north", "west", "east"),
            *("candidate_id", "code", "max_distance_km", "hours_min", "hours_max"),
        ),
        Index("ix_candidate_occupation_code", "code", "candidate_id"),
    )
