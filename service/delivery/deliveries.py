"""Pushing events to webhooks: at least once, in order per subject, and no receiver in another's way.

A delivery waits while an earlier one of the same webhook and subject is pending; so a receiver that refuses one event
gets no later one of that subject before it took it or we gave up. Other subjects go on. What a client asked for again
is behind what is new: it waits for what is earlier of its subject, and nothing new waits for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import aliased

from service.access.models import Client
from service.delivery import cloudevents, standing
from service.delivery.lanes import Job, Lane, due, finish, lease
from service.delivery.models import Attempt, Delivery, Event, EventParty, Webhook
from service.delivery.rules import (
    TEST_TYPE,
    DeliveryStatus,
    Streak,
    Verdict,
    WebhookStatus,
    lease_for,
    next_pause,
    retry_after,
    verdict,
)
from service.delivery.sender import NotSent, Reply, Sender
from service.delivery.sequencer import acting
from service.delivery.webhooks import SECRET_COLUMNS, open_secrets, origin, signed_headers
from service.kernel.database import Database, UnitOfWork
from service.kernel.ids import new_id

AT_ONCE = 4
"""Deliveries under way to one webhook; one only while its last attempt failed."""

_Earlier = aliased(Delivery)
_PENDING = Delivery.status == DeliveryStatus.PENDING
IS_BLOCKED = exists().where(
    _Earlier.webhook_id == Delivery.webhook_id,
    _Earlier.subject == Delivery.subject,
    _Earlier.status == DeliveryStatus.PENDING,
    _Earlier.position < Delivery.position,
    or_(_Earlier.asked_at.is_(None), Delivery.asked_at.is_not(None)),
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
    .where(Delivery.webhook_id == bindparam("webhook_id"), due(Delivery, _PENDING), ~IS_BLOCKED)
    .order_by(Delivery.due_at, Delivery.position)
    .limit(bindparam("most"))
    .with_for_update(of=Delivery, skip_locked=True)
)
_TAKE_NEW, _TAKE_AGAIN = (_TAKE.where(Delivery.asked_at.is_(None)), _TAKE.where(Delivery.asked_at.is_not(None)))
_WEBHOOKS_WITH_WORK = (
    select(Webhook.url, Webhook.client_id, *SECRET_COLUMNS)
    .join(Client, Client.id == Webhook.client_id)
    .where(
        Webhook.status == WebhookStatus.ACTIVE,
        Client.revoked_at.is_(None),
        exists().where(Delivery.webhook_id == Webhook.id, due(Delivery, _PENDING), ~IS_BLOCKED),
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

ATTEMPTS = Counter("servicepunt_delivery_attempts", "Requests to webhooks, by what came of them", ["outcome"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request that was sent at `at`."""

    outcome: Reply | NotSent
    at: datetime
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The same as it is written down: an HTTP status, or why no answer came."""

    status: int | None
    error: str | None
    retry_after: timedelta | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict.RETRY if self.status is None else verdict(self.status)


class Deliveries(Lane[Sent]):
    def __init__(self, database: Database, sender: Sender, *, threads: int = 32) -> None:
        super().__init__(database, "deliveries", threads)
        self.sender = sender
        self.hold = lease_for(sender.seconds)
        self._failing: set[str] = set()
        self._turns: dict[str, int] = {}
        self._turn = 0

    def claim(self, free: int) -> tuple[list[Job[Sent]], int]:
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
        jobs: list[Job[Sent]] = []
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

    def _take(self, uow: UnitOfWork, webhook: Any, most: int) -> tuple[list[Job[Sent]], int]:
        """What is due, and how much of it is dropped: it waited, and its client may no longer read it."""
        about = {"webhook_id": webhook.id, "now": uow.now}
        rows = list(uow.execute(_TAKE_NEW, about | {"most": most}))
        if len(rows) < most:
            rows += uow.execute(_TAKE_AGAIN, about | {"most": most - len(rows)})
        readable = _readable(uow, webhook.client_id, rows)
        lost = [row.delivery_id for row in rows if row.id not in readable]
        if lost:
            _drop(uow, lost)
        keys = open_secrets(uow, webhook)
        jobs = [
            Job(
                row.delivery_id,
                webhook.id,
                row.fence + 1,
                row.attempts,
                self._post(uow, webhook.url, keys, row.id, cloudevents.to_bytes(_cloud_event(uow, row))),
            )
            for row in rows
            if row.id in readable
        ]
        return jobs, len(lost)

    def _post(self, uow: UnitOfWork, url: str, keys: Sequence[str], event_id: str, body: bytes) -> Callable[[], Sent]:
        headers = {
            "Content-Type": cloudevents.CONTENT_TYPE,
            "WebHook-Request-Origin": origin(uow.settings),
            **signed_headers(keys, event_id, uow.now, body),
        }
        at = uow.now

        def post() -> Sent:
            start = time.monotonic()
            outcome: Reply | NotSent
            try:
                outcome = self.sender.send("POST", url, headers, body)
            except NotSent as error:
                outcome = error
            return Sent(outcome, at, round(1000 * (time.monotonic() - start)))

        return post

    def mark_all(self, uow: UnitOfWork, done: Sequence[tuple[Job[Sent], Sent | Exception]]) -> None:
        before = standing.hold(uow, {job.key for job, _ in done})
        there = {
            row.id: row.fence
            for row in uow.execute(
                select(Delivery.id, Delivery.fence).where(Delivery.id.in_([job.id for job, _ in done]))
            )
        }
        read = [(job, read_outcome(uow, result)) for job, result in done]
        self._mark_delivered(uow, [(job, found) for job, found in read if found.verdict is Verdict.DELIVERED])
        gone = {
            job.key
            for job, found in read
            if found.verdict is not Verdict.DELIVERED and self._mark_missed(uow, job, found)
        }
        _log_attempts(uow, [(job, sent, found) for (job, sent), (_, found) in zip(done, read, strict=True)], there)
        after = dict(before)
        for job, found in read:
            if job.key in after and there.get(job.id) == job.fence:
                was = after[job.key]
                after[job.key] = Streak() if found.verdict is Verdict.DELIVERED else was.failed(uow.now)
        for webhook_id in sorted(before):
            if webhook_id in gone:
                standing.disable(uow, webhook_id)
            elif after[webhook_id] != before[webhook_id]:
                standing.keep(uow, webhook_id, after[webhook_id])

    def _mark_delivered(self, uow: UnitOfWork, arrived: list[tuple[Job[Sent], Outcome]]) -> None:
        values = [
            {"job": job.id, "held": job.fence, "tried": job.attempts + 1, "answer": found.status, "now": uow.now}
            for job, found in arrived
        ]
        if values:
            uow.execute(_DELIVERED, values)
        for job, found in arrived:
            self._failing.discard(job.key)
            ATTEMPTS.labels("delivered").inc()
            log.info("delivered", delivery=job.id, webhook=job.key, attempt=job.attempts + 1, status=found.status)

    def mark(self, uow: UnitOfWork, job: Job[Sent], result: Sent | Exception) -> None:
        self.mark_all(uow, [(job, result)])

    def _mark_missed(self, uow: UnitOfWork, job: Job[Sent], found: Outcome) -> bool:
        """What did not arrive: later again, or no more. True when the receiver is gone."""
        values: dict[str, Any] = {
            "attempts": job.attempts + 1,
            "last_status": found.status,
            "last_error": found.error,
        }
        self._failing.add(job.key)
        pause = next_pause(job.attempts + 1, random.random(), found.retry_after)  # noqa: S311 - spreads load, no secret
        if found.verdict is Verdict.GONE or pause is None:
            values |= {"status": DeliveryStatus.FAILED}
        else:
            values |= {"due_at": uow.now + pause}
        is_ours = finish(uow, Delivery, job, _PENDING, values)
        outcome = str(values.get("status", "later"))
        ATTEMPTS.labels(outcome).inc()
        log.info(
            "not delivered",
            delivery=job.id,
            webhook=job.key,
            attempt=job.attempts + 1,
            status=found.status,
            error=found.error,
            outcome=outcome,
            marked=is_ours,
        )
        return is_ours and found.verdict is Verdict.GONE


def read_outcome(uow: UnitOfWork, result: Sent | Exception) -> Outcome:
    """What came of a request; an exception is a fault of ours."""
    if isinstance(result, Exception):
        return Outcome(None, type(result).__name__)
    if isinstance(result.outcome, NotSent):
        return Outcome(None, result.outcome.failure.value)
    headers: Mapping[str, str] = result.outcome.headers
    return Outcome(result.outcome.status, None, retry_after(headers.get("Retry-After"), uow.now))


def _log_attempts(
    uow: UnitOfWork, done: Iterable[tuple[Job[Sent], Sent | Exception, Outcome]], there: Mapping[str, int]
) -> None:
    """A line for each request that was sent, if its delivery still exists."""
    rows = [
        {
            "id": new_id(),
            "delivery_id": job.id,
            "at": sent.at,
            "status": found.status,
            "error": found.error,
            "milliseconds": sent.milliseconds,
        }
        for job, sent, found in done
        if isinstance(sent, Sent) and job.id in there
    ]
    if rows:
        uow.execute(insert(Attempt), rows)


def _cloud_event(uow: UnitOfWork, row: Any) -> dict[str, Any]:
    return cloudevents.cloud_event(uow.settings, row)


def _readable(uow: UnitOfWork, client_id: str, rows: Sequence[Any]) -> set[str]:
    """Those of these events that the client may read today: for whom it acts can have ended since."""
    who = acting(uow).subquery()
    wanted = (
        select(EventParty.event_id)
        .join(who, who.c.party_id == EventParty.party_id)
        .where(who.c.client_id == client_id, EventParty.event_id.in_([row.id for row in rows]))
    )
    own = {row.id for row in rows if row.type == TEST_TYPE}
    return own | set(uow.execute(wanted).scalars())


def _drop(uow: UnitOfWork, delivery_ids: Sequence[str]) -> None:
    ended = {"status": DeliveryStatus.FAILED, "last_error": "access-ended", "leased_until": None}
    uow.execute(update(Delivery).where(Delivery.id.in_(delivery_ids)).values(ended))
    log.info("access ended", deliveries=len(delivery_ids))
