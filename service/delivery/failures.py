"""What failed for good, for whoever runs the service: what, when and why, without anything that was in it; and how to
try it once more, under the same id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import structlog
from sqlalchemy import delete, func, select, update

from service.delivery.models import ConsumerCursor, ConsumerFailure, Delivery, Event, Mail, Webhook
from service.delivery.replays import again
from service.delivery.rules import DeliveryStatus, MailStatus, WebhookStatus
from service.kernel.database import Database, UnitOfWork
from service.kernel.room import Consumer

log = structlog.get_logger(__name__)


class FailureKind(StrEnum):
    """`consumer`: an event that a room could not handle; `mail`: an e-mail; `delivery`: an event for a webhook."""

    CONSUMER = "consumer"
    MAIL = "mail"
    DELIVERY = "delivery"


class DeadLetter(NamedTuple):
    """Something that failed for good. `at` is when, or of a mail and a delivery when its last attempt was due; `what`
    names the consumer, the template or the webhook, `about` the event."""

    kind: FailureKind
    id: str
    at: datetime
    what: str
    about: str
    attempts: int
    error: str


_IDS: Mapping[FailureKind, Any] = {
    FailureKind.CONSUMER: select(ConsumerFailure.id),
    FailureKind.MAIL: select(Mail.id).where(Mail.status == MailStatus.FAILED),
    FailureKind.DELIVERY: select(Delivery.id).where(Delivery.status == DeliveryStatus.FAILED),
}


def dead_letters(uow: UnitOfWork, kind: FailureKind, most: int) -> list[DeadLetter]:
    """What failed of one kind, newest first."""
    if kind is FailureKind.MAIL:
        mails = select(Mail.id, Mail.due_at, Mail.template, Mail.attempts, Mail.last_error)
        failed = mails.where(Mail.status == MailStatus.FAILED).order_by(Mail.due_at.desc(), Mail.id).limit(most)
        return [
            DeadLetter(kind, row.id, row.due_at, row.template, "-", row.attempts, row.last_error or "-")
            for row in uow.execute(failed)
        ]
    if kind is FailureKind.CONSUMER:
        set_aside = (
            select(ConsumerFailure.__table__, Event.type)
            .outerjoin(Event, Event.id == ConsumerFailure.event_id)
            .order_by(ConsumerFailure.failed_at.desc(), ConsumerFailure.id)
            .limit(most)
        )
        return [
            DeadLetter(
                kind, row.id, row.failed_at, row.consumer, _about(row.type, row.event_id), row.attempts, row.error
            )
            for row in uow.execute(set_aside)
        ]
    given_up = (
        select(Delivery.__table__, Event.type)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.status == DeliveryStatus.FAILED)
        .order_by(Delivery.due_at.desc(), Delivery.id)
        .limit(most)
    )
    return [
        DeadLetter(
            kind,
            row.id,
            row.due_at,
            row.webhook_id,
            _about(row.type, row.event_id),
            row.attempts,
            row.last_error or f"http-{row.last_status}",
        )
        for row in uow.execute(given_up)
    ]


def _about(type: str | None, event_id: str) -> str:
    return f"{type or 'gone'} {event_id}"


def count(uow: UnitOfWork, kind: FailureKind) -> int:
    return int(uow.execute(select(func.count()).select_from(_IDS[kind].subquery())).scalar_one())


def redrive(
    database: Database, consumers: Iterable[Consumer], kind: FailureKind, wanted: str | None
) -> dict[str, bool]:
    """Tries one (or all of this kind) once more, under its own id; which of them is on its way, or was handled.

    Mails and deliveries are queued for the worker. An event is given to its consumer here and now; it stays a failure
    when that fails again.
    """
    with database.reading() as uow:
        ids: list[str] = [row for row in uow.execute(_IDS[kind]).scalars() if wanted in (None, row)]
    by_name = {consumer.name: consumer for consumer in consumers}
    return {each: _redrive(database, by_name, kind, each) for each in ids}


def _redrive(database: Database, consumers: Mapping[str, Consumer], kind: FailureKind, row_id: str) -> bool:
    try:
        with database.transaction() as uow:
            if kind is FailureKind.CONSUMER:
                return _handle(uow, consumers, row_id)
            return _queue_mail(uow, row_id) if kind is FailureKind.MAIL else _queue_delivery(uow, row_id)
    except Exception as error:
        if kind is not FailureKind.CONSUMER:
            raise
        # Only its name: a message can repeat what was in the event.
        log.error("redrive failed", failure=row_id, error=type(error).__name__)
        with database.transaction() as uow:
            uow.execute(
                update(ConsumerFailure)
                .where(ConsumerFailure.id == row_id)
                .values(attempts=ConsumerFailure.attempts + 1, error=type(error).__name__)
            )
        return False


def _handle(uow: UnitOfWork, consumers: Mapping[str, Consumer], failure_id: str) -> bool:
    own = select(ConsumerFailure.__table__).where(ConsumerFailure.id == failure_id).with_for_update()
    failure = uow.execute(own).one_or_none()
    consumer = None if failure is None else consumers.get(failure.consumer)
    if failure is None or consumer is None:
        return False
    # The consumer handles one event at a time, here as in the worker.
    place = select(ConsumerCursor.position).where(ConsumerCursor.consumer == consumer.name)
    uow.execute(place.with_for_update()).one_or_none()
    event = uow.execute(select(Event.__table__).where(Event.id == failure.event_id)).one_or_none()
    if event is None:
        return False
    consumer.handle(uow, dict(event._mapping))
    uow.execute(delete(ConsumerFailure).where(ConsumerFailure.id == failure_id))
    return True


def _queue_mail(uow: UnitOfWork, mail_id: str) -> bool:
    queued = (
        update(Mail)
        .where(Mail.id == mail_id, Mail.status == MailStatus.FAILED)
        .values(status=MailStatus.QUEUED, attempts=0, due_at=uow.now, leased_until=None, fence=Mail.fence + 1)
    )
    return bool(uow.execute(queued).rowcount)


def _queue_delivery(uow: UnitOfWork, delivery_id: str) -> bool:
    """Not to a webhook that is not called: its owner decides when it goes on."""
    wanted = (
        select(Delivery.id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Delivery.id == delivery_id,
            Delivery.status == DeliveryStatus.FAILED,
            Webhook.status == WebhookStatus.ACTIVE,
        )
    )
    return bool(again(uow, list(uow.execute(wanted).scalars())))
