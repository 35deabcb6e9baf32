"""Who works where at UWV, who is responsible for whom, and what an employer knows of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from service.contacts.reassignments.models import Reassignment
from service.contacts.rules import CaseworkerRole, ConsentMeans, DisclosureReason, OfficeOrganisation
from service.employers.models import Employment
from service.kernel.database import Base, Id, Versioned, code
from service.people.models import Person


class Team(Base, Versioned):
    """One way in for an office that divides its work by team. Phone numbers here and below: E.164.

    Nobody is assigned to a team that is not `active`, and no active caseworker is in it.
    """

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    active: Mapped[bool]


class Office(Base, Versioned):
    """`region_code` None: it serves no one region, so it never answers for one."""

    __tablename__ = "office"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(index=True)
    organisation: Mapped[OfficeOrganisation] = mapped_column(code(OfficeOrganisation))
    phone: Mapped[str]
    email: Mapped[str]
    teams: Mapped[list[Team]] = relationship(lazy="selectin", order_by=Team.id, viewonly=True)


class Caseworker(Base, Versioned):
    """`working_days` are ISO weekdays. Who is not `active` has left, and answers no more."""

    __tablename__ = "caseworker"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(Id, ForeignKey("office.id"), index=True)
    team_id: Mapped[str | None] = mapped_column(Id, ForeignKey("team.id"))
    name: Mapped[str]
    role: Mapped[CaseworkerRole] = mapped_column(code(CaseworkerRole))
    phone: Mapped[str]
    email: Mapped[str]
    working_days: Mapped[list[int]] = mapped_column(JSON)
    active: Mapped[bool]


class Absence(Base, Versioned):
    """Days on which a caseworker is away, first and last included; no last day: until further notice.

    `handed_over_on`: the absence lasted so long that on this day the clients went to the backup.
    """

    __tablename__ = "absence"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    caseworker_id: Mapped[str] = mapped_column(Id, ForeignKey("caseworker.id"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    backup_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"))
    planned: Mapped[bool]
    handed_over_on: Mapped[date | None]

    __table_args__ = (Index("ix_absence_caseworker", "caseworker_id", "last_day"),)


class HandoverNote(Base):
    """What the next contact must know of a client, or of many: the warm handover. Sealed, since it is about people."""

    __tablename__ = "handover_note"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    text: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Assignment(Base, Versioned):
    """Who is responsible for a person from a day on, until the next row. One with neither caseworker nor team ends it.

    Only starts are stored, so that two of them can never overlap.
    """

    __tablename__ = "assignment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    valid_from: Mapped[date]
    caseworker_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"), index=True)
    team_id: Mapped[str | None] = mapped_column(Id, ForeignKey("team.id"), index=True)
    backup_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"), index=True)
    note_id: Mapped[str | None] = mapped_column(Id, ForeignKey("handover_note.id"), index=True)
    reassignment_id: Mapped[str | None] = mapped_column(Id, ForeignKey(Reassignment.id), index=True)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "valid_from"),)


class Told(Base):
    """What was last told of a person's contact. Whatever makes the contact another, it is held against this row, so
    that each change is told once. `version` orders what is told; on `look_again_on` the day alone may change it."""

    __tablename__ = "contact_told"

    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"), primary_key=True)
    version: Mapped[int]
    regular_id: Mapped[str | None] = mapped_column(Id)
    answering_id: Mapped[str | None] = mapped_column(Id)
    away: Mapped[bool]
    reach: Mapped[str]
    upcoming_from: Mapped[date | None]
    upcoming_id: Mapped[str | None] = mapped_column(Id)
    look_again_on: Mapped[date | None] = mapped_column(index=True)


class Link(Base, Versioned):
    """What UWV's side states about an employment of a client. Without a row the link is undisclosed.

    `jobcoach_organisation_id`: UWV's side confirms that this organisation, which the employer named, coaches the
    person. One that was removed is empty; `told_before` keeps how far the versions of what was told had come.
    """

    __tablename__ = "link"

    employment_id: Mapped[str] = mapped_column(Id, ForeignKey("employment.id"), primary_key=True)
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"), index=True)
    disclosed_since: Mapped[date | None]
    reason: Mapped[DisclosureReason | None] = mapped_column(code(DisclosureReason))
    consent_on: Mapped[date | None]
    consent_means: Mapped[ConsentMeans | None] = mapped_column(code(ConsentMeans))
    jobcoach_organisation_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"))
    told_before: Mapped[int] = mapped_column(default=0, server_default="0")


def of_client(employment_id: Any) -> Any:
    """Whether the employment that a row names is that of a client of UWV, read in the same statement as the row."""
    known = exists().where(Employment.id == employment_id, Person.id == Employment.person_id, Person.is_client)
    return column_property(known.correlate_except(Employment, Person), expire_on_flush=False)


def with_disclosed_link(employment_id: Any) -> Any:
    """Whether its employer knows that UWV is involved, read in the same statement as the row."""
    shown = exists().where(Link.employment_id == employment_id, Link.disclosed_since.is_not(None))
    return column_property(shown.correlate_except(Link), expire_on_flush=False)
