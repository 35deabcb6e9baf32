"""What this room forgets, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from service.delivery.models import ConsumerFailure, Event, Mail, Replay
from service.delivery.rules import MailStatus
from service.kernel.database import UnitOfWork
from service.kernel.room import Retention
from service.kernel.text import Text

EVENT_TERM = timedelta(days=30)
MAIL_TERM = timedelta(days=365)
AT_ONCE = 2000
"""Rows in one transaction: whoever waits for the database does not wait long. The worker asks again."""


def forget_events(uow: UnitOfWork) -> int:
    """Events with their readers, deliveries and attempts."""
    return _forget(uow, Event, Event.at <= uow.now - EVENT_TERM, Event.position.is_not(None))


def forget_mails(uow: UnitOfWork) -> int:
    return _forget(uow, Mail, Mail.created_at <= uow.now - MAIL_TERM, Mail.status != MailStatus.QUEUED)


def forget_failures(uow: UnitOfWork) -> int:
    return _forget(uow, ConsumerFailure, ConsumerFailure.failed_at <= uow.now - EVENT_TERM)


def forget_replays(uow: UnitOfWork) -> int:
    return _forget(uow, Replay, Replay.created_at <= uow.now - EVENT_TERM)


def _forget(uow: UnitOfWork, model: Any, *over: ColumnElement[bool]) -> int:
    old = select(model.id).where(*over).limit(AT_ONCE)
    return uow.execute(delete(model).where(model.id.in_(old))).rowcount


RETENTION = (
    Retention(
        "events, their deliveries and attempts",
        EVENT_TERM,
        Text(
            "Wie een bericht heeft gemist, kan het een maand lang nog lezen.",
            "Whoever missed an event can read it for a month.",
        ),
        forget_events,
    ),
    Retention(
        "events that could not be handled",
        EVENT_TERM,
        Text("Zo lang bestaat het bericht zelf ook.", "As long as the event itself."),
        forget_failures,
    ),
    Retention(
        "replays",
        EVENT_TERM,
        Text("Zo lang bestaan de berichten zelf ook.", "As long as the events themselves."),
        forget_replays,
    ),
    Retention(
        "e-mails",
        MAIL_TERM,
        Text(
            "Wat wij schreven, is een jaar lang na te lezen. De inhoud is versleuteld.",
            "What we wrote can be read again for a year. Its content is encrypted.",
        ),
        forget_mails,
    ),
)
