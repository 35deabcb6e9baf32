from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from service.access.models import UsedAssertion
from service.delivery import models
from service.delivery.events import publish, queue_mail
from service.delivery.room import ROOM
from service.delivery.rules import DeliveryStatus, MailStatus, WebhookStatus
from service.kernel.database import Database, UnitOfWork
from service.kernel.idempotency import StoredAnswer
from service.kernel.ids import new_id
from service.kernel.room import Consumer, MailText, Room, Timer
from service.worker import Worker
from tests.delivery.delivery_kit import (
    MovingClock,
    Receiver,
    a_client,
    a_party,
    a_webhook,
    an_event,
    reply,
    rows,
)


class Alarm:
    """A timer: rows of used_assertion that are due, each of which it takes away."""

    def __init__(self, name: str = "alarm") -> None:
        self.fired: list[str] = []
        self.broken: set[str] = set()
        self.timer = Timer(name, self.due, self.fire)

    def due(self, uow: UnitOfWork, limit: int) -> list[str]:
        found = select(UsedAssertion.jti).where(UsedAssertion.expires_at <= uow.now).order_by(UsedAssertion.jti)
        return list(uow.execute(found.limit(limit)).scalars())

    def fire(self, uow: UnitOfWork, row_id: str) -> None:
        self.fired.append(row_id)
        uow.execute(update(UsedAssertion).where(UsedAssertion.jti == row_id).values(expires_at=uow.now + timedelta(9)))
        if row_id in self.broken:
            raise ValueError("a BSN might stand here")


def set_alarms(database: Database, *ids: str) -> None:
    with database.transaction() as uow:
        values = [{"client_id": "x", "jti": row_id, "expires_at": uow.now} for row_id in ids]
        uow.execute(insert(UsedAssertion), values)


def a_worker(database: Database, *rooms: Room) -> Worker:
    return Worker(database, (ROOM, *rooms), database.settings, threading.Event())


def test_from_registration_to_arrival(database: Database, receiver: Receiver) -> None:
    told: list[Mapping[str, Any]] = []

    def pass_on(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
        told.append(event)
        queue_mail(uow, "told", event["data"])
        publish(uow, "signal.passed-on", event["subject"], event["subject_version"] + 1, [party])

    room = Room(
        name="above",
        consumers=(Consumer("above", frozenset({"signal.reported"}), pass_on),),
        mails={"told": lambda uow, data: MailText("a@example.nl", "Dag", ("Dag.",))},
        timers=((alarm := Alarm()).timer,),
    )
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party), receiver.url, status=WebhookStatus.PENDING)
    set_alarms(database, "1", "2")
    worker = a_worker(database, room)
    assert worker.run_until_idle() == {"handshakes": 2, "timers": 2}
    with database.transaction() as uow:
        publish(uow, "signal.reported", "signals/1", 1, [party], {"signalId": "1"})
    counts = worker.run_until_idle()
    assert counts == {"sequenced": 2, "consumed": 1, "deliveries": 4, "mails": 1}
    assert [heard.method for heard in receiver.heard] == ["OPTIONS", "POST", "POST"]
    assert [row.status for row in rows(database, models.Delivery)] == [DeliveryStatus.DELIVERED] * 2
    assert rows(database, models.Mail)[0].status is MailStatus.KEPT
    assert alarm.fired == ["1", "2"]
    assert len(told) == 1
    assert not worker.run_until_idle()
    worker.close()


