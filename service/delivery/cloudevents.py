"""Events as they leave the house: thin CloudEvents after the NL GOV profile 1.1 (CloudEvents 1.0.1), ids and a link.

`sequence` is the place among the events of the subject, padded so that text sorts as the number does. It has no
`sequencetype`: `Integer` promises numbers without gaps, and a version that caused no event leaves one. `time` is when
it happened.
"""

from __future__ import annotations

from typing import Any, Protocol

import orjson

from service.config import Settings
from service.delivery.rules import TYPE_PREFIX
from service.kernel.fields import moment

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


class EventRow(Protocol):
    """An event, or a row with its columns."""

    @property
    def id(self) -> Any: ...
    @property
    def type(self) -> Any: ...
    @property
    def subject(self) -> Any: ...
    @property
    def sequence(self) -> Any: ...
    @property
    def at(self) -> Any: ...
    @property
    def data(self) -> Any: ...


def cloud_event(settings: Settings, event: EventRow) -> dict[str, Any]:
    """The event as a JSON object. The same event always gives the same."""
    return {
        "id": event.id,
        "source": settings.event_source,
        "specversion": "1.0",
        "type": TYPE_PREFIX + event.type,
        "subject": event.subject,
        "time": moment(event.at),
        "datacontenttype": "application/json",
        "sequence": f"{event.sequence:010d}",
        "data": {**event.data, "link": f"{settings.url}/v1/{event.subject}"},
    }


def to_bytes(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)
