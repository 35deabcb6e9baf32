"""The page about events says what the code does."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from service.app import document
from service.config import Settings
from service.delivery import measures
from service.delivery.operations import MOST_WEBHOOKS
from service.delivery.retention import EVENT_TERM
from service.delivery.rules import (
    LEAST_FAILURES,
    MOST_REPLAYED,
    OLD_SECRET_TERM,
    SCHEDULE,
    TEST_TYPE,
    DeliveryStatus,
    StopReason,
    WebhookStatus,
)
from service.delivery.schemas import DeliveryWithAttemptsView, NewReplay, ReplayView, SecretView, WebhookView
from service.delivery.webhooks import new_secret, signed_headers
from service.kernel.schemas import View

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/events.md").read_text("utf-8")
OPERATING = (ROOT / "docs/operators/install.md").read_text("utf-8")


def test_the_lines_verify_with_either_secret_during_a_change() -> None:
    lines: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], lines)  # noqa: S102 - our own page
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers([old, new], "1", datetime.now(UTC), b'{"id": "1"}')
    for secret in (old, new):
        assert lines["read_event"](secret, headers, b'{"id": "1"}') == {"id": "1"}
    for secret, body in ((other, b'{"id": "1"}'), (old, b'{"id": "2"}')):
        with pytest.raises(ValueError, match="signature"):
            lines["read_event"](secret, headers, body)
    late = headers | {"webhook-timestamp": str(int(time.time()) - 301)}
    with pytest.raises(ValueError, match="old"):
        lines["read_event"](old, late, b'{"id": "1"}')


def test_the_operations_exist() -> None:
    paths = document()["paths"]
    named = re.findall(r"`(GET|POST|PATCH|DELETE) /v1(/[^`\s?]*)`", PAGE)
    assert len(named) >= 9
    for method, path in named:
        assert method.lower() in paths[path], (method, path)


def test_the_numbers_are_those_of_the_code() -> None:
    days = Settings().webhook_pause_days
    pauses = [pause.total_seconds() for pause in SCHEDULE]
    listed = re.findall(r"(\d+) (s|min|h)\b", PAGE[PAGE.index("**Retries**") : PAGE.index("`Retry-After` can")])
    seconds = {"s": 1, "min": 60, "h": 3600}
    assert [int(number) * seconds[unit] for number, unit in listed] == pauses
    for said in (
        f"A client can have {MOST_WEBHOOKS}",
        f"after {OLD_SECRET_TERM.days} days",
        f"After {days} days without a single success",
        f"At most {MOST_REPLAYED:,} go at once",
        f"events of the last {EVENT_TERM.days} days",
        f"`nl.servicepunt.{TEST_TYPE}`",
        f"within {Settings().webhook_seconds:.0f} seconds",
    ):
        assert said in PAGE, said
    assert "(and ten failures at least)" in PAGE
    assert LEAST_FAILURES == 10


def test_the_names_of_fields_and_codes_exist() -> None:
    views: list[type[View]] = [WebhookView, SecretView, ReplayView, DeliveryWithAttemptsView]
    names = {str(field.data_key) for view in views for field in view().fields.values()}
    assert {"failingSince", "validUntil", "secrets", "continueFrom", "events", "history"} <= names
    for said in ("failingSince", "validUntil", "continueFrom"):
        assert f"`{said}`" in PAGE
    assert {str(field.data_key) for field in NewReplay().fields.values()} == {"eventId", "from", "until", "cursor"}
    for body in re.findall(r"replays` with `(\{.*?\})`|the same with `(\{.*?\})`", PAGE):
        assert set(re.findall(r'"(\w+)":', "".join(body))) <= {"eventId", "from", "until", "cursor"}
    for code in (*WebhookStatus, *DeliveryStatus, StopReason.FAILING):
        assert f"`{code}`" in PAGE, code


def test_the_measures_are_those_of_the_worker() -> None:
    known = {name for family in REGISTRY.collect() for name in (family.name, f"{family.name}_total")}
    assert {family.name for family in measures.WAITING.collect()} <= known
    named = set(re.findall(r"`(servicepunt_[a-z_]+)", OPERATING))
    assert {"servicepunt_dead_letters", "servicepunt_oldest_work_seconds"} <= named <= known
