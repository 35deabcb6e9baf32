"""Webhooks of a client: register, look at, change, remove. Asking the receiver and sending is the worker's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from service.access.actor import Actor
from service.delivery import standing, webhooks
from service.delivery.models import Attempt, Delivery, Event, Webhook
from service.delivery.rules import (
    TYPE_PREFIX,
    DeliveryStatus,
    UrlFault,
    WantedStatus,
    WebhookStatus,
    next_status,
    url_fault,
    valid_secrets,
)
from service.kernel import paging
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.problems import conflict, forbidden_move, invalid_field, not_found
from service.kernel.requests import Expected
from service.kernel.text import Text

MOST_WEBHOOKS = 20
ATTEMPTS_SHOWN = 50

_FAULTS = {
    UrlFault.WRONG_FORM: Text(
        "Gebruik een gewoon webadres met een hostnaam, zonder gebruiker of '#'.",
        "Use a plain web address with a host name, without a user or '#'.",
    ),
    UrlFault.NOT_HTTPS: Text("Het adres moet met https:// beginnen.", "The address must begin with https://."),
    UrlFault.WRONG_PORT: Text("Gebruik poort 443 of 8443.", "Use port 443 or 8443."),
    UrlFault.NOT_PUBLIC: Text(
        "Dit adres is niet via internet te bereiken.", "This address cannot be reached over the internet."
    ),
}


def visible_webhooks(actor: Actor) -> Select[Any]:
    """A client's own."""
    return select(Webhook).where(Webhook.client_id == actor.client_id)


