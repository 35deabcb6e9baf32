"""The endpoints of webhooks and of the event feed."""

from __future__ import annotations

from typing import Any

from service.delivery import feed, operations, replays, rotation
from service.delivery.schemas import (
    DeliveryPage,
    DeliveryQuery,
    DeliveryView,
    DeliveryWithAttemptsView,
    EventPage,
    EventQuery,
    NewReplay,
    NewSecretView,
    NewWebhook,
    NewWebhookView,
    ReplayView,
    SecretView,
    WebhookChange,
    WebhookPage,
    WebhookView,
)
from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page

webhook_routes = Routes("Webhooks", "Being called when something happens: thin CloudEvents, signed, at least once.")
event_routes = Routes("Events", "The same events to read, in one order without gaps, kept for 30 days.")


@webhook_routes.post(
    "/webhooks",
    scope="webhooks:manage",
    body=NewWebhook,
    response=NewWebhookView,
    status=201,
    location="/webhooks/{id}",
)
def register_webhook(call: Call) -> Any:
    """Register a webhook

    It is `pending` until the receiver has agreed to be called (CloudEvents handshake): we ask within seconds, then a
    few times more for some hours. The answer holds the secret for the signatures, this once.
    """
    return operations.register_webhook(call.uow, call.actor, call.body)


@webhook_routes.get("/webhooks", scope="webhooks:manage", query=Page, response=WebhookPage, reading=True)
def list_webhooks(call: Call) -> Any:
    """List your webhooks"""
    return operations.list_webhooks(call.uow, call.actor, call.query)


@webhook_routes.get("/webhooks/{id}", scope="webhooks:manage", response=WebhookView, reading=True)
def get_webhook(call: Call) -> Any:
    """Read a webhook"""
    return operations.get_webhook(call.uow, call.actor, call.id)


@webhook_routes.patch("/webhooks/{id}", scope="webhooks:manage", body=WebhookChange, response=WebhookView)
def change_webhook(call: Call) -> Any:
    """Change the types of a webhook, pause it or let it go on"""
    return operations.change_webhook(call.uow, call.actor, call.id, call.body, call.expected)


@webhook_routes.delete("/webhooks/{id}", scope="webhooks:manage", if_match=True)
def remove_webhook(call: Call) -> Any:
    """Remove a webhook and its deliveries"""
    return operations.remove_webhook(call.uow, call.actor, call.id, call.expected)


@webhook_routes.get(
    "/webhooks/{id}/deliveries", scope="webhooks:manage", query=DeliveryQuery, response=DeliveryPage, reading=True
)
def list_deliveries(call: Call) -> Any:
    """List what was sent to a webhook

    Newest event first, for 30 days. A pending delivery waits for its next attempt, or for an earlier event of the same
    subject.
    """
    return operations.list_deliveries(call.uow, call.actor, call.id, call.query)


@webhook_routes.get(
    "/webhooks/{id}/deliveries/{deliveryId}", scope="webhooks:manage", response=DeliveryWithAttemptsView, reading=True
)
def get_delivery(call: Call) -> Any:
    """Read a delivery, with each attempt"""
    return operations.get_delivery(call.uow, call.actor, call.id, call.path["deliveryId"])


@webhook_routes.post(
    "/webhooks/{id}/deliveries/{deliveryId}/retries",
    scope="webhooks:manage",
    response=DeliveryView,
    status=202,
    location="/webhooks/{webhook_id}/deliveries/{id}",
)
def retry_delivery(call: Call) -> Any:
    """Send a delivery again

    One that arrived or was given up begins anew, with the same event id and all its attempts; one that waits is tried
    now.
    """
    return replays.retry_delivery(call.uow, call.actor, call.id, call.path["deliveryId"])


@webhook_routes.post(
    "/webhooks/{id}/test-events",
    scope="webhooks:manage",
    response=DeliveryView,
    status=202,
    location="/webhooks/{webhook_id}/deliveries/{id}",
)
def send_test_event(call: Call) -> Any:
    """Send a test event

    To this webhook alone, whatever its types, signed and logged like any other: `nl.servicepunt.webhook.test`. The
    answer is its delivery.
    """
    return replays.send_test(call.uow, call.actor, call.id)


@webhook_routes.post(
    "/webhooks/{id}/replays",
    scope="webhooks:manage",
    body=NewReplay,
    response=ReplayView,
    status=202,
    location="/webhooks/{webhook_id}/replays/{id}",
)
def create_replay(call: Call) -> Any:
    """Send events of the last 30 days again

    With the same ids, in order per subject, behind whatever is new. Only what you may read now, and for a span only the
    types of the webhook; also what was never sent. At most 10,000 at once: `continueFrom` leads to the rest.
    """
    return replays.replay(call.uow, call.actor, call.id, call.body)


@webhook_routes.get("/webhooks/{id}/replays/{replayId}", scope="webhooks:manage", response=ReplayView, reading=True)
def get_replay(call: Call) -> Any:
    """How far a replay is"""
    return replays.get_replay(call.uow, call.actor, call.id, call.path["replayId"])


@webhook_routes.post(
    "/webhooks/{id}/secrets",
    scope="webhooks:manage",
    response=NewSecretView,
    status=201,
    location="/webhooks/{webhook_id}/secrets/{id}",
)
def create_webhook_secret(call: Call) -> Any:
    """Make a new secret

    Both sign until you remove the old one, for seven days at most. The answer holds the secret, this once.
    """
    return rotation.make_secret(call.uow, call.actor, call.id)


@webhook_routes.get("/webhooks/{id}/secrets/{secretId}", scope="webhooks:manage", response=SecretView, reading=True)
def get_webhook_secret(call: Call) -> Any:
    """Read about a secret, without the secret"""
    return rotation.get_secret(call.uow, call.actor, call.id, call.path["secretId"])


@webhook_routes.delete("/webhooks/{id}/secrets/{secretId}", scope="webhooks:manage", if_match=True)
def remove_webhook_secret(call: Call) -> Any:
    """Remove a secret; the other one signs alone from now on"""
    return rotation.remove_secret(call.uow, call.actor, call.id, call.path["secretId"], call.expected)


@event_routes.get("/events", scope="events:read", query=EventQuery, response=EventPage, reading=True)
def list_events(call: Call) -> Any:
    """Read events

    Oldest first. Keep `next` and come back with it: no event is missed or comes twice. An empty page means that there
    is nothing new.
    """
    return feed.list_events(call.uow, call.actor, call.query)
