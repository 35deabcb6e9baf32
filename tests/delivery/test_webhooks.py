from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service.access.actor import Actor
from service.delivery import models, operations, sequencer
from service.delivery.rules import HANDSHAKES, WantedStatus, WebhookStatus
from service.delivery.sender import Sender
from service.delivery.webhooks import Handshakes, signed_headers
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from tests.delivery.delivery_kit import (
    MovingClock,
    Receiver,
    a_receiver,
    a_webhook,
    an_event,
    rows,
    with_settings,
)

ANY = Expected(None)


def test_the_published_test_vector_of_standard_webhooks() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    found = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def register(database: Database, actor: Actor, url: str, types: tuple[str, ...] = ()) -> dict[str, Any]:
    with database.transaction() as uow:
        return operations.register_webhook(uow, actor, {"url": url, "types": list(types)})


def webhook(database: Database) -> Any:
    [row] = rows(database, models.Webhook)
    return row


def shake(database: Database) -> None:
    lane = Handshakes(database, Sender(seconds=1.0, private_targets=True))
    while lane.step() or lane.is_busy:
        lane.wait(0.02)
    lane.close(1)


def test_the_secret_is_shown_once_and_kept_sealed(database: Database, actor: Actor) -> None:
    shown = register(database, actor, "http://127.0.0.1:9/")
    assert shown["secret"].startswith("whsec_")
    assert shown["status"] is WebhookStatus.PENDING
    with database.reading() as uow:
        assert "secret" not in operations.get_webhook(uow, actor, shown["id"])
    stored = bytes(webhook(database).secret)
    assert shown["secret"].encode() not in stored
    assert shown["secret"].removeprefix("whsec_").encode() not in stored


def test_a_receiver_that_agrees_is_called(database: Database, actor: Actor, receiver: Receiver) -> None:
    register(database, actor, receiver.url)
    shake(database)
    row = webhook(database)
    assert (row.status, row.last_error, row.version) == (WebhookStatus.ACTIVE, None, 2)
    [heard] = receiver.heard
    assert (heard.method, heard.path) == ("OPTIONS", "/events")
    assert heard.headers["webhook-request-origin"] == "servicepunt.example.nl"


def test_one_that_never_agrees_is_not(database: Database, actor: Actor, clock: MovingClock) -> None:
    with a_receiver() as receiver:
        url = receiver.url
    register(database, actor, url)
    for attempt in range(1, HANDSHAKES + 1):
        shake(database)
        row = webhook(database)
        assert (row.attempts, row.last_error) == (attempt, "no-connection")
        clock.now = max(clock.now, row.due_at)
    assert row.status is WebhookStatus.DISABLED
    # Asked for again, it must agree again.
    with database.transaction() as uow:
        changed = operations.change_webhook(uow, actor, row.id, {"status": WantedStatus.ACTIVE}, ANY)
    assert changed["status"] is WebhookStatus.PENDING
    assert changed["reason"] is None