def register_webhook(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new webhook, pending until its receiver has agreed. The answer holds the secret, once."""
    fault = url_fault(data["url"], private_targets=uow.settings.webhook_private_targets)
    if fault is not None:
        raise invalid_field("/url", fault.value, *_FAULTS[fault])
    same = select(Webhook.id).where(
        Webhook.client_id == actor.client_id, Webhook.url == data["url"], Webhook.status != WebhookStatus.DISABLED
    )
    if (existing := uow.execute(same).scalar()) is not None:
        raise conflict(
            "webhook-exists",
            "U heeft voor dit adres al een webhook. Wijzig die met PATCH.",
            "You have a webhook for this address already. Change that one with PATCH.",
            existing=f"/v1/webhooks/{existing}",
        )
    count = uow.execute(select(func.count()).where(Webhook.client_id == actor.client_id)).scalar_one()
    if count >= MOST_WEBHOOKS:
        raise conflict(
            "too-many-webhooks",
            f"U heeft er al {MOST_WEBHOOKS}. Verwijder er eerst een.",
            f"You have {MOST_WEBHOOKS} already. Remove one first.",
        )
    webhook_id = new_id()
    secret = webhooks.new_secret()
    row = Webhook(
        id=webhook_id,
        client_id=actor.client_id,
        url=data["url"],
        types=list(data["types"]),
        secret=webhooks.seal_secret(uow, webhook_id, secret),
        status=WebhookStatus.PENDING,
        created_at=uow.now,
        attempts=0,
        due_at=uow.now,
        fence=0,
    )
    uow.add(row)
    uow.flush()
    return _view(uow, row) | {"secret": secret}


def get_webhook(uow: UnitOfWork, actor: Actor, webhook_id: str) -> dict[str, Any]:
    return _view(uow, find_webhook(uow, actor, webhook_id))


def list_webhooks(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    return paging.page(uow, visible_webhooks(actor), (Webhook.id,), query, lambda row: _view(uow, row))


def change_webhook(
    uow: UnitOfWork, actor: Actor, webhook_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Other types, or a pause, or going on."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    expected.check(row.version)
    if "status" in data:
        _set_status(uow, row, data["status"])
    if "types" in data:
        row.types = list(data["types"])
    uow.flush()
    return _view(uow, row)


def remove_webhook(uow: UnitOfWork, actor: Actor, webhook_id: str, expected: Expected) -> None:
    """Removes it with its deliveries; what is under way may still arrive."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    expected.check(row.version)
    uow.session.delete(row)
    uow.flush()


def list_deliveries(uow: UnitOfWork, actor: Actor, webhook_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, newest event first."""
    find_webhook(uow, actor, webhook_id)
    statement = select(Delivery).where(Delivery.webhook_id == webhook_id)
    if (status := query.get("status")) is not None:
        statement = statement.where(Delivery.status == status)
    found = paging.page(uow, statement, (Delivery.position,), query, lambda row: {"row": row}, descending=True)
    rows: list[Delivery] = [each["row"] for each in found["items"]]
    types = _types_of(uow, rows)
    return found | {"items": [_delivery_view(row, types[row.event_id]) for row in rows]}


def get_delivery(uow: UnitOfWork, actor: Actor, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """One delivery with its attempts, newest first."""
    find_webhook(uow, actor, webhook_id)
    row = find_delivery(uow, webhook_id, delivery_id)
    attempts = (
        select(Attempt.at, Attempt.status, Attempt.error, Attempt.milliseconds)
        .where(Attempt.delivery_id == row.id)
        .order_by(Attempt.at.desc(), Attempt.id.desc())
        .limit(ATTEMPTS_SHOWN)
    )
    return delivery_view(uow, row) | {"history": [dict(each._mapping) for each in uow.execute(attempts)]}


def find_delivery(uow: UnitOfWork, webhook_id: str, delivery_id: str) -> Delivery:
    """One delivery of this webhook. Raises 404."""
    wanted = select(Delivery).where(Delivery.id == delivery_id, Delivery.webhook_id == webhook_id)
    row = uow.session.scalars(wanted).one_or_none()
    if row is None:
        raise not_found()
    return row


def find_webhook(uow: UnitOfWork, actor: Actor, webhook_id: str, *, for_update: bool = False) -> Webhook:
    statement = visible_webhooks(actor).where(Webhook.id == webhook_id)
    # Not against rows that refer to it: the sequencer, which makes some for all webhooks, need not wait.
    locked = statement.with_for_update(key_share=True)
    row = uow.session.scalars(locked if for_update else statement).one_or_none()
    if row is None:
        raise not_found()
    found: Webhook = row
    return found


def _set_status(uow: UnitOfWork, row: Webhook, wanted: WantedStatus) -> None:
    following = next_status(row.status, wanted)
    if following is None:
        allowed = [each.value for each in WantedStatus if next_status(row.status, each) not in (None, row.status)]
        raise forbidden_move(row.status.value, wanted.value, allowed)
    if following is row.status:
        return
    row.status = following
    if following is WebhookStatus.PENDING:
        row.attempts, row.due_at, row.leased_until = 0, uow.now, None
    if wanted is WantedStatus.ACTIVE:
        standing.go_on(uow, row)


def _view(uow: UnitOfWork, row: Webhook) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "types": row.types,
        "status": row.status,
        "origin": webhooks.origin(uow.settings),
        "reason": row.last_error,
        "failing_since": row.failing_since,
        "secrets": [
            {"id": each.id, "created_at": each.since, "valid_until": each.until}
            for each in valid_secrets(webhooks.secrets_of(row), uow.now)
        ],
        "created_at": row.created_at,
        "version": row.version,
    }


def delivery_view(uow: UnitOfWork, row: Delivery) -> dict[str, Any]:
    return _delivery_view(row, _types_of(uow, [row])[row.event_id])


def _types_of(uow: UnitOfWork, rows: Sequence[Delivery]) -> dict[str, str]:
    """The types of their events."""
    found = select(Event.id, Event.type).where(Event.id.in_([row.event_id for row in rows]))
    return {row.id: row.type for row in uow.execute(found)}


def _delivery_view(row: Delivery, type: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "event_id": row.event_id,
        "type": TYPE_PREFIX + type,
        "subject": row.subject,
        "status": row.status,
        "attempts": row.attempts,
        "asked_again_at": row.asked_at,
        "next_attempt_at": row.due_at if row.status is DeliveryStatus.PENDING else None,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "delivered_at": row.delivered_at,
    }
