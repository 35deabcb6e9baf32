"""Parties, the clients that act for them, and the log of who saw what of whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.access.rules import PartyKind, Purpose
from service.kernel.database import Base, Id, code


class Party(Base):
    """An organisation that takes part. An employer, a WSP, a pool has the same id here and in its own room."""

    __tablename__ = "party"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[PartyKind] = mapped_column(code(PartyKind))
    name: Mapped[str]
    email: Mapped[str | None]
    region_code: Mapped[str | None] = mapped_column(index=True)

    __table_args__ = (Index("ix_party_kind", "kind"),)


class Client(Base):
    """A system that calls: it proves itself with a key of its own (`jwks`), in the demo with a secret."""

    __tablename__ = "client"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), index=True)
    secret_hash: Mapped[str | None]
    jwks: Mapped[dict[str, Any] | None]
    is_demo: Mapped[bool]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Grant(Base):
    """That a client may act for a further party (a payroll bureau for its employers), from a day and until a day."""

    __tablename__ = "client_grant"

    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class UsedAssertion(Base):
    """A client assertion counts once: its id is kept until it has expired."""

    __tablename__ = "used_assertion"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Usage(Base):
    """How much a client asked for on one day (in Amsterdam), of one kind of question.

    `minute` counts from 1970; `in_minute` are the requests in it, `requests` those of the day, `amount` the people they
    were about, and `watched` those among them whose number tells the operator something.
    """

    __tablename__ = "client_usage"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    minute: Mapped[int]
    in_minute: Mapped[int]
    requests: Mapped[int]
    amount: Mapped[int]
    watched: Mapped[int]

    __table_args__ = (Index("ix_client_usage_day", "day"),)


class AccessEntry(Base):
    """One look at, or change of, one person's data."""

    __tablename__ = "access_entry"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    client_id: Mapped[str]
    party_id: Mapped[str] = mapped_column(Id)
    purpose: Mapped[Purpose] = mapped_column(code(Purpose))
    action: Mapped[str]
    person_id: Mapped[str] = mapped_column(Id, index=True)
    resource: Mapped[str]
    because: Mapped[str]
    trace_id: Mapped[str]
