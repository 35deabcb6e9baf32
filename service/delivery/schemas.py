"""Webhooks, their deliveries and the event feed, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from service.delivery.rules import LONGEST_URL, DeliveryStatus, WantedStatus, WebhookStatus
from service.kernel.schemas import Code, Id, Integer, List, Moment, Nested, Page, Pattern, Schema, String, View, page_of

_TYPE = r"[a-z0-9-]+(\.[a-z0-9-]+){0,5}"
_TYPES = "Types of events to send: whole, or their first words up to a dot. Empty: all."


def _types(**kwargs: Any) -> List:
    item = Pattern(_TYPE, "nl.servicepunt.contract-end-signal", maximum=120)
    return List(item, maximum=50, unique=True, metadata={"description": _TYPES}, **kwargs)


class NewWebhook(Schema):
    url = String(
        required=True,
        maximum=LONGEST_URL,
        metadata={
            "description": "Where to send events: https, port 443 or 8443, a public host name.",
            "example": "https://hr.example.nl/servicepunt/events",
            "format": "uri",
            "pattern": r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][\x21-\x7e]*)?$",
        },
    )
    types = _types(load_default=list)


class WebhookChange(Schema):
    types = _types()
    status = Code(
        WantedStatus,
        metadata={
            "description": "`paused` stops sending; events that happen meanwhile are in the feed only. "
            "`active` goes on; after `disabled` the receiver is asked for its consent again."
        },
    )


class WebhookView(View):
    id = Id(required=True)
    url = String(required=True, maximum=LONGEST_URL)
    types = _types(required=True)
    status = Code(
        WebhookStatus,
        required=True,
        metadata={
            "description": "`pending`: the receiver has not yet agreed. We send OPTIONS with WebHook-Request-Origin "
            "and it answers with WebHook-Allowed-Origin, that origin or `*`. `disabled`: it did not agree, or it "
            "said 410."
        },
    )
    origin = String(required=True, metadata={"description": "What we send in WebHook-Request-Origin."})
    reason = String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why it is not active, as a code: no-consent, gone, no-connection, timeout, tls, "
            "refused-target, bad-answer."
        },
    )
    created_at = Moment(required=True)


class NewWebhookView(WebhookView):
    secret = String(
        required=True,
        metadata={
            "description": "Key for the signatures (Standard Webhooks, v1). Shown this once.",
            "example": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        },
    )


class DeliveryView(View):
    id = Id(required=True)
    event_id = Id(required=True, metadata={"description": "`id` of the event, and `webhook-id` of the request."})
    subject = String(required=True, maximum=400)
    status = Code(DeliveryStatus, required=True)
    attempts = Integer(required=True, minimum=0, maximum=1000)
    next_attempt_at = Moment(required=True, allow_none=True)
    last_status = Integer(
        required=True,
        allow_none=True,
        minimum=100,
        maximum=999,
        metadata={"description": "HTTP status of the last answer; null when none came."},
    )
    last_error = String(
        required=True, allow_none=True, metadata={"description": "Why no answer came, as a code, as in `reason`."}
    )
    delivered_at = Moment(required=True, allow_none=True)


WebhookPage = page_of(WebhookView, "WebhookPage")
DeliveryPage = page_of(DeliveryView, "DeliveryPage")


class DeliveryQuery(Page):
    status = Code(DeliveryStatus)


class EventQuery(Page):
    type = Pattern(
        _TYPE,
        "nl.servicepunt.contract-end-signal",
        maximum=120,
        metadata={"description": "A type, or its first words up to a dot."},
    )
    subject = String(maximum=400, metadata={"example": "contract-end-signals/01926c1e-8a7b-7c3d-9e4f-5a6b7c8d9e0f"})


class CloudEventView(View):
    """A CloudEvent 1.0 after the NL GOV profile."""

    id = String(required=True)
    source = String(required=True)
    specversion = String(required=True, metadata={"example": "1.0"})
    type = String(required=True, metadata={"example": "nl.servicepunt.contract-end-signal.reported"})
    subject = String(required=True, maximum=400, metadata={"description": "The resource, as an address below /v1."})
    time = String(required=True, metadata={"format": "date-time", "description": "When it happened, in UTC."})
    datacontenttype = String(required=True)
    sequence = String(
        required=True,
        metadata={
            "description": "Place among the events of the subject, padded: sorts as text. Never lower in a later one."
        },
    )
    data = fields.Dict(
        required=True,
        keys=fields.String(),
        metadata={
            "description": "Ids and codes, and `link`: where to read the resource.",
            "additionalProperties": True,
        },
    )


class EventPage(View):
    items = List(Nested(CloudEventView), required=True, maximum=200)
    next = fields.String(
        required=True,
        metadata={"description": "Always there: where the next page begins, or, at the end, where to go on later."},
    )
