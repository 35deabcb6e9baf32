"""Who follows the shared list of vacancies: by a feed, and by a weekly digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.kernel.text import Language

_DUE = text("digest_due_at IS NOT NULL")


class VacancySubscription(Base, Versioned):
    """The open vacancies of these regions and groups of occupations (none named: all), for one party.

    Of the feed's secret only a digest is kept. That of the mails is sealed, since each mail holds it, with a digest to
    find it by. `digest_since`: what was offered up to then stood in a digest, or is older than the subscription;
    `digest_due_at`: when the next one is sent, null for no address, one that was not confirmed, or one whose reader
    ended the mails. `changed_at` is of what the subscription asks.
    """

    __tablename__ = "vacancy_subscription"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    name: Mapped[str]
    region_codes: Mapped[list[str]]
    occupation_groups: Mapped[list[str]]
    language: Mapped[Language] = mapped_column(code(Language))
    secret_digest: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    email_secret: Mapped[bytes | None]
    email_digest: Mapped[str | None] = mapped_column(unique=True)
    email_confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    digest_since: Mapped[datetime | None]
    digest_due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_vacancy_subscription_party", "party_id", "id"),
        Index("ix_vacancy_subscription_client", "client_id"),
        Index("ix_vacancy_subscription_due", "digest_due_at", "id", postgresql_where=_DUE, sqlite_where=_DUE),
    )
