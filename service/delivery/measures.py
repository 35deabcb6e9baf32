"""What the worker measures for whoever watches it: how long work waits, and how much failed for good.

Each worker measures the same database: of several, take the highest.
"""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Gauge
from sqlalchemy import func, or_, select

from service.delivery import failures
from service.delivery.deliveries import IS_BLOCKED
from service.delivery.failures import FailureKind
from service.delivery.models import ConsumerCursor, Delivery, Event, Mail, Webhook
from service.delivery.rules import DeliveryStatus, MailStatus, WebhookStatus
from service.kernel.database import UnitOfWork

WAITING = Gauge(
    "servicepunt_oldest_work_seconds",
    "How long the oldest work that is due has waited for the worker: what no receiver holds up",
    ["work"],
)
UNDELIVERED = Gauge(
    "servicepunt_oldest_undelivered_seconds",
    "Age of the oldest event that an active webhook has not taken yet, receivers that fail included",
)
DEAD = Gauge("servicepunt_dead_letters", "What failed for good and waits for somebody to look at it", ["kind"])
WEBHOOKS = Gauge("servicepunt_webhooks", "Webhooks by status", ["status"])


def measure(uow: UnitOfWork) -> None:
    """Sets the gauges from the database."""
    for work, since in (
        ("sequencing", _oldest_without_position(uow)),
        ("consumers", _oldest_not_consumed(uow)),
        ("deliveries", _oldest_not_sent(uow)),
        ("mails", _oldest_mail(uow)),
    ):
        WAITING.labels(work).set(_age(uow, since))
    UNDELIVERED.set(_age(uow, _oldest_undelivered(uow)))
    for kind in FailureKind:
        DEAD.labels(kind.value).set(failures.count(uow, kind))
    by_status = select(Webhook.status, func.count().label("number")).group_by(Webhook.status)
    found = {row.status: row.number for row in uow.execute(by_status)}
    for status in WebhookStatus:
        WEBHOOKS.labels(status.value).set(found.get(status, 0))


def _age(uow: UnitOfWork, since: datetime | None) -> float:
    return 0.0 if since is None else max((uow.now - since).total_seconds(), 0.0)


def _oldest_without_position(uow: UnitOfWork) -> datetime | None:
    return uow.execute(select(func.min(Event.at)).where(Event.position.is_(None))).scalar()


def _oldest_not_consumed(uow: UnitOfWork) -> datetime | None:
    """The first event behind the place of the consumer that is furthest behind."""
    last = uow.execute(select(func.min(ConsumerCursor.position))).scalar()
    if last is None:
        return None
    following = select(Event.at).where(Event.position > last).order_by(Event.position).limit(1)
    return uow.execute(following).scalar()


def _oldest_not_sent(uow: UnitOfWork) -> datetime | None:
    """Due, held by nobody, behind nothing, and to a receiver that takes what comes."""
    waiting = (
        select(func.min(Delivery.due_at))
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Delivery.status == DeliveryStatus.PENDING,
            Delivery.due_at <= uow.now,
            Delivery.asked_at.is_(None),
            or_(Delivery.leased_until.is_(None), Delivery.leased_until <= uow.now),
            Webhook.status == WebhookStatus.ACTIVE,
            Webhook.failing_since.is_(None),
            ~IS_BLOCKED,
        )
    )
    return uow.execute(waiting).scalar()


def _oldest_undelivered(uow: UnitOfWork) -> datetime | None:
    oldest = (
        select(func.min(Event.at))
        .join(Delivery, Delivery.event_id == Event.id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.status == DeliveryStatus.PENDING, Webhook.status == WebhookStatus.ACTIVE)
    )
    return uow.execute(oldest).scalar()


def _oldest_mail(uow: UnitOfWork) -> datetime | None:
    queued = select(func.min(Mail.due_at)).where(Mail.status == MailStatus.QUEUED, Mail.due_at <= uow.now)
    return uow.execute(queued).scalar()
