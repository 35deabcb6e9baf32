from __future__ import annotations

import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from sqlalchemy import delete, update
from standardwebhooks.webhooks import Webhook as Verifier

from service.access.models import Client
from service.delivery import models, sequencer
from service.delivery.deliveries import AT_ONCE, Deliveries
from service.delivery.rules import SCHEDULE, DeliveryStatus, WebhookStatus
from service.delivery.sender import Sender
from service.kernel.database import Database
from tests.delivery.delivery_kit import (
    Heard,
    MovingClock,
    Receiver,
    a_client,
    a_grant,
    a_party,
    a_receiver,
    a_webhook,
    an_event,
    make_settings,
    make_vault,
    reply,
    rows,
    with_settings,
)


def a_lane(database: Database, **values: Any) -> Deliveries:
    return Deliveries(database, Sender(seconds=values.pop("seconds", 2.0), private_targets=True), **values)


def until_idle(lane: Deliveries) -> int:
    total = 0
    while (done := lane.step()) or lane.is_busy:
        total += done
        if lane.is_busy:
            lane.wait(0.02)
    return total


def sequence(database: Database) -> None:
    with database.transaction() as uow:
        sequencer.sequence(uow, 10_000)


def setup(database: Database, *urls: str, subjects: list[str] | None = None) -> list[tuple[str, str]]:
    """Webhooks of one reader at these addresses, and an event per subject, versions counted. (id, secret) of each."""
    versions: dict[str, int] = defaultdict(int)
    with database.transaction() as uow:
        party = a_party(uow)
        found = [a_webhook(uow, a_client(uow, party), url) for url in urls]
        for subject in subjects or ["signals/1"]:
            versions[subject] += 1
            an_event(uow, party, subject, versions[subject])
    sequence(database)
    return found


def deliveries(database: Database) -> list[Any]:
    return rows(database, models.Delivery, models.Delivery.position)


def answering(status: int, headers: dict[str, str] | None = None) -> Callable[[BaseHTTPRequestHandler, Heard], None]:
    return lambda handler, heard: reply(handler, status, headers)


def test_what_arrives_is_signed_and_is_a_cloudevent(database: Database, receiver: Receiver) -> None:
    [(_, secret)] = setup(database, receiver.url)
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    [heard] = receiver.posts
    assert Verifier(secret).verify(heard.body, heard.headers)["subject"] == "signals/1"
    event = from_http(HTTPMessage(heard.headers, heard.body), JSONFormat())
    [row] = deliveries(database)
    assert event.get_id() == heard.headers["webhook-id"] == row.event_id
    assert heard.headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
    assert heard.headers["webhook-request-origin"] == "servicepunt.example.nl"
    assert (row.status, row.attempts, row.last_status) == (DeliveryStatus.DELIVERED, 1, 204)
    assert row.delivered_at == database.clock()
    assert row.leased_until is None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_success_is_any_2xx(database: Database, receiver: Receiver, status: int) -> None:
    receiver.answer = answering(status)
    setup(database, receiver.url)
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    assert deliveries(database)[0].status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 415, 429, 500, 503])
def test_anything_else_is_tried_again(database: Database, receiver: Receiver, status: int) -> None:
    receiver.answer = answering(status, {"Location": receiver.url})
    setup(database, receiver.url)
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    [row] = deliveries(database)
    assert len(receiver.posts) == 1
    assert (row.status, row.attempts, row.last_status) == (DeliveryStatus.PENDING, 1, status)
    pause = row.due_at - database.clock()
    assert SCHEDULE[1] <= pause <= SCHEDULE[1] * 1.1


def test_three_days_of_the_same_message_and_then_no_more(
    database: Database, clock: MovingClock, receiver: Receiver
) -> None:
    receiver.answer = answering(500)
    setup(database, receiver.url, subjects=["signals/1", "signals/1"])
    lane = a_lane(database)
    start = clock.now
    for attempt in range(1, len(SCHEDULE) + 1):
        until_idle(lane)
        assert len([heard for heard in receiver.posts if b"0000000001" in heard.body]) == attempt
        clock.now = max(clock.now, deliveries(database)[0].due_at)
    first, second = deliveries(database)
    assert (first.status, first.attempts) == (DeliveryStatus.FAILED, 10)
    assert timedelta(hours=75) < clock.now - start < timedelta(hours=84)
    *ten, last = receiver.posts
    assert len({heard.body for heard in ten}) == 1
    assert {heard.headers["webhook-id"] for heard in ten} == {first.event_id}
    assert len({heard.headers["webhook-timestamp"] for heard in ten}) == 10
    assert len({heard.headers["webhook-signature"] for heard in ten}) == 10
    # The next of the subject waited for it.
    assert last.headers["webhook-id"] == second.event_id
    assert second.attempts == 1
    lane.close(1)


