"""What failed for good: seen, counted, and tried once more under its own id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import insert, update

from service.access.models import UsedAssertion
from service.delivery import consumers, models, sequencer
from service.delivery.events import publish, queue_mail
from service.delivery.failures import FailureKind, count, dead_letters, redrive
from service.delivery.mail import Mails
from service.delivery.measures import measure
from service.delivery.rules import CONSUMER_ATTEMPTS, DeliveryStatus, MailStatus, WebhookStatus
from service.kernel.database import Database, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.room import Consumer, MailText
from tests.delivery.delivery_kit import MovingClock, Receiver, a_client, a_party, a_webhook, an_event, rows
from tests.delivery.test_deliveries import a_lane, until_idle


class Ear:
    """A consumer that fails until it is mended."""

    def __init__(self) -> None:
        self.broken = True
        self.handled: list[str] = []
        self.consumer = Consumer("ear", frozenset({"a"}), self.handle)

    def handle(self, uow: UnitOfWork, event: Mapping[str, Any]) -> None:
        uow.execute(insert(UsedAssertion).values(client_id="ear", jti=new_id(), expires_at=uow.now))
        if self.broken:
            raise ValueError("a BSN might stand here")
        self.handled.append(event["id"])


def set_aside(database: Database, clock: MovingClock, ear: Ear) -> str:
    with database.transaction() as uow:
        event_id = publish(uow, "a", "things/1", 1, [])
        sequencer.sequence(uow, 10)
    for _ in range(CONSUMER_ATTEMPTS):
        consumers.consume(database, ear.consumer, 1)
        clock.move(minutes=6)
    return event_id


def listed(database: Database, kind: FailureKind) -> list[Any]:
    with database.reading() as uow:
        found = dead_letters(uow, kind, 10)
        assert count(uow, kind) == len(found)
    return found


def test_an_event_that_was_set_aside(database: Database, clock: MovingClock) -> None:
    ear = Ear()
    event_id = set_aside(database, clock, ear)
    [failure] = listed(database, FailureKind.CONSUMER)
    assert (failure.what, failure.about, failure.attempts, failure.error) == ("ear", f"a {event_id}", 10, "ValueError")
    before = len(rows(database, UsedAssertion))
    assert redrive(database, [ear.consumer], FailureKind.CONSUMER, failure.id) == {failure.id: False}
    assert len(rows(database, UsedAssertion)) == before, "nothing is left of what failed"
    [still] = listed(database, FailureKind.CONSUMER)
    assert (still.attempts, still.at) == (11, failure.at)

    ear.broken = False
    assert redrive(database, [], FailureKind.CONSUMER, None) == {failure.id: False}, "there is no such consumer"
    assert redrive(database, [ear.consumer], FailureKind.CONSUMER, new_id()) == {}
    assert redrive(database, [ear.consumer], FailureKind.CONSUMER, None) == {failure.id: True}
    assert ear.handled == [event_id]
    assert listed(database, FailureKind.CONSUMER) == []
    assert redrive(database, [ear.consumer], FailureKind.CONSUMER, failure.id) == {}


def test_a_mail_that_failed_goes_under_its_own_id(database: Database) -> None:
    recipient = "nobody, at all"
    with database.transaction() as uow:
        queue_mail(uow, "told", {})
        queue_mail(uow, "told", {})
    mails = Mails(database, {"told": lambda uow, data: MailText(recipient, "Dag", ("Dag.",))})
    while mails.step():
        pass
    first, second = listed(database, FailureKind.MAIL)
    assert (first.what, first.error, first.attempts) == ("told", "wrong-recipient", 1)
    assert redrive(database, [], FailureKind.MAIL, first.id) == {first.id: True}
    recipient = "iemand@example.nl"
    while mails.step():
        pass
    mails.close(1)
    assert [each.id for each in listed(database, FailureKind.MAIL)] == [second.id]
    assert {row.id: row.status for row in rows(database, models.Mail)} == {
        first.id: MailStatus.KEPT,
        second.id: MailStatus.FAILED,
    }


def test_a_delivery_that_failed_unless_its_webhook_is_not_called(database: Database, receiver: Receiver) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        webhook_id, _ = a_webhook(uow, a_client(uow, party), receiver.url)
        event_id = an_event(uow, party)
        sequencer.sequence(uow, 10)
        uow.execute(update(models.Delivery).values(status=DeliveryStatus.FAILED, last_status=500, attempts=10))
        uow.execute(update(models.Webhook).values(status=WebhookStatus.PAUSED))
    [failure] = listed(database, FailureKind.DELIVERY)
    assert (failure.what, failure.about, failure.error) == (webhook_id, f"a.b {event_id}", "http-500")
    assert redrive(database, [], FailureKind.DELIVERY, None) == {failure.id: False}
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=WebhookStatus.ACTIVE))
    assert redrive(database, [], FailureKind.DELIVERY, None) == {failure.id: True}
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    assert [each.headers["webhook-id"] for each in receiver.posts] == [event_id]
    assert listed(database, FailureKind.DELIVERY) == []


def gauge(name: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(f"servicepunt_{name}", labels)
    assert found is not None
    return found


def measured(database: Database) -> dict[str, float]:
    with database.reading() as uow:
        measure(uow)
    works = ("sequencing", "consumers", "deliveries", "mails")
    return {work: gauge("oldest_work_seconds", work=work) for work in works} | {
        "undelivered": gauge("oldest_undelivered_seconds")
    }


def test_what_the_gauges_say(database: Database, clock: MovingClock) -> None:
    nothing = dict.fromkeys(("sequencing", "consumers", "deliveries", "mails", "undelivered"), 0.0)
    assert measured(database) == nothing
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party))
        an_event(uow, party)
        queue_mail(uow, "told", {})
    clock.move(seconds=60)
    assert measured(database) == nothing | {"sequencing": 60, "mails": 60}
    with database.transaction() as uow:
        sequencer.sequence(uow, 10)
        uow.execute(insert(models.ConsumerCursor).values(consumer="ear", position=0, attempts=0))
        uow.execute(update(models.Mail).values(status=MailStatus.FAILED))
    clock.move(seconds=60)
    assert measured(database) == nothing | {"consumers": 120, "deliveries": 60, "undelivered": 120}
    assert gauge("dead_letters", kind="mail") == 1
    assert gauge("dead_letters", kind="consumer") == gauge("dead_letters", kind="delivery") == 0
    assert (gauge("webhooks", status="active"), gauge("webhooks", status="paused")) == (1, 0)
    # A receiver that fails is no fault of the worker.
    with database.transaction() as uow:
        uow.execute(update(models.Delivery).values(due_at=uow.now + timedelta(hours=1)))
        uow.execute(update(models.Webhook).values(failing_since=uow.now, failures=1))
        uow.execute(update(models.ConsumerCursor).values(position=1))
    assert measured(database) == nothing | {"undelivered": 120}


@pytest.mark.parametrize("outcome", ["delivered", "later"])
def test_attempts_are_counted(database: Database, receiver: Receiver, outcome: str) -> None:
    from tests.delivery.test_deliveries import answering

    receiver.answer = answering(204 if outcome == "delivered" else 500)
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party), receiver.url)
        an_event(uow, party)
        sequencer.sequence(uow, 10)
    before = REGISTRY.get_sample_value("servicepunt_delivery_attempts_total", {"outcome": outcome}) or 0
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    assert REGISTRY.get_sample_value("servicepunt_delivery_attempts_total", {"outcome": outcome}) == before + 1
