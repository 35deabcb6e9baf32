"""Webhooks, their deliveries and the event feed, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from service.delivery.rules import LONGEST_URL, MOST_REPLAYED, DeliveryStatus, WantedStatus, WebhookStatus
from service.kernel.fields import Code, Id, Integer, List, Moment, Nested, Pattern, String, fail_field
from service.kernel.schemas import Page, Schema, View, page_of

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
            "`active` goes on, and sends at once what waits; after `disabled` the receiver is asked for its consent "
            "again."
        },
    )


class SecretView(View):
    id = Id(required=True)
    created_at = Moment(required=True)
    valid_until = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When it stops by itself; null for the newest, which goes on."},
    )


class NewSecretView(SecretView):
    secret = String(
        required=True,
        metadata={
            "description": "Key for the signatures (Standard Webhooks, v1). Shown this once.",
            "example": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
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
            "and it answers with WebHook-Allowed-Origin, that origin or `*`. `paused`: by you, or by us after days in "
            "which nothing arrived (`reason` says failing; events wait). `disabled`: it did not agree, or it said 410."
        },
    )
    origin = String(required=True, metadata={"description": "What we send in WebHook-Request-Origin."})
    reason = String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why it is not active, as a code: failing, no-consent, gone, no-connection, timeout, tls, "
            "refused-target, bad-answer."
        },
    )
    failing_since = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "The first attempt that failed after the last that arrived."},
    )
    secrets = List(
        Nested(SecretView), required=True, maximum=2, metadata={"description": "Those that sign now, oldest first."}
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
    type = String(required=True, metadata={"example": "nl.servicepunt.contract-end-signal.reported"})
    subject = String(required=True, maximum=400)
    status = Code(DeliveryStatus, required=True)
    attempts = Integer(
        required=True, minimum=0, maximum=1000, metadata={"description": "Since it was last asked for again."}
    )
    asked_again_at = Moment(
        required=True, allow_none=True, metadata={"description": "When it was last asked for again, if ever."}
    )
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


class AttemptView(View):
    at = Moment(required=True, metadata={"description": "Its `webhook-timestamp`, which counts in seconds."})
    status = Integer(required=True, allow_none=True, minimum=100, maximum=999)
    error = String(required=True, allow_none=True)
    milliseconds = Integer(required=True, minimum=0, maximum=10**9)


class DeliveryWithAttemptsView(DeliveryView):
    history = List(
        Nested(AttemptView),
        required=True,
        maximum=50,
        metadata={"description": "What was sent, newest first; of all rounds, 50 at most."},
    )


class NewReplay(Schema):
    """What to send again: one event; or those since a moment, or after a cursor of the feed, until another moment."""

    event_id = Id(metadata={"description": "One event, whatever its type."})
    from_ = Moment(
        data_key="from", metadata={"description": "From this moment on (`time` of the events).", "format": "date-time"}
    )
    cursor = String(
        maximum=1000,
        metadata={"description": "After this place in the feed: a `next` of it, or a `continueFrom` of a replay."},
    )
    until = Moment(metadata={"description": "Before this moment.", "format": "date-time"})

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if sum(name in data for name in ("event_id", "from_", "cursor")) != 1:
            nl, en = "Noem precies één van: eventId, from, cursor.", "Name exactly one of: eventId, from, cursor."
            fail_field("eventId", "one-of", nl, en)
        if "until" in data and "event_id" in data:
            fail_field("until", "one-of", "Dit hoort niet bij één bericht.", "This does not go with one event.")
        if "until" in data and "from_" in data and data["until"] <= data["from_"]:
            fail_field("until", "not-later", "Dit moet later zijn dan 'from'.", "This must be later than 'from'.")


class ReplayView(View):
    id = Id(required=True)
    created_at = Moment(required=True)
    events = Integer(
        required=True,
        minimum=0,
        maximum=MOST_REPLAYED,
        metadata={"description": "How many were queued. What waited already is not among them, and still comes."},
    )
    pending = Integer(required=True, minimum=0, maximum=MOST_REPLAYED)
    delivered = Integer(required=True, minimum=0, maximum=MOST_REPLAYED)
    failed = Integer(
        required=True,
        minimum=0,
        maximum=MOST_REPLAYED,
        metadata={"description": "Given up. What was asked for once more counts where that was."},
    )
    continue_from = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Where more were asked for than go at once: the `cursor` of the next replay."},
    )


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