def test_retry_after_is_obeyed(database: Database, clock: MovingClock, receiver: Receiver) -> None:
    at = clock.now + timedelta(minutes=20)
    for header, low, high in (
        ("60", 60, 66),
        (format_datetime(at, usegmt=True), 1199, 1320),
        ("9999999", 86400, 95040),
        ("1", 5, 5.5),
    ):
        receiver.answer = answering(503, {"Retry-After": header})
        with database.transaction() as uow:
            uow.execute(delete(models.Webhook))
        [(webhook, _)] = setup(database, receiver.url)
        lane = a_lane(database)
        until_idle(lane)
        lane.close(1)
        [row] = [row for row in deliveries(database) if row.webhook_id == webhook]
        assert low <= (row.due_at - clock.now).total_seconds() <= high, header


def test_410_is_the_end(database: Database, receiver: Receiver) -> None:
    receiver.answer = answering(410)
    with a_receiver() as healthy:
        (gone, _), (fine, _) = setup(
            database, receiver.url, healthy.url, subjects=["signals/1", "signals/1", "signals/1"]
        )
        lane = a_lane(database)
        until_idle(lane)
        lane.close(1)
        assert len(receiver.posts) == 1
        assert len(healthy.posts) == 3
    by_id = {row.id: row for row in rows(database, models.Webhook, models.Webhook.id)}
    assert (by_id[gone].status, by_id[gone].last_error, by_id[gone].version) == (WebhookStatus.DISABLED, "gone", 2)
    assert by_id[fine].status is WebhookStatus.ACTIVE
    assert {row.status for row in deliveries(database) if row.webhook_id == gone} == {DeliveryStatus.FAILED}


def test_no_answer_is_tried_again_with_the_reason(database: Database) -> None:
    with a_receiver() as receiver:
        url = receiver.url
    setup(database, url)
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    [row] = deliveries(database)
    assert (row.status, row.attempts, row.last_status) == (DeliveryStatus.PENDING, 1, None)
    assert row.last_error == "no-connection"


