"""Telling the higher rooms what happened below: each consumer has its own place in the events, and moves on in the
transaction in which it handled one, so that it handles each once.

One that fails is tried again after growing pauses, in nobody else's way. After ten attempts the event is set aside, so
that the events behind it are heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import insert, select, text, update

from service.delivery import sequencer
from service.delivery.models import ConsumerCursor, ConsumerFailure, Event
from service.delivery.rules import consumer_pause
from service.kernel.database import Database, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.room import Consumer

_FIRST_CURSOR = text(
    "INSERT INTO consumer_cursor (consumer, position, attempts) VALUES (:consumer, 0, 0) ON CONFLICT DO NOTHING"
)

log = structlog.get_logger(__name__)


def behind(uow: UnitOfWork, consumers: Iterable[Consumer]) -> list[Consumer]:
    """The consumers that have something before them and are not waiting to try again."""
    head = sequencer.head(uow)
    if head == 0:
        return []
    cursors = {row.consumer: row for row in uow.execute(select(ConsumerCursor.__table__))}
    found = []
    for consumer in consumers:
        cursor = cursors.get(consumer.name)
        if cursor is None or (cursor.position < head and (cursor.due_at is None or cursor.due_at <= uow.now)):
            found.append(consumer)
    return found


def consume(database: Database, consumer: Consumer, limit: int) -> int:
    """Handles at most `limit` events, each in a transaction of its own. Returns how many were handled or set aside."""
    for count in range(limit):
        event: dict[str, Any] = {}
        try:
            with database.transaction() as uow:
                if not _handle_next(uow, consumer, event):
                    return count
        except Exception as error:
            if not event:
                raise
            if not _set_aside(database, consumer, event, error):
                return count
    return limit


def _handle_next(uow: UnitOfWork, consumer: Consumer, event: dict[str, Any]) -> bool:
    """Handles the next event, which it leaves in `event`; False when there is none, or another worker is at it."""
    cursor = _lock(uow, consumer)
    if cursor is None or (cursor.due_at is not None and cursor.due_at > uow.now):
        return False
    head = sequencer.head(uow)
    row = uow.execute(
        select(Event.__table__)
        .where(Event.position > cursor.position, Event.position <= head, Event.type.in_(sorted(consumer.types)))
        .order_by(Event.position)
        .limit(1)
    ).one_or_none()
    if row is None:
        if cursor.position < head:
            _move(uow, consumer, head)
        return False
    event.update(row._mapping)
    consumer.handle(uow, dict(event))
    _move(uow, consumer, row.position)
    return True


def _lock(uow: UnitOfWork, consumer: Consumer) -> Any:
    """The consumer's place, or None while another worker holds it."""
    own = select(ConsumerCursor.__table__).where(ConsumerCursor.consumer == consumer.name)
    cursor = uow.execute(own.with_for_update(skip_locked=True)).one_or_none()
    if cursor is None and uow.execute(own).one_or_none() is None:
        uow.execute(_FIRST_CURSOR, {"consumer": consumer.name})
        cursor = uow.execute(own.with_for_update(skip_locked=True)).one_or_none()
    return cursor


def _move(uow: UnitOfWork, consumer: Consumer, position: int) -> None:
    uow.execute(
        update(ConsumerCursor)
        .where(ConsumerCursor.consumer == consumer.name)
        .values(position=position, attempts=0, due_at=None)
    )


def _set_aside(database: Database, consumer: Consumer, event: dict[str, Any], error: Exception) -> bool:
    """Notes a failure. True when it was the last and the event is set aside, False when it is to be tried again."""
    name = type(error).__name__
    with database.transaction() as uow:
        cursor = _lock(uow, consumer)
        if cursor is None or cursor.position >= event["position"]:
            return False
        attempts = cursor.attempts + 1
        pause = consumer_pause(attempts)
        if pause is not None:
            uow.execute(
                update(ConsumerCursor)
                .where(ConsumerCursor.consumer == consumer.name)
                .values(attempts=attempts, due_at=uow.now + pause)
            )
        else:
            uow.execute(
                insert(ConsumerFailure).values(
                    id=new_id(),
                    consumer=consumer.name,
                    event_id=event["id"],
                    position=event["position"],
                    attempts=attempts,
                    error=name,
                    failed_at=uow.now,
                )
            )
            _move(uow, consumer, event["position"])
    where = {"consumer": consumer.name, "event_id": event["id"], "attempt": attempts, "error": name}
    if pause is None:
        log.error("event set aside", **where)
    else:
        log.warning("consumer failed", **where)
    return pause is None
