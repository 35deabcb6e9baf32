from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from sqlalchemy import select

from service.delivery.cloudevents import CONTENT_TYPE, cloud_event, to_bytes
from service.delivery.events import publish
from service.delivery.models import Event
from service.kernel.database import Database
from tests.delivery.delivery_kit import make_settings


def test_an_event_is_a_thin_cloudevent_of_the_profile(database: Database) -> None:
    with database.transaction() as uow:
        publish(uow, "contract-end-signal.reported", "contract-end-signals/7", 12, ["0" * 32], {"signalId": "7"})
    with database.reading() as uow:
        row = uow.session.scalars(select(Event)).one()
        found = cloud_event(make_settings(), row)
    body = to_bytes(found)
    event = from_structured(HTTPMessage({"content-type": CONTENT_TYPE}, body), JSONFormat(), CloudEvent)
    assert event.get_id() == row.id
    assert event.get_type() == "nl.servicepunt.contract-end-signal.reported"
    assert event.get_time() == row.at.replace(microsecond=row.at.microsecond // 1000 * 1000)
    assert event.get_extension("sequence") == "0000000012"
    assert event.get_data() == {
        "signalId": "7",
        "link": "https://servicepunt.example.nl/v1/contract-end-signals/7",
    }
    assert re.fullmatch(r"urn:nld:oin:00000099\d{12}:systeem:\S+", event.get_source())
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in json.loads(body))
    assert "sequencetype" not in found
    assert to_bytes(cloud_event(make_settings(), row)) == body


@dataclass
class Row:
    sequence: int
    id: str = "1"
    type: str = "a"
    subject: str = "b"
    at: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    data: dict[str, Any] = field(default_factory=dict)


def test_sequences_sort_as_text() -> None:
    texts = [cloud_event(make_settings(), Row(version))["sequence"] for version in (1, 2, 9, 10, 99, 100, 2**31 - 1)]
    assert texts == sorted(texts)
