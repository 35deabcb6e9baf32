"""Call-backs: somebody asks to be called, and who behind the counter does it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, exists, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from service.access.rules import PartyKind
from service.contacts.callbacks.rules import CallBackStatus, CallBackSubject
from service.contacts.models import of_client, with_disclosed_link
from service.contacts.rules import ContactKind
from service.employers.models import Employment, through_employment
from service.kernel.database import Base, Id, Versioned, code

LIVE = text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NOT NULL")
LIVE_WITHOUT_EMPLOYMENT = text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NULL")


class CallBack(Base, Versioned):
    """One request to be called. The phone number is sealed.

    There is no person here: who it is about is found through the employment, and is gone when it is gone there.
    `handler_named`: somebody chose this very caseworker; else it goes along when another becomes responsible.
    `version` counts each change, `shown_version` only those that whoever asked can see: what happens behind the counter
    must not move its ETag. `escalate_on` is the day on which a missed deadline passes it on; `overdue_since` and
    `escalated_since` are the days of the first and the latest step.
    """

    __tablename__ = "call_back"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    party_kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"), index=True)
    employment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("employment.id"), index=True)
    subject: Mapped[CallBackSubject] = mapped_column(code(CallBackSubject))
    phone: Mapped[bytes] = mapped_column(LargeBinary)
    windows: Mapped[list[dict[str, Any]]]
    status: Mapped[CallBackStatus] = mapped_column(code(CallBackStatus))
    shown_version: Mapped[int] = mapped_column(Integer)
    requested_at: Mapped[datetime]
    answer_by: Mapped[date]
    due_by: Mapped[date | None]
    delayed_until: Mapped[date | None]
    attempts: Mapped[int]
    last_tried_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    over_at: Mapped[datetime | None] = mapped_column(index=True)
    handler_kind: Mapped[ContactKind] = mapped_column(code(ContactKind))
    handler_caseworker_id: Mapped[str | None] = mapped_column(Id, ForeignKey("caseworker.id"))
    handler_team_id: Mapped[str | None] = mapped_column(Id, ForeignKey("team.id"))
    handler_named: Mapped[bool]
    escalate_on: Mapped[date | None] = mapped_column(index=True)
    overdue_since: Mapped[date | None]
    escalated_since: Mapped[date | None]

    # Read in the same statement, whatever there is to find.
    person_id: Mapped[str | None] = through_employment(Employment.person_id, employment_id)
    end_date: Mapped[date | None] = through_employment(Employment.end_date, employment_id)
    is_client: Mapped[bool] = of_client(employment_id)
    disclosed: Mapped[bool] = with_disclosed_link(employment_id)
    coached: Mapped[bool] = column_property(
        exists()
        .where(Employment.id == employment_id, Employment.jobcoach_organisation_id == party_id)
        .correlate_except(Employment),
        expire_on_flush=False,
    )

    __table_args__ = (
        Index(
            "uq_call_back_live",
            "party_id",
            "employment_id",
            "subject",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index(
            "uq_call_back_live_employer",
            "party_id",
            "subject",
            unique=True,
            sqlite_where=LIVE_WITHOUT_EMPLOYMENT,
            postgresql_where=LIVE_WITHOUT_EMPLOYMENT,
        ),
        Index("ix_call_back_list", "party_id", "id"),
        Index("ix_call_back_desk", "handler_kind", "due_by", "id"),
        Index("ix_call_back_caseworker", "handler_caseworker_id", "id"),
    )