def test_no_consent_is_a_reason(database: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.delivery import delivery_kit

    monkeypatch.setattr(delivery_kit, "OPTIONS_ANSWER", {"WebHook-Allowed-Origin": "other.example.nl"})
    with a_receiver() as receiver:
        register(database, actor, receiver.url)
        shake(database)
    assert (webhook(database).status, webhook(database).last_error) == (WebhookStatus.PENDING, "no-consent")


def test_a_private_address_cannot_be_registered(database: Database, actor: Actor) -> None:
    with_settings(database, webhook_private_targets=False)
    for url in ("http://127.0.0.1/", "https://10.0.0.1/", "https://user@hr.example.nl/", "https://hr.example.nl:22/"):
        with pytest.raises(Problem) as caught:
            register(database, actor, url)
        assert caught.value.errors[0].pointer == "/url"
    register(database, actor, "https://hr.example.nl/hooks")


def test_there_is_a_most(database: Database, actor: Actor) -> None:
    for number in range(operations.MOST_WEBHOOKS):
        register(database, actor, f"http://127.0.0.1:9/{number}")
    with pytest.raises(Problem) as caught:
        register(database, actor, "http://127.0.0.1:9/one-more")
    assert caught.value.code == "too-many-webhooks"


def test_one_address_has_one_webhook(database: Database, actor: Actor) -> None:
    made = register(database, actor, "http://127.0.0.1:9/")
    with pytest.raises(Problem) as caught:
        register(database, actor, "http://127.0.0.1:9/")
    assert caught.value.code == "webhook-exists"
    assert caught.value.extra["existing"] == f"/v1/webhooks/{made['id']}"


def test_over_http(database: Database, web: FlaskClient) -> None:
    made = web.post(
        "/v1/webhooks",
        json={"url": "http://127.0.0.1:9/", "types": ["nl.servicepunt.signal"]},
        headers={"Idempotency-Key": "one"},
    )
    assert made.status_code == 201
    assert made.json is not None
    where = made.headers["Location"]
    assert where == f"/v1/webhooks/{made.json['id']}"
    again = web.post(
        "/v1/webhooks",
        json={"url": "http://127.0.0.1:9/", "types": ["nl.servicepunt.signal"]},
        headers={"Idempotency-Key": "one"},
    )
    assert again.json == made.json
    assert len(rows(database, models.Webhook)) == 1

    found = web.get(where)
    assert found.json == {name: value for name, value in made.json.items() if name != "secret"}
    assert web.get(where, headers={"Authorization": "stranger"}).status_code == 404
    assert web.get("/v1/webhooks").json == {"items": [found.json], "next": None}
    assert web.get("/v1/webhooks", headers={"Authorization": "stranger"}).json == {"items": [], "next": None}

    kind = {"content_type": "application/merge-patch+json"}
    tag = {"If-Match": found.headers["ETag"]}
    assert web.patch(where, data=json.dumps({"types": []}), **kind).status_code == 428
    refused = web.patch(where, data=json.dumps({"status": "paused"}), headers=tag, **kind)
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["type"].endswith("#forbidden-transition")
    changed = web.patch(where, data=json.dumps({"types": []}), headers=tag, **kind)
    assert changed.status_code == 200
    assert changed.json == found.json | {"types": []}
    assert web.patch(where, data=json.dumps({"types": []}), headers=tag, **kind).status_code == 412
    assert web.patch(where, data=json.dumps({"url": "https://a.nl"}), headers=tag, **kind).status_code == 400

    assert web.get(f"{where}/deliveries").json == {"items": [], "next": None}
    assert web.get(f"{where}/deliveries", headers={"Authorization": "stranger"}).status_code == 404
    new_tag = {"If-Match": changed.headers["ETag"]}
    assert web.delete(where, headers=new_tag | {"Authorization": "stranger"}).status_code == 404
    assert web.delete(where, headers=tag).status_code == 412
    assert web.delete(where, headers=new_tag).status_code == 204
    assert web.get(where).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": 1},
        {"url": "https://127.0.0.1:99999/"},
        {"url": "https://hr.example.nl/", "types": ["Capital"]},
        {"url": "https://hr.example.nl/", "types": ["a", "a"]},
        {"url": "https://hr.example.nl/", "secret": "whsec_mine"},
    ],
)
def test_wrong_input_over_http(web: FlaskClient, body: dict[str, Any]) -> None:
    assert web.post("/v1/webhooks", json=body).status_code == 400


def test_deliveries_are_shown_newest_first(database: Database, actor: Actor, web: FlaskClient) -> None:
    with database.transaction() as uow:
        webhook_id, _ = a_webhook(uow, actor.client_id)
        for version in (1, 2, 3):
            an_event(uow, actor.party.id, "signals/1", version)
        sequencer.sequence(uow, 10)
    first = web.get(f"/v1/webhooks/{webhook_id}/deliveries?limit=2&status=pending").json
    assert first is not None
    second = web.get(f"/v1/webhooks/{webhook_id}/deliveries?limit=2&cursor={first['next']}").json
    assert second is not None
    found = [item["eventId"] for item in first["items"] + second["items"]]
    with database.reading() as uow:
        expected = uow.execute(select(models.Event.id).order_by(models.Event.position.desc())).scalars().all()
    assert found == expected
    assert first["items"][0]["nextAttemptAt"] is not None
    assert web.get(f"/v1/webhooks/{webhook_id}/deliveries?status=failed").json == {"items": [], "next": None}


def test_the_feed_over_http(database: Database, actor: Actor, web: FlaskClient) -> None:
    with database.transaction() as uow:
        event_id = an_event(uow, actor.party.id, "signals/1", type="signal.reported")
        sequencer.sequence(uow, 10)
    page = web.get("/v1/events?type=nl.servicepunt.signal&limit=1")
    assert page.status_code == 200
    assert page.json is not None
    [event] = page.json["items"]
    assert (event["id"], event["type"]) == (event_id, "nl.servicepunt.signal.reported")
    assert event["data"]["link"].endswith("/v1/signals/1")
    assert page.headers["Link"].endswith('rel="next"')
    end = web.get(f"/v1/events?cursor={page.json['next']}").json
    assert end is not None
    assert (end["items"], bool(end["next"])) == ([], True)
    assert web.get("/v1/events?type=Signal").status_code == 400
    assert web.get("/v1/events?cursor=no").status_code == 400
