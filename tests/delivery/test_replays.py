"""Sending again, and sending a test: the same ids, behind what is new, and only what may be read now."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from standardwebhooks.webhooks import Webhook as Verifier

from service.access.actor import Actor
from service.delivery import models, replays, sequencer
from service.delivery.rules import SCHEDULE, DeliveryStatus, WebhookStatus
from service.kernel.database import Database
from service.kernel.fields import moment
from tests.delivery.delivery_kit import Heard, MovingClock, Receiver, a_party, a_webhook, an_event, reply, rows
from tests.delivery.test_deliveries import a_lane, answering, sequence, until_idle


@pytest.fixture
def hook(database: Database, actor: Actor, receiver: Receiver) -> tuple[str, str]:
    """(address below /v1, secret)."""
    with database.transaction() as uow:
        webhook_id, secret = a_webhook(uow, actor.client_id, receiver.url)
    return f"/v1/webhooks/{webhook_id}", secret


def publish(database: Database, actor: Actor, *subjects: str, type: str = "a.b") -> list[str]:
    with database.transaction() as uow:
        count = len(rows(database, models.Event))
        made = [
            an_event(uow, actor.party.id, subject, count + number, type) for number, subject in enumerate(subjects, 1)
        ]
        sequencer.sequence(uow, 100)
    return made


def send(database: Database) -> None:
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)


def accepted(web: FlaskClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = web.post(path, **({} if body is None else {"json": body}))
    assert answer.status_code == 202, answer.json
    there = web.get(answer.headers["Location"])
    assert there.status_code == 200
    assert answer.json is not None
    assert there.json is not None
    assert there.json["id"] == answer.json["id"]
    found: dict[str, Any] = answer.json
    return found


def nonsense(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
    handler.wfile.write(b"nonsense\r\n\r\n")


def heard(receiver: Receiver) -> list[str]:
    return [each.headers["webhook-id"] for each in receiver.posts]


def got(web: FlaskClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] | None = web.get(path).json
    assert found is not None
    return found


def test_a_test_event_is_like_any_other_and_for_this_webhook_alone(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str]
) -> None:
    where, secret = hook
    with database.transaction() as uow:
        other, _ = a_webhook(uow, actor.client_id, receiver.url + "/other")
        uow.execute(update(models.Webhook).values(types=["vacancy"]))
    publish(database, actor, "signals/1")
    made = accepted(web, f"{where}/test-events")
    assert (made["status"], made["type"]) == ("pending", "nl.servicepunt.webhook.test")
    sequence(database)
    send(database)
    [post] = receiver.posts
    Verifier(secret).verify(post.body, post.headers)
    event = from_http(HTTPMessage(post.headers, post.body), JSONFormat())
    assert event.get_type() == "nl.servicepunt.webhook.test"
    assert event.get_id() == made["eventId"] == post.headers["webhook-id"]
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["link"].endswith(f"{where}/deliveries/{made['id']}")
    [logged] = got(web, f"{where}/deliveries")["items"]
    assert (logged["id"], logged["status"]) == (made["id"], "delivered")
    assert got(web, f"/v1/webhooks/{other}/deliveries")["items"] == []
    assert [each["type"] for each in got(web, "/v1/events")["items"]] == ["nl.servicepunt.a.b"]
    # Its position is one of the same order, without a gap.
    publish(database, actor, "signals/2")
    assert [row.position for row in rows(database, models.Event, models.Event.position)] == [1, 2, 3]


def test_a_test_waits_for_no_test_before_it(
    database: Database, receiver: Receiver, web: FlaskClient, hook: tuple[str, str]
) -> None:
    receiver.answer = answering(500)
    accepted(web, f"{hook[0]}/test-events")
    send(database)
    receiver.answer = answering(204)
    accepted(web, f"{hook[0]}/test-events")
    send(database)
    assert [each["status"] for each in got(web, f"{hook[0]}/deliveries")["items"]] == ["delivered", "pending"]


@pytest.mark.parametrize("status", [WebhookStatus.PENDING, WebhookStatus.PAUSED, WebhookStatus.DISABLED])
def test_not_to_a_webhook_that_is_not_called(
    database: Database, actor: Actor, web: FlaskClient, hook: tuple[str, str], status: WebhookStatus
) -> None:
    publish(database, actor, "signals/1")
    [row] = rows(database, models.Delivery)
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=status))
    paths = (f"{hook[0]}/test-events", f"{hook[0]}/deliveries/{row.id}/retries", f"{hook[0]}/replays")
    for path in paths:
        answer = web.post(path, json={"from": "2026-01-01T00:00:00Z"}) if "replays" in path else web.post(path)
        assert answer.status_code == 409
        assert answer.json is not None
        assert answer.json["type"].endswith("#webhook-not-active")


def test_each_attempt_is_in_the_log(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    receiver.answer = answering(503)
    publish(database, actor, "signals/1")
    send(database)
    first = clock.now
    clock.move(seconds=10)
    receiver.answer = nonsense
    send(database)
    clock.move(minutes=10)
    receiver.answer = answering(200)
    send(database)
    [row] = got(web, f"{hook[0]}/deliveries")["items"]
    assert "history" not in row
    found = got(web, f"{hook[0]}/deliveries/{row['id']}")
    assert [(each["status"], each["error"]) for each in found["history"]] == [
        (200, None),
        (None, "bad-answer"),
        (503, None),
    ]
    assert found["history"][-1]["at"] == moment(first)
    assert all(0 <= each["milliseconds"] < 60_000 for each in found["history"])
    assert int(receiver.posts[0].headers["webhook-timestamp"]) == int(first.timestamp())
    assert web.get(f"{hook[0]}/deliveries/{row['id']}", headers={"Authorization": "stranger"}).status_code == 404
    # They go with the event.
    with database.transaction() as uow:
        uow.execute(delete(models.Event))
    assert rows(database, models.Attempt) == []


def test_one_that_was_given_up_begins_anew(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    receiver.answer = answering(500)
    [event_id] = publish(database, actor, "signals/1")
    for _ in SCHEDULE:
        send(database)
        clock.now = max(clock.now, rows(database, models.Delivery)[0].due_at)
    [row] = rows(database, models.Delivery)
    assert (row.status, row.attempts) == (DeliveryStatus.FAILED, 10)
    receiver.answer = answering(204)
    clock.move(minutes=1)
    made = accepted(web, f"{hook[0]}/deliveries/{row.id}/retries")
    assert (made["status"], made["attempts"], made["lastStatus"]) == ("pending", 0, None)
    assert made["askedAgainAt"] is not None
    send(database)
    found = got(web, f"{hook[0]}/deliveries/{row.id}")
    assert (found["status"], found["attempts"], len(found["history"])) == ("delivered", 1, 11)
    assert set(heard(receiver)) == {event_id}
    assert len({each.headers["webhook-timestamp"] for each in receiver.posts}) == 11
    assert len({each.body for each in receiver.posts}) == 1
    # Also what arrived can be sent again; what waits is tried now, without another three days.
    accepted(web, f"{hook[0]}/deliveries/{row.id}/retries")
    receiver.answer = answering(500)
    send(database)
    waiting = accepted(web, f"{hook[0]}/deliveries/{row.id}/retries")
    assert (waiting["attempts"], waiting["nextAttemptAt"]) == (1, moment(clock.now))
    assert web.post(f"{hook[0]}/deliveries/{event_id}/retries").status_code == 404


def test_a_replay_of_a_span(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    publish(database, actor, "signals/1")
    send(database)
    clock.move(hours=1)
    start = moment(clock.now)
    wanted = publish(database, actor, "signals/1", "signals/2", "signals/1")
    send(database)
    clock.move(hours=1)
    end = moment(clock.now)
    publish(database, actor, "signals/1")
    send(database)
    before = heard(receiver)
    clock.move(minutes=1)
    made = accepted(web, f"{hook[0]}/replays", {"from": start, "until": end})
    assert (made["events"], made["pending"], made["continueFrom"]) == (3, 3, None)
    send(database)
    # The first two go at once.
    assert sorted(heard(receiver)[len(before) :]) == sorted(wanted)
    assert heard(receiver)[-1] == wanted[2]
    found = got(web, f"{hook[0]}/replays/{made['id']}")
    assert (found["events"], found["pending"], found["delivered"], found["failed"]) == (3, 0, 3, 0)
    assert int(receiver.posts[-1].headers["webhook-timestamp"]) == int(clock.now.timestamp())
    assert web.get(f"{hook[0]}/replays/{made['id']}", headers={"Authorization": "stranger"}).status_code == 404
    assert web.get(f"{hook[0]}/replays/{wanted[0]}").status_code == 404


def test_a_replay_brings_what_was_never_sent_and_is_the_readers(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=WebhookStatus.PAUSED, types=["signal"]))
    [missed] = publish(database, actor, "signals/1", type="signal.reported")
    [unwanted] = publish(database, actor, "vacancies/1", type="vacancy.opened")
    with database.transaction() as uow:
        foreign = an_event(uow, a_party(uow), "signals/9", type="signal.reported")
        sequencer.sequence(uow, 10)
        uow.execute(update(models.Webhook).values(status=WebhookStatus.ACTIVE))
    assert rows(database, models.Delivery) == []
    start = moment(clock.now - timedelta(days=1))
    assert accepted(web, f"{hook[0]}/replays", {"from": start})["events"] == 1
    # One event may be of another type; not one that is somebody else's, or is not there.
    assert accepted(web, f"{hook[0]}/replays", {"eventId": unwanted})["events"] == 1
    for none in (foreign, hook[0].rpartition("/")[2]):
        refused = web.post(f"{hook[0]}/replays", json={"eventId": none})
        assert refused.status_code == 400
        assert refused.json is not None
        assert [(each["code"], each["pointer"]) for each in refused.json["errors"]] == [
            ("unknown-reference", "/eventId")
        ]
    # What waits is on its way.
    assert accepted(web, f"{hook[0]}/replays", {"from": start})["events"] == 0
    send(database)
    assert sorted(heard(receiver)) == sorted([missed, unwanted])


def test_a_replay_goes_back_thirty_days(
    database: Database, actor: Actor, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    publish(database, actor, "signals/1")
    clock.move(days=30)
    assert accepted(web, f"{hook[0]}/replays", {"from": "2020-01-01T00:00:00Z"})["events"] == 0


def test_a_long_replay_goes_in_pieces(
    database: Database,
    actor: Actor,
    receiver: Receiver,
    web: FlaskClient,
    hook: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replays, "MOST_REPLAYED", 2)
    first = publish(database, actor, *[f"signals/{number}" for number in range(5)])
    send(database)
    made = accepted(web, f"{hook[0]}/replays", {"from": "2020-01-01T00:00:00Z"})
    assert made["events"] == 2
    second = accepted(web, f"{hook[0]}/replays", {"cursor": made["continueFrom"]})
    third = accepted(web, f"{hook[0]}/replays", {"cursor": second["continueFrom"]})
    assert (second["events"], third["events"], third["continueFrom"]) == (2, 1, None)
    send(database)
    assert sorted(heard(receiver)) == sorted(2 * first)
    # A place in the feed will do as well.
    page = got(web, "/v1/events?limit=3")
    assert accepted(web, f"{hook[0]}/replays", {"cursor": page["next"]})["events"] == 2
    refused = web.post(f"{hook[0]}/replays", json={"cursor": "no"})
    assert refused.status_code == 400


def test_what_is_new_does_not_wait_for_a_replay(
    database: Database,
    actor: Actor,
    receiver: Receiver,
    web: FlaskClient,
    hook: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.delivery.deliveries.AT_ONCE", 1)
    old = publish(database, actor, *["signals/1"] * 8)
    send(database)
    accepted(web, f"{hook[0]}/replays", {"from": "2020-01-01T00:00:00Z"})
    receiver.heard.clear()
    receiver.answer = lambda handler, heard: reply(handler, 500 if heard.headers["webhook-id"] in old else 204)
    [new, other] = publish(database, actor, "signals/1", "signals/2")
    send(database)
    # The replay stands still at its first event; what is new came all the same, before it.
    assert heard(receiver) == [new, other, old[0]]
    [status] = {row.status for row in rows(database, models.Delivery) if row.event_id in (new, other)}
    assert status is DeliveryStatus.DELIVERED


def test_a_replay_does_not_pass_what_still_waits(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str], clock: MovingClock
) -> None:
    """The first failed and waits; the second, asked for again, is not sent before it."""
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=WebhookStatus.PAUSED))
    [_, second] = publish(database, actor, "signals/0", "signals/1")
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=WebhookStatus.ACTIVE))
        uow.execute(update(models.Event).where(models.Event.id == second).values(position=10))
        uow.execute(update(models.Head).values(position=10))
    [first] = publish(database, actor, "signals/1")
    with database.transaction() as uow:
        uow.execute(update(models.Event).where(models.Event.id == first).values(position=5))
        uow.execute(update(models.Delivery).where(models.Delivery.event_id == first).values(position=5))
    receiver.answer = answering(500)
    send(database)
    accepted(web, f"{hook[0]}/replays", {"eventId": second})
    send(database)
    assert heard(receiver) == [first]
    receiver.answer = answering(204)
    clock.move(seconds=10)
    send(database)
    assert heard(receiver) == [first, first, second]


def test_one_who_held_it_before_may_not_say_how_it_went(
    database: Database, actor: Actor, receiver: Receiver, web: FlaskClient, hook: tuple[str, str]
) -> None:
    [_, second] = publish(database, actor, "signals/1", "signals/2")
    lane = a_lane(database)
    assert lane.step() == 2
    # Meanwhile it was given up, and asked for again.
    with database.transaction() as uow:
        uow.execute(
            update(models.Delivery)
            .where(models.Delivery.event_id == second)
            .values(status=DeliveryStatus.FAILED, leased_until=None)
        )
    [row] = [row for row in rows(database, models.Delivery) if row.event_id == second]
    accepted(web, f"{hook[0]}/deliveries/{row.id}/retries")
    lane.close(5)
    [row] = [row for row in rows(database, models.Delivery) if row.event_id == second]
    assert (row.status, row.attempts) == (DeliveryStatus.PENDING, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/eventId"),
        ({"eventId": "0190b6e8-7a2b-7c3d-8e4f-112233445566", "from": "2026-11-01T00:00:00Z"}, "/eventId"),
        ({"eventId": "0190b6e8-7a2b-7c3d-8e4f-112233445566", "until": "2026-11-01T00:00:00Z"}, "/until"),
        ({"from": "2026-11-02T00:00:00Z", "until": "2026-11-02T00:00:00Z"}, "/until"),
        ({"from": "gisteren"}, "/from"),
        ({"fromPosition": 3}, "/fromPosition"),
    ],
)
def test_wrong_spans(web: FlaskClient, hook: tuple[str, str], body: dict[str, Any], pointer: str) -> None:
    answer = web.post(f"{hook[0]}/replays", json=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert pointer in [each["pointer"] for each in answer.json["errors"]]
