"""The room of what leaves the house."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.delivery.feed import visible_events
from service.delivery.models import Event, Webhook
from service.delivery.operations import visible_webhooks
from service.delivery.retention import RETENTION
from service.delivery.rotation import OLD_SECRETS
from service.delivery.routes import event_routes, webhook_routes
from service.delivery.standing import STOPPED_MAIL, stopped_mail
from service.kernel.room import Permission, Room

_PARTIES: frozenset[str] = frozenset(
    {
        PartyKind.EMPLOYER,
        PartyKind.UWV,
        PartyKind.DESK,
        PartyKind.WSP,
        PartyKind.MOBILITY_POOL,
        PartyKind.JOBCOACH_ORGANISATION,
        PartyKind.REINTEGRATION_COMPANY,
    }
)

ROOM = Room(
    name="delivery",
    routes=(webhook_routes, event_routes),
    permissions=(
        Permission("webhooks:manage", _PARTIES, "Have events sent to one's own system"),
        Permission("events:read", _PARTIES, "Read the events of one's own parties"),
    ),
    visible={Webhook: visible_webhooks, Event: visible_events},
    timers=(OLD_SECRETS,),
    mails={STOPPED_MAIL: stopped_mail},
    retention=RETENTION,
)
