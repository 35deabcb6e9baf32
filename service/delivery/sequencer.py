"""Positions for events: given after the commit, under one locked row, so that they have no gaps and a reader who goes
by position never misses an event that was committed late."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, insert, or_, select, text, union_all, update

from service.access.models import Client, Grant
from service.delivery.models import Delivery, Event, EventParty, Head, Webhook
from service.delivery.rules import DeliveryStatus, StopReason, WebhookStatus, type_matches
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id

_FIRST_HEAD = text("INSERT INTO event_head (id, position) VALUES (1, 0) ON CONFLICT DO NOTHING")

LISTENS = or_(
    Webhook.status == WebhookStatus.ACTIVE,
    and_(Webhook.status == WebhookStatus.PAUSED, Webhook.last_error == StopReason.FAILING.value),
)
"""For whom events are queued: also while we paused it, not while its owner did."""


def has_work(uow: UnitOfWork) -> bool:
    """Whether an event waits for its position."""
    return uow.execute(select(Event.id).where(Event.position.is_(None)).limit(1)).first() is not None


def head(uow: UnitOfWork) -> int:
    """The last position given out."""
    return uow.execute(select(Head.position)).scalar() or 0


def sequence(uow: UnitOfWork, limit: int) -> int:
    """Gives the next positions to at most `limit` events and makes their deliveries. Returns how many events.

    Within a subject the order is that of its versions. A version commits after the one before it, so whoever sees a
    version sees all that come before: the order holds between batches as well.
    """
    last = _lock_head(uow)
    # A later version can carry an earlier time (its transaction began first, then waited), so each event counts as
    # being as late as the latest of its subject before it. That keeps the order right where the limit cuts.
    versions = (Event.subject_version, Event.at, Event.id)
    waiting = (
        select(
            Event.id,
            Event.subject,
            Event.subject_version,
            Event.at,
            func.max(Event.at).over(partition_by=Event.subject, order_by=versions, rows=(None, 0)).label("as_late_as"),
        )
        .where(Event.position.is_(None))
        .subquery()
    )
    order = (waiting.c.as_late_as, waiting.c.subject, waiting.c.subject_version, waiting.c.at, waiting.c.id)
    numbered = (
        select(waiting.c.id, func.row_number().over(order_by=order).label("number"))
        .order_by("number")
        .limit(limit)
        .subquery()
    )
    given = uow.execute(
        update(Event).where(Event.id == numbered.c.id).values(position=last + numbered.c.number)
    ).rowcount
    if given:
        uow.execute(update(Head).where(Head.id == 1).values(position=last + given))
        _fan_out(uow, last, last + given)
    return given


def place(uow: UnitOfWork, event_id: str) -> int:
    """Gives an event of this transaction the next position at once, and makes no deliveries. For one that is alone
    under its subject; until the commit no other event gets a position."""
    position = _lock_head(uow) + 1
    uow.execute(update(Event).where(Event.id == event_id).values(position=position))
    uow.execute(update(Head).where(Head.id == 1).values(position=position))
    return position


def _lock_head(uow: UnitOfWork) -> int:
    """The last position given out; nobody gives another until the end of the transaction."""
    locked = select(Head.position).where(Head.id == 1).with_for_update()
    last: int | None = uow.execute(locked).scalar()
    if last is not None:
        return last
    uow.execute(_FIRST_HEAD)
    return int(uow.execute(locked).scalar_one())


def _fan_out(uow: UnitOfWork, after: int, until: int) -> None:
    """A delivery for each webhook that listens, whose client may act for a reader of the event, and wants its type."""
    # Locked against removal only, until the deliveries that refer to it are there.
    webhooks = uow.execute(select(Webhook.id, Webhook.types).where(LISTENS).with_for_update(read=True, key_share=True))
    types = {row.id: row.types for row in webhooks}
    if not types:
        return
    who = acting(uow).subquery()
    readers = (
        select(Webhook.id.label("webhook_id"), Event.id, Event.type, Event.subject, Event.position)
        .join(who, who.c.client_id == Webhook.client_id)
        .join(EventParty, EventParty.party_id == who.c.party_id)
        .join(Event, Event.id == EventParty.event_id)
        .where(LISTENS, Event.position > after, Event.position <= until)
        .distinct()
    )
    deliveries = [
        {
            "id": new_id(),
            "webhook_id": row.webhook_id,
            "event_id": row.id,
            "position": row.position,
            "subject": row.subject,
            "status": DeliveryStatus.PENDING,
            "attempts": 0,
            "due_at": uow.now,
            "fence": 0,
        }
        for row in uow.execute(readers)
        if row.webhook_id in types and type_matches(types[row.webhook_id], row.type)
    ]
    if deliveries:
        uow.execute(insert(Delivery), deliveries)


def acting(uow: UnitOfWork) -> Any:
    """(client, party) for every party for which a client that is not revoked may act today."""
    own = select(Client.id.label("client_id"), Client.party_id).where(Client.revoked_at.is_(None))
    granted = (
        select(Grant.client_id, Grant.party_id)
        .join(Client, Client.id == Grant.client_id)
        .where(
            Client.revoked_at.is_(None),
            Grant.valid_from <= uow.today,
            or_(Grant.valid_until.is_(None), Grant.valid_until >= uow.today),
        )
    )
    return union_all(own, granted)
