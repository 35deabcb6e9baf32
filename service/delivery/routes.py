"""The endpoints of webhooks and of the event feed."""

from __future__ import annotations

from typing import Any

from service.delivery import feed, operations
from service.delivery.schemas import (
    DeliveryPage,
    DeliveryQuery,
    EventPage,
    EventQuery,
    NewWebhook,
    NewWebhookView,
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


@event_routes.get("/events", scope="events:read", query=EventQuery, response=EventPage, reading=True)
def list_events(call: Call) -> Any:
    """Read events

    Oldest first. Keep `next` and come back with it: no event is missed or comes twice. An empty page means that there
    is nothing new.
    """
    return feed.list_events(call.uow, call.actor, call.query)