def test_order_per_subject_holds_through_failures(database: Database, clock: MovingClock, receiver: Receiver) -> None:
    subjects = [f"signals/{number % 4}" for number in range(24)]
    calls = itertools.count(1)

    def moody(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        if next(calls) % 3 == 0:
            reply(handler, 500)
        else:
            accepted.append(json.loads(heard.body))
            reply(handler, 204)

    accepted: list[dict[str, Any]] = []
    receiver.answer = moody
    setup(database, receiver.url, subjects=subjects)
    lane = a_lane(database)
    for _ in range(100):
        until_idle(lane)
        if all(row.status is DeliveryStatus.DELIVERED for row in deliveries(database)):
            break
        clock.move(hours=25)
    lane.close(1)
    by_subject: dict[str, list[str]] = defaultdict(list)
    for event in accepted:
        by_subject[event["subject"]].append(event["sequence"])
    assert sum(map(len, by_subject.values())) == 24
    assert all(versions == sorted(set(versions)) for versions in by_subject.values())


def test_other_subjects_do_not_wait(database: Database, receiver: Receiver) -> None:
    receiver.answer = lambda handler, heard: reply(handler, 500 if b"signals/1" in heard.body else 200)
    setup(database, receiver.url, subjects=["signals/1", "signals/1", "signals/2", "signals/2"])
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    found = [(row.subject, row.attempts, row.status) for row in deliveries(database)]
    assert ("signals/1", 1, DeliveryStatus.PENDING) in found
    assert ("signals/1", 0, DeliveryStatus.PENDING) in found
    assert found.count(("signals/2", 1, DeliveryStatus.DELIVERED)) == 2


def test_one_hanging_receiver_delays_nobody(database: Database) -> None:
    release = threading.Event()

    def hang(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        release.wait(30)

    with a_receiver(hang) as hanging, a_receiver() as healthy:
        healthy_urls = [f"{healthy.url}/{number}" for number in range(5)]
        setup(database, hanging.url, *healthy_urls, subjects=[f"signals/{number}" for number in range(25)])
        lane = a_lane(database, threads=8, seconds=30.0)
        start = time.monotonic()
        while len(healthy.posts) < 125 and time.monotonic() - start < 20:
            lane.step()
            lane.wait(0.05)
        assert len(healthy.posts) == 125
        assert 0 < len(hanging.posts) <= AT_ONCE
        assert lane.under_way.total() >= 1
        release.set()
        lane.close(5)


def test_a_receiver_that_fails_gets_one_at_a_time(database: Database, clock: MovingClock) -> None:
    at_once, most, lock, all_there = 0, [0], threading.Lock(), threading.Event()

    def slow_failure(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        nonlocal at_once
        with lock:
            at_once += 1
            most[-1] = max(most[-1], at_once)
            if at_once == AT_ONCE:
                all_there.set()
        # The first ones wait for each other, so that a busy machine has time to bring them together.
        all_there.wait(10)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        reply(handler, 500)

    with a_receiver(slow_failure) as receiver:
        setup(database, receiver.url, subjects=[f"signals/{number}" for number in range(12)])
        lane = a_lane(database)
        until_idle(lane)
        assert most == [AT_ONCE]
        most.append(0)
        clock.move(seconds=10)
        until_idle(lane)
        lane.close(1)
    assert len(receiver.posts) == 24
    assert most[1] == 1


def test_a_lost_lease_cannot_mark(database: Database, url: str, clock: MovingClock, receiver: Receiver) -> None:
    """One worker sleeps while it holds a delivery; another takes it over; the first may no longer say how it went."""
    release = threading.Event()
    calls = []

    def first_hangs(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        calls.append(heard)
        if len(calls) == 1:
            release.wait(5)
            reply(handler, 410)
        else:
            reply(handler, 200)

    receiver.answer = first_hangs
    setup(database, receiver.url)
    other_database = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    slow, quick = a_lane(database, seconds=6.0), a_lane(other_database)
    assert slow.step() == 1
    assert quick.step() == 0
    clock.move(seconds=31)
    until_idle(quick)
    [row] = deliveries(database)
    assert (row.status, row.fence, row.attempts) == (DeliveryStatus.DELIVERED, 2, 1)
    release.set()
    until_idle(slow)
    assert deliveries(database) == [row]
    assert rows(database, models.Webhook)[0].status is WebhookStatus.ACTIVE
    slow.close(1)
    quick.close(1)
    other_database.close()


def test_two_workers_share_and_keep_the_order(
    database: Database, url: str, clock: MovingClock, receiver: Receiver
) -> None:
    setup(database, receiver.url, subjects=[f"signals/{number % 6}" for number in range(60)])
    other_database = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    lanes = [a_lane(database), a_lane(other_database)]

    def work(lane: Deliveries) -> None:
        while len(receiver.posts) < 60:
            lane.step()
            lane.wait(0.01)
        until_idle(lane)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        lane.close(1)
    other_database.close()
    assert len({heard.headers["webhook-id"] for heard in receiver.posts}) == len(receiver.posts) == 60
    by_subject: dict[str, list[str]] = defaultdict(list)
    for heard in receiver.posts:
        event = json.loads(heard.body)
        by_subject[event["subject"]].append(event["sequence"])
    assert all(versions == sorted(versions) for versions in by_subject.values())


def test_paused_and_revoked_get_nothing(database: Database, receiver: Receiver) -> None:
    (first, _), _ = setup(database, receiver.url, receiver.url)
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).where(models.Webhook.id == first).values(status=WebhookStatus.PAUSED))
        [other] = [row.client_id for row in rows(database, models.Webhook) if row.id != first]
        uow.execute(update(Client).where(Client.id == other).values(revoked_at=uow.now))
    lane = a_lane(database)
    assert until_idle(lane) == 0
    lane.close(1)
    assert receiver.posts == []


def test_what_was_sent_is_marked_at_the_end(database: Database, receiver: Receiver) -> None:
    def slow(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        time.sleep(0.3)
        reply(handler, 200)

    receiver.answer = slow
    setup(database, receiver.url)
    lane = a_lane(database)
    lane.step()
    assert deliveries(database)[0].status is DeliveryStatus.PENDING
    lane.close(5)
    assert deliveries(database)[0].status is DeliveryStatus.DELIVERED


def test_the_receiver_gets_the_event_only_by_the_setting(database: Database, receiver: Receiver) -> None:
    setup(with_settings(database, webhook_private_targets=False), receiver.url)
    lane = Deliveries(database, Sender.from_settings(database.settings))
    until_idle(lane)
    lane.close(1)
    assert receiver.heard == []
    assert deliveries(database)[0].last_error == "refused-target"


def test_what_waits_when_a_grant_ends_is_not_sent(database: Database, receiver: Receiver) -> None:
    clock = database.clock
    assert isinstance(clock, MovingClock)
    with database.transaction() as uow:
        own, other = a_party(uow), a_party(uow)
        client = a_client(uow, own)
        a_grant(uow, client, other, uow.today, uow.today)
        a_webhook(uow, client, receiver.url)
        an_event(uow, other, "signals/1", 1)
        an_event(uow, other, "signals/1", 2)
        kept = an_event(uow, own, "signals/2", 1)
    sequence(database)
    clock.move(days=1)
    until_idle(a_lane(database))
    assert [json.loads(each.body)["id"] for each in receiver.posts] == [kept]
    assert [(row.status, row.last_error) for row in deliveries(database)] == [
        (DeliveryStatus.FAILED, "access-ended"),
        (DeliveryStatus.FAILED, "access-ended"),
        (DeliveryStatus.DELIVERED, None),
    ]
