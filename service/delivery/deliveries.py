"""Pushing events to webhooks: at least once, in order per subject, and no receiver in another's way.

A delivery waits while an earlier one of the same webhook and subject is pending; so a receiver that refuses one event
gets no later one of that subject before it took it or we gave up. Other subjects go on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import aliased

from service.access.models import Client
from service.delivery import cloudevents
from service.delivery.lanes import Job, Lane, due, finish, lease
from service.delivery.models import Delivery, Event, EventParty, Webhook
from service.delivery.rules import (
    DeliveryStatus,
    Verdict,
    WebhookStatus,
    lease_for,
    next_pause,
    retry_after,
    verdict,
)
from service.delivery.sender import NotSent, Reply, Sender
from service.delivery.sequencer import acting
from service.delivery.webhooks import open_secret, origin, signed_headers
from service.kernel.database import Database, UnitOfWork

AT_ONCE = 4
"""Deliveries under way to one webhook; one only while its last attempt failed."""

_Earlier = aliased(Delivery)
_PENDING = Delivery.status == DeliveryStatus.PENDING
_IS_BLOCKED = exists().where(
    _Earlier.webhook_id == Delivery.webhook_id,
    _Earlier.subject == Delivery.subject,
    _Earlier.status == DeliveryStatus.PENDING,
    _Earlier.position < Delivery.position,
)

_TAKE = (
    select(
        Delivery.id.label("delivery_id"),
        Delivery.fence,
        Delivery.attempts,
        Event.id,
        Event.type,
        Event.subject,
        Event.sequence,
        Event.at,
        Event.data,
    )
    .join(Event, Event.id == Delivery.event_id)
    .where(Delivery.webhook_id == bindparam("webhook_id"), due(Delivery, _PENDING), ~_IS_BLOCKED)
    .order_by(Delivery.due_at, Delivery.position)
    .limit(bindparam("most"))
    .with_for_update(of=Delivery, skip_locked=True)
)
_WEBHOOKS_WITH_WORK = (
    select(Webhook.id, Webhook.url, Webhook.secret, Webhook.client_id)
    .join(Client, Client.id == Webhook.client_id)
    .where(
        Webhook.status == WebhookStatus.ACTIVE,
        Client.revoked_at.is_(None),
        exists().where(Delivery.webhook_id == Webhook.id, due(Delivery, _PENDING), ~_IS_BLOCKED),
    )
)
_DELIVERED = (
    update(Delivery)
    .where(Delivery.id == bindparam("job"), Delivery.fence == bindparam("held"), _PENDING)
    .values(
        status=DeliveryStatus.DELIVERED,
        attempts=bindparam("tried"),
        last_status=bindparam("answer"),
        last_error=None,
        leased_until=None,
        delivered_at=bindparam("now"),
    )
)

log = structlog.get_logger(__name__)


class Deliveries(Lane[Reply]):
    def __init__(self, database: Database, sender: Sender, *, threads: int = 32) -> None:
        super().__init__(database, "deliveries", threads)
        self.sender = sender
        self.hold = lease_for(sender.seconds)
        self._failing: set[str] = set()
        self._turns: dict[str, int] = {}
        self._turn = 0

    def claim(self, free: int) -> tuple[list[Job[Reply]], int]:
        with self.database.reading() as uow:
            waiting = list(uow.execute(_WEBHOOKS_WITH_WORK, {"now": uow.now}))
        known = {row.id for row in waiting}
        self._turns = {webhook_id: turn for webhook_id, turn in self._turns.items() if webhook_id in known}
        shares: list[tuple[Any, int]] = []
        for webhook in sorted(waiting, key=lambda row: self._turns.get(row.id, 0)):
            room = 1 if webhook.id in self._failing else AT_ONCE
            share = min(room - self.under_way[webhook.id], free)
            if share > 0:
                shares.append((webhook, share))
                free -= share
        if not shares:
            return [], 0
        jobs: list[Job[Reply]] = []
        dropped = 0
        with self.database.transaction() as uow:
            for webhook, share in shares:
                self._turn += 1
                self._turns[webhook.id] = self._turn
                taken, lost = self._take(uow, webhook, share)
                jobs += taken
                dropped += lost
            if jobs:
                lease(uow, Delivery, [job.id for job in jobs], self.hold)
        return jobs, dropped

    def _take(self, uow: UnitOfWork, webhook: Any, most: int) -> tuple[list[Job[Reply]], int]:
        """What is due, and how much of it is dropped: it waited, and its client may no longer read it."""
        rows = uow.execute(_TAKE, {"webhook_id": webhook.id, "now": uow.now, "most": most}).all()
        readable = _readable(uow, webhook.client_id, [row.id for row in rows])
        lost = [row.delivery_id for row in rows if row.id not in readable]
        if lost:
            _drop(uow, lost)
        secret = open_secret(uow, webhook.id, webhook.secret)
        jobs = [
            Job(
                row.delivery_id,
                webhook.id,
                row.fence + 1,
                row.attempts,
                self._post(uow, webhook.url, secret, row.id, cloudevents.to_bytes(_cloud_event(uow, row))),
            )
            for row in rows
            if row.id in readable
        ]
        return jobs, len(lost)

    def _post(self, uow: UnitOfWork, url: str, secret: str, event_id: str, body: bytes) -> Callable[[], Reply]:
        headers = {
            "Content-Type": cloudevents.CONTENT_TYPE,
            "WebHook-Request-Origin": origin(uow.settings),
            **signed_headers(secret, event_id, uow.now, body),
        }
        return lambda: self.sender.send("POST", url, headers, body)

    def mark_all(self, uow: UnitOfWork, done: Sequence[tuple[Job[Reply], Reply | Exception]]) -> None:
        arrived = []
        for job, result in done:
            if isinstance(result, Reply) and verdict(result.status) is Verdict.DELIVERED:
                arrived.append((job, result.status))
            else:
                self.mark(uow, job, result)
        if arrived:
            self._mark_delivered(uow, arrived)

    def _mark_delivered(self, uow: UnitOfWork, arrived: list[tuple[Job[Reply], int]]) -> None:
        values = [
            {"job": job.id, "held": job.fence, "tried": job.attempts + 1, "answer": status, "now": uow.now}
            for job, status in arrived
        ]
        uow.execute(_DELIVERED, values)
        for job, status in arrived:
            self._failing.discard(job.key)
            log.info("delivered", delivery=job.id, webhook=job.key, attempt=job.attempts + 1, status=status)

    def mark(self, uow: UnitOfWork, job: Job[Reply], result: Reply | Exception) -> None:
        """What did not arrive: later again, or no more."""
        status, error, pause_asked = read_outcome(uow, result)
        meaning = Verdict.RETRY if status is None else verdict(status)
        values: dict[str, Any] = {"attempts": job.attempts + 1, "last_status": status, "last_error": error}
        self._failing.add(job.key)
        pause = next_pause(job.attempts + 1, random.random(), pause_asked)  # noqa: S311 - spreads load, no secret
        if meaning is Verdict.GONE or pause is None:
            values |= {"status": DeliveryStatus.FAILED}
        else:
            values |= {"due_at": uow.now + pause}
        is_ours = finish(uow, Delivery, job, _PENDING, values)
        if is_ours and meaning is Verdict.GONE:
            _disable(uow, job.key)
        log.info(
            "not delivered",
            delivery=job.id,
            webhook=job.key,
            attempt=job.attempts + 1,
            status=status,
            error=error,
            outcome=str(values.get("status", "later")),
            marked=is_ours,
        )


def read_outcome(uow: UnitOfWork, result: Reply | Exception) -> tuple[int | None, str | None, timedelta | None]:
    """(HTTP status, why no answer came, what Retry-After asks for)."""
    if isinstance(result, NotSent):
        return None, result.failure.value, None
    if isinstance(result, Exception):
        return None, type(result).__name__, None
    headers: Mapping[str, str] = result.headers
    return result.status, None, retry_after(headers.get("Retry-After"), uow.now)


def _cloud_event(uow: UnitOfWork, row: Any) -> dict[str, Any]:
    return cloudevents.cloud_event(uow.settings, row)


def _readable(uow: UnitOfWork, client_id: str, event_ids: Sequence[str]) -> set[str]:
    """Those of these events that the client may read today: for whom it acts can have ended since."""
    who = acting(uow).subquery()
    wanted = (
        select(EventParty.event_id)
        .join(who, who.c.party_id == EventParty.party_id)
        .where(who.c.client_id == client_id, EventParty.event_id.in_(event_ids))
    )
    return set(uow.execute(wanted).scalars())


def _drop(uow: UnitOfWork, delivery_ids: Sequence[str]) -> None:
    ended = {"status": DeliveryStatus.FAILED, "last_error": "access-ended", "leased_until": None}
    uow.execute(update(Delivery).where(Delivery.id.in_(delivery_ids)).values(ended))
    log.info("access ended", deliveries=len(delivery_ids))


def _disable(uow: UnitOfWork, webhook_id: str) -> None:
    """The receiver says that it is gone: no more, until its owner asks for it again."""
    uow.execute(
        update(Webhook)
        .where(Webhook.id == webhook_id, Webhook.status != WebhookStatus.DISABLED)
        .values(status=WebhookStatus.DISABLED, last_error="gone", version=Webhook.version + 1)
    )
    uow.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook_id, _PENDING)
        .values(status=DeliveryStatus.FAILED, last_error="gone", leased_until=None)
    )
    log.warning("webhook gone", webhook=webhook_id)
