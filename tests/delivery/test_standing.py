"""A receiver that fails for days, or is gone: we stop, its owner hears of it once, and nothing is lost that waited."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from service.access.actor import Actor
from service.access.models import Party
from service.delivery import feed, models, sequencer
from service.delivery.deliveries import Deliveries
from service.delivery.rules import DeliveryStatus, WebhookStatus
from service.delivery.standing import stopped_mail
from service.kernel.database import Database
from tests.delivery.delivery_kit import MovingClock, Receiver, a_webhook, an_event, reply, rows, with_settings
from tests.delivery.test_deliveries import a_lane, answering, until_idle


@pytest.fixture
def webhook_id(database: Database, actor: Actor, receiver: Receiver) -> str:
    with database.transaction() as uow:
        uow.execute(update(Party).where(Party.id == actor.party.id).values(email="beheer@example.nl"))
        webhook_id, _ = a_webhook(uow, actor.client_id, receiver.url + "?token=geheim")
    return webhook_id


def publish(database: Database, actor: Actor, *subjects: str) -> None:
    with database.transaction() as uow:
        for subject in subjects:
            an_event(uow, actor.party.id, subject)
        sequencer.sequence(uow, 100)


def webhook(database: Database) -> Any:
    [row] = rows(database, models.Webhook)
    return row


def try_until(database: Database, clock: MovingClock, lane: Deliveries, days: float) -> None:
    """Every attempt that falls due in these days, within the hour."""
    for _ in range(int(days * 24)):
        until_idle(lane)
        clock.move(hours=1)


def patch(web: FlaskClient, webhook_id: str, **changes: Any) -> dict[str, Any]:
    answer = web.patch(
        f"/v1/webhooks/{webhook_id}",
        data=json.dumps(changes),
        headers={"If-Match": "*"},
        content_type="application/merge-patch+json",
    )
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    found: dict[str, Any] = answer.json
    return found


def stops(database: Database, actor: Actor, type: str) -> list[Any]:
    with database.transaction() as uow:
        sequencer.sequence(uow, 100)
    with database.reading() as uow:
        query = {"limit": 100, "type": f"nl.servicepunt.{type}"}
        return [event["data"] for event in feed.list_events(uow, actor, query)["items"]]


def mailed(database: Database) -> list[Any]:
    with database.reading() as uow:
        return [stopped_mail(uow, row.data) for row in rows(database, models.Mail)]


def test_days_of_failure_pause_it_and_its_owner_hears_once(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver, clock: MovingClock, web: FlaskClient
) -> None:
    receiver.answer = answering(500)
    publish(database, actor, "signals/1", "signals/2")
    first = clock.now
    lane = a_lane(database)
    try_until(database, clock, lane, 4.5)
    # Each has had its ten attempts, over less than five days.
    assert (webhook(database).status, webhook(database).failures) == (WebhookStatus.ACTIVE, 20)
    shown = web.get(f"/v1/webhooks/{webhook_id}").json
    assert shown is not None
    assert shown["failingSince"][:19] == first.isoformat()[:19]
    publish(database, actor, "signals/3")
    try_until(database, clock, lane, 1)
    row = webhook(database)
    assert (row.status, row.last_error) == (WebhookStatus.PAUSED, "failing")
    heard = len(receiver.posts)
    try_until(database, clock, lane, 3)
    assert len(receiver.posts) == heard, "it is paused"

    assert stops(database, actor, "webhook.paused") == [
        {
            "webhookId": webhook_id,
            "reason": "failing",
            "link": f"https://servicepunt.example.nl/v1/webhooks/{webhook_id}",
        }
    ]
    [text] = mailed(database)
    assert text.recipient == "beheer@example.nl"
    whole = " ".join(text.paragraphs)
    assert "5 dagen" in whole
    assert "127.0.0.1" in whole
    assert "geheim" not in whole

    # What waits, and what happens while we paused it, is delivered when its owner lets it go on.
    publish(database, actor, "signals/4")
    receiver.answer = answering(204)
    changed = patch(web, webhook_id, status="active")
    assert (changed["status"], changed["reason"], changed["failingSince"]) == ("active", None, None)
    until_idle(lane)
    lane.close(1)
    subjects = [json.loads(each.body)["subject"] for each in receiver.posts[heard:]]
    assert [subject for subject in subjects if subject.startswith("signals")] == ["signals/3", "signals/4"]
    assert mailed(database) == [None], "nothing left to say"
    by_subject = {row.subject: row.status for row in rows(database, models.Delivery)}
    assert by_subject["signals/1"] is DeliveryStatus.FAILED


def test_one_success_begins_the_count_anew(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.answer = lambda handler, heard: reply(handler, 204 if b"fine" in heard.body else 500)
    lane = a_lane(database)
    publish(database, actor, "signals/1", "signals/2")
    try_until(database, clock, lane, 4.5)
    assert webhook(database).failures == 20
    publish(database, actor, "fine/1")
    until_idle(lane)
    assert (webhook(database).failures, webhook(database).failing_since) == (0, None)
    publish(database, actor, "signals/3")
    try_until(database, clock, lane, 4.5)
    lane.close(1)
    assert webhook(database).status is WebhookStatus.ACTIVE
    assert rows(database, models.Mail) == []


def test_the_operator_can_decide_never_to_pause(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver, clock: MovingClock
) -> None:
    with_settings(database, webhook_pause_days=0)
    receiver.answer = answering(500)
    publish(database, actor, "signals/1")
    lane = a_lane(database)
    try_until(database, clock, lane, 5)
    publish(database, actor, "signals/2")
    try_until(database, clock, lane, 3)
    lane.close(1)
    assert webhook(database).status is WebhookStatus.ACTIVE


def test_what_its_owner_paused_is_not_queued(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver, web: FlaskClient
) -> None:
    patch(web, webhook_id, status="paused")
    publish(database, actor, "signals/1")
    assert rows(database, models.Delivery) == []


def test_gone_is_told_once_too(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.answer = answering(410)
    publish(database, actor, "signals/1", "signals/2", "signals/3")
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    row = webhook(database)
    assert (row.status, row.last_error, row.version) == (WebhookStatus.DISABLED, "gone", 2)
    assert {row.status for row in rows(database, models.Delivery)} == {DeliveryStatus.FAILED}
    assert [each["reason"] for each in stops(database, actor, "webhook.disabled")] == ["gone"]
    [text] = mailed(database)
    assert "410" in " ".join(text.paragraphs)


def test_an_owner_without_an_address_reads_it_in_the_feed(
    database: Database, actor: Actor, webhook_id: str, receiver: Receiver
) -> None:
    with database.transaction() as uow:
        uow.execute(update(Party).values(email=None))
    receiver.answer = answering(410)
    publish(database, actor, "signals/1")
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    assert mailed(database) == [None]
    assert len(stops(database, actor, "webhook.disabled")) == 1