def test_a_timer_that_fails_stops_no_other(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    alarm, second = Alarm(), Alarm("second")
    alarm.broken = {"1"}
    set_alarms(database, "1", "2", "3")

    def not_due(uow: UnitOfWork, limit: int) -> list[str]:
        raise RuntimeError("123456782")

    broken = Timer("broken", not_due, alarm.fire)
    worker = a_worker(database, Room(name="above", timers=(broken, alarm.timer, second.timer)))
    worker.run_until_idle()
    assert alarm.fired == ["1", "2", "3"]
    assert second.fired == ["1"]
    # It waits; its row is as it was, for the second timer took it.
    worker.run_until_idle()
    assert alarm.fired == ["1", "2", "3"]
    worker.close()
    printed = capsys.readouterr().out
    assert "ValueError" in printed
    assert "RuntimeError" in printed
    assert "BSN" not in printed
    assert "123456782" not in printed


def test_many_at_once_and_one_by_one_where_that_fails(database: Database) -> None:
    alarm, together = Alarm(), []

    def fire_many(uow: UnitOfWork, ids: Sequence[str]) -> None:
        together.append(list(ids))
        for each in ids:
            alarm.fire(uow, each)

    set_alarms(database, "1", "2", "3")
    timer = replace(alarm.timer, fire_many=fire_many, at_once=2)
    worker = a_worker(database, Room(name="above", timers=(timer,)))
    assert worker.run_until_idle() == {"timers": 3}
    assert together == [["1", "2"], ["3"]]
    set_alarms(database, "4", "5")
    alarm.fired, alarm.broken = [], {"4"}
    assert worker.run_until_idle() == {"timers": 1}
    assert alarm.fired == ["4", "4", "5"], "together, then each alone"
    worker.close()


def test_failing_rows_do_not_stand_in_front(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.worker.TIMER_BATCH", 2)
    alarm = Alarm()
    alarm.broken = {"1", "2", "3"}
    set_alarms(database, "1", "2", "3", "4", "5")
    worker = a_worker(database, Room(name="above", timers=(alarm.timer,)))
    for _ in range(4):
        worker.round()
    worker.close()
    assert alarm.fired == ["1", "2", "3", "4", "5"]


def test_what_is_over_its_term_goes(database: Database, clock: MovingClock) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party))
        an_event(uow, party)
        uow.execute(
            insert(StoredAnswer).values(
                client_id="x", key="y", id=new_id(), fingerprint=b"", answer=b"", created_at=uow.now
            )
        )
        queue_mail(uow, "told", {})
    worker = a_worker(database, Room(name="above", mails={"told": lambda uow, data: None}))
    worker.run_until_idle()
    clock.move(days=29)
    with database.transaction() as uow:
        an_event(uow, party, "signals/2")
    worker.run_until_idle()
    assert len(rows(database, models.Event)) == 2
    assert rows(database, StoredAnswer) == []
    clock.move(days=1)
    assert worker.run_until_idle()["purged"] == 1
    assert [row.subject for row in rows(database, models.Event)] == ["signals/2"]
    assert [row.subject for row in rows(database, models.Delivery)] == ["signals/2"]
    assert len(rows(database, models.EventParty)) == 1
    assert len(rows(database, models.Mail)) == 1
    clock.move(days=336)
    worker.run_until_idle()
    assert rows(database, models.Mail) == []
    worker.close()


def test_it_survives_a_database_that_goes_away(
    database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party), receiver.url)
    worker = a_worker(database)
    thread = threading.Thread(target=worker.run)
    thread.start()
    away = threading.Event()
    for name in ("transaction", "reading"):
        working = getattr(database, name)

        @contextlib.contextmanager
        def sometimes(working: Any = working) -> Any:
            if away.is_set():
                raise OperationalError("SELECT 123456782", None, Exception("gone"))
            with working() as uow:
                yield uow

        monkeypatch.setattr(database, name, sometimes)
    away.set()
    time.sleep(1.2)
    assert thread.is_alive()
    away.clear()
    with database.transaction() as uow:
        an_event(uow, party)
    end = time.monotonic() + 15
    while not receiver.posts and time.monotonic() < end:
        time.sleep(0.02)
    worker.stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(receiver.posts) == 1
    assert rows(database, models.Delivery)[0].status is DeliveryStatus.DELIVERED


def test_the_end_waits_for_what_is_under_way(database: Database, receiver: Receiver) -> None:
    arrived = threading.Event()

    def slow(handler: Any, heard: Any) -> None:
        arrived.set()
        time.sleep(0.5)
        reply(handler, 204)

    receiver.answer = slow
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party), receiver.url)
        an_event(uow, party)
    worker = a_worker(database)
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert arrived.wait(10)
    worker.stop.set()
    thread.join(10)
    assert not thread.is_alive()
    [row] = rows(database, models.Delivery)
    assert (row.status, row.leased_until) == (DeliveryStatus.DELIVERED, None)


def test_names_stand_once(database: Database) -> None:
    alarm = Alarm()
    with pytest.raises(ValueError, match="alarm"):
        a_worker(database, Room(name="a", timers=(alarm.timer,)), Room(name="b", timers=(alarm.timer,)))
    twice = {"told": lambda uow, data: None}
    with pytest.raises(ValueError, match="told"):
        a_worker(database, Room(name="a", mails=twice), Room(name="b", mails=twice))
