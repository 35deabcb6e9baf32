"""What leaves the house: events with their readers, webhooks with their deliveries, and mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.delivery.rules import DeliveryStatus, MailStatus, WebhookStatus
from service.kernel.database import Base, Id, Versioned, code

_UNPOSITIONED = text("position IS NULL")
_PENDING = text("status = 'pending'")
_FAILED = text("status = 'failed'")
_ROTATING = text("secret_until IS NOT NULL")
_REPLAYED = text("replay_id IS NOT NULL")


class Claimed:
    """Work that a worker takes for a while: until when, and how often it was taken, which is what it shows to finish
    it. Whoever held it longer than its lease shows an old number."""

    attempts: Mapped[int]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    fence: Mapped[int]
    last_error: Mapped[str | None]


class Event(Base):
    """Something that happened. Written without a position in the transaction that caused it; the sequencer gives
    positions after the commit, so that a reader who goes by position never misses one.

    `subject_version` is the version of the subject's row: it puts the events of a subject in order. `sequence` is what
    the readers see of that order.
    """

    __tablename__ = "event"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str]
    subject: Mapped[str]
    subject_version: Mapped[int]
    sequence: Mapped[int]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    because: Mapped[str]
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)

    __table_args__ = (
        Index("ix_event_subject", "subject", "subject_version"),
        Index("ix_event_at", "at"),
        Index(
            "ix_event_unpositioned",
            "subject",
            "subject_version",
            postgresql_where=_UNPOSITIONED,
            sqlite_where=_UNPOSITIONED,
        ),
    )


class EventParty(Base):
    """A party that may read an event."""

    __tablename__ = "event_party"

    event_id: Mapped[str] = mapped_column(Id, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, primary_key=True)

    __table_args__ = (Index("ix_event_party_party", "party_id", "event_id"),)


class Head(Base):
    """The last position given out: one row, locked by whoever gives the next."""

    __tablename__ = "event_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class ConsumerCursor(Base):
    """How far a consumer in a higher room has read, and how often it failed on what comes next."""

    __tablename__ = "consumer_cursor"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int]
    due_at: Mapped[datetime | None]


class ConsumerFailure(Base):
    """An event that a consumer could not handle and passed by."""

    __tablename__ = "consumer_failure"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    consumer: Mapped[str]
    event_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int]
    error: Mapped[str]
    failed_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("consumer", "event_id"),)


class Webhook(Base, Versioned, Claimed):
    """An address of a client to which its events are pushed. While it is pending, the work is the handshake.

    `secret` is the oldest that signs, or the only one; it stops at `secret_until`, after which `new_secret` takes its
    place. `secret_id` and `secret_at` are empty as long as it is the one made with the webhook. `failing_since` and
    `failures` count the attempts that failed since the last that arrived.
    """

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    types: Mapped[list[str]]
    secret: Mapped[bytes]
    status: Mapped[WebhookStatus] = mapped_column(code(WebhookStatus))
    created_at: Mapped[datetime]
    secret_id: Mapped[str | None] = mapped_column(Id)
    secret_at: Mapped[datetime | None]
    secret_until: Mapped[datetime | None]
    new_secret: Mapped[bytes | None]
    new_secret_id: Mapped[str | None] = mapped_column(Id)
    new_secret_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0", default=0)

    __table_args__ = (
        Index("ix_webhook_secret_until", "secret_until", postgresql_where=_ROTATING, sqlite_where=_ROTATING),
    )


class Delivery(Base, Claimed):
    """One event for one webhook, until it has arrived or has been given up.

    `asked_at` is when the client last asked for it again, after which `attempts` counts anew; `replay_id` the replay in
    which it did.
    """

    __tablename__ = "delivery"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str]
    status: Mapped[DeliveryStatus] = mapped_column(code(DeliveryStatus))
    last_status: Mapped[int | None]
    delivered_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    replay_id: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_delivery_failed", "webhook_id", postgresql_where=_FAILED, sqlite_where=_FAILED),
        Index("ix_delivery_replay", "replay_id", postgresql_where=_REPLAYED, sqlite_where=_REPLAYED),
        Index("ix_delivery_log", "webhook_id", "position"),
        Index("ix_delivery_due", "webhook_id", "due_at", "position", postgresql_where=_PENDING, sqlite_where=_PENDING),
        Index(
            "ix_delivery_order", "webhook_id", "subject", "position", postgresql_where=_PENDING, sqlite_where=_PENDING
        ),
    )


class Attempt(Base):
    """One request to a receiver, and what came of it. `at` is its webhook-timestamp."""

    __tablename__ = "delivery_attempt"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(Id, ForeignKey("delivery.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    status: Mapped[int | None]
    error: Mapped[str | None]
    milliseconds: Mapped[int]

    __table_args__ = (Index("ix_delivery_attempt_delivery", "delivery_id", "at"),)


class Replay(Base):
    """Events of the past that a client had queued for a webhook again. `last_position` where more are left."""

    __tablename__ = "webhook_replay"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    events: Mapped[int]
    last_position: Mapped[int | None] = mapped_column(BigInteger)


class Mail(Base, Claimed):
    """A mail to send: template and ids from the transaction that caused it; the bytes, once rendered, stay as sent.
    They name a person, so they are sealed."""

    __tablename__ = "mail"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    template: Mapped[str]
    data: Mapped[dict[str, Any]]
    status: Mapped[MailStatus] = mapped_column(code(MailStatus))
    message: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_mail_due", "status", "due_at"),)
