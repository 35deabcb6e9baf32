"""Sending again: one delivery, an event or a span of them; and a test, which is sent for the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from service.access.actor import Actor
from service.delivery import sequencer
from service.delivery.events import publish
from service.delivery.feed import of_type, visible_events
from service.delivery.models import Delivery, Event, Replay, Webhook
from service.delivery.operations import delivery_view, find_delivery, find_webhook
from service.delivery.retention import EVENT_TERM
from service.delivery.rules import MOST_REPLAYED, TEST_TYPE, DeliveryStatus, WebhookStatus
from service.kernel import paging
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.problems import Problem, conflict, invalid_field, invalid_input, not_found, unknown_reference


def send_test(uow: UnitOfWork, actor: Actor, webhook_id: str) -> dict[str, Any]:
    """An event for this webhook alone, signed, sent and logged like any other."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    _check_active(row)
    delivery_id = new_id()
    # A subject of its own: it waits for no other test, and its link leads to what came of it.
    subject = f"webhooks/{row.id}/deliveries/{delivery_id}"
    event_id = publish(uow, TEST_TYPE, subject, 1, [], {"webhookId": row.id})
    uow.execute(
        insert(Delivery).values(_new(uow, delivery_id, row.id, event_id, sequencer.place(uow, event_id), subject))
    )
    return _delivery(uow, row.id, delivery_id)


def retry_delivery(uow: UnitOfWork, actor: Actor, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Sends it (again) now: anew with all its attempts where it arrived or was given up, the next of them where it
    waits."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    delivery = find_delivery(uow, row.id, delivery_id)
    _check_active(row)
    if delivery.status is DeliveryStatus.PENDING:
        uow.execute(update(Delivery).where(Delivery.id == delivery.id).values(due_at=uow.now))
    else:
        again(uow, [delivery.id])
    return _delivery(uow, row.id, delivery.id)


def replay(uow: UnitOfWork, actor: Actor, webhook_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Queues events that the client may read now, oldest first and behind whatever is new."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    _check_active(row)
    found = _chosen(uow, actor, row, data)
    left = found[MOST_REPLAYED:]
    found = found[:MOST_REPLAYED]
    made = Replay(
        id=new_id(),
        webhook_id=row.id,
        created_at=uow.now,
        events=sum(event.status is not DeliveryStatus.PENDING for event in found),
        last_position=found[-1].position if left else None,
    )
    uow.add(made)
    uow.flush()
    over = (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
    again(uow, [event.delivery_id for event in found if event.status in over], made.id)
    missed = [
        _new(uow, new_id(), row.id, event.id, event.position, event.subject)
        | {"asked_at": uow.now, "replay_id": made.id}
        for event in found
        if event.status is None
    ]
    if missed:
        uow.execute(insert(Delivery), missed)
    return _view(uow, made)


def get_replay(uow: UnitOfWork, actor: Actor, webhook_id: str, replay_id: str) -> dict[str, Any]:
    row = find_webhook(uow, actor, webhook_id)
    made = uow.session.scalars(select(Replay).where(Replay.id == replay_id, Replay.webhook_id == row.id)).one_or_none()
    if made is None:
        raise not_found()
    return _view(uow, made)


def again(uow: UnitOfWork, delivery_ids: Iterable[str], replay_id: str | None = None) -> int:
    """Queues deliveries that are over once more, under the same ids, with all their attempts. Returns how many."""
    count = 0
    for piece in chunks(list(delivery_ids)):
        statement = (
            update(Delivery)
            .where(Delivery.id.in_(piece), Delivery.status != DeliveryStatus.PENDING)
            .values(
                status=DeliveryStatus.PENDING,
                attempts=0,
                due_at=uow.now,
                leased_until=None,
                # Whoever still holds it from before may not say how it went.
                fence=Delivery.fence + 1,
                last_status=None,
                last_error=None,
                delivered_at=None,
                asked_at=uow.now,
                replay_id=replay_id,
            )
        )
        count += uow.execute(statement).rowcount
    return count


def _chosen(uow: UnitOfWork, actor: Actor, row: Webhook, data: Mapping[str, Any]) -> list[Any]:
    """The events asked for with their deliveries, by position, and one more than may be queued. Raises 400."""
    own = and_(Delivery.event_id == Event.id, Delivery.webhook_id == row.id)
    statement: Any = (
        visible_events(actor)
        .outerjoin(Delivery, own)
        .with_only_columns(Event.id, Event.position, Event.subject, Delivery.id.label("delivery_id"), Delivery.status)
        .where(Event.at > uow.now - EVENT_TERM)
        .order_by(Event.position)
        .limit(MOST_REPLAYED + 1)
        # Locked against removal only, until the deliveries that refer to them are there.
        .with_for_update(of=Event, read=True, key_share=True)
    )
    if "event_id" in data:
        found = list(uow.execute(statement.where(Event.id == data["event_id"])))
        if not found:
            raise invalid_input([unknown_reference("/eventId")])
        return found
    if row.types:
        statement = statement.where(or_(*map(of_type, row.types)))
    return list(uow.execute(statement.where(*_span(uow, data))))


def _span(uow: UnitOfWork, data: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if "cursor" in data:
        try:
            (after,) = paging.read_cursor(uow, data["cursor"], (Event.position,))
        except Problem:
            raise invalid_field(
                "/cursor", "unknown-cursor", "Dit is geen cursor van uw feed.", "This is not a cursor of your feed."
            ) from None
        limits.append(Event.position > after)
    if "from_" in data:
        limits.append(Event.at >= data["from_"])
    if "until" in data:
        limits.append(Event.at < data["until"])
    return limits


def _new(
    uow: UnitOfWork, delivery_id: str, webhook_id: str, event_id: str, position: int, subject: str
) -> dict[str, Any]:
    return {
        "id": delivery_id,
        "webhook_id": webhook_id,
        "event_id": event_id,
        "position": position,
        "subject": subject,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "due_at": uow.now,
        "fence": 0,
    }


def _check_active(row: Webhook) -> None:
    if row.status is not WebhookStatus.ACTIVE:
        raise conflict(
            "webhook-not-active",
            "Deze webhook is nu niet actief. Zet eerst de status op 'active'.",
            "This webhook is not active now. Set its status to 'active' first.",
        )


def _delivery(uow: UnitOfWork, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    uow.session.expire_all()
    return delivery_view(uow, find_delivery(uow, webhook_id, delivery_id)) | {"webhook_id": webhook_id}


def _view(uow: UnitOfWork, row: Replay) -> dict[str, Any]:
    number = func.count().label("number")
    by_status = select(Delivery.status, number).where(Delivery.replay_id == row.id).group_by(Delivery.status)
    counts = {each.status: each.number for each in uow.execute(by_status)}
    return {
        "id": row.id,
        "webhook_id": row.webhook_id,
        "created_at": row.created_at,
        "events": row.events,
        **{status.value: counts.get(status, 0) for status in DeliveryStatus},
        "continue_from": None if row.last_position is None else paging.cursor_at(uow, [row.last_position]),
    }
