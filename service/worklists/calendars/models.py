"""Calendar feeds of clients."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.kernel.text import Language


class CalendarFeed(Base, Versioned):
    """A client's work as a calendar. Of the secret only a digest is kept; a feed that was revoked is gone."""

    __tablename__ = "calendar_feed"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"))
    party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    name: Mapped[str]
    kinds: Mapped[list[str]]
    language: Mapped[Language] = mapped_column(code(Language))
    caseworker_id: Mapped[str | None] = mapped_column(Id)
    team_id: Mapped[str | None] = mapped_column(Id)
    office_id: Mapped[str | None] = mapped_column(Id)
    remind_days_before: Mapped[int | None]
    secret_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_calendar_feed_party", "party_id", "id"),
        Index("ix_calendar_feed_client", "client_id"),
    )

    @property
    def address(self) -> str:
        return f"calendar-feeds/{self.id}"
