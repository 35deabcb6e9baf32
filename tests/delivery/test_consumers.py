from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from service.access.models import UsedAssertion
from service.delivery import consumers, models, sequencer
from service.delivery.events import publish
from service.kernel.database import Database, UnitOfWork
from service.kernel.room import Consumer
from tests.delivery.delivery_kit import MovingClock, make_settings, make_vault, rows


def write(database: Database, *types: str) -> None:
    with database.transaction() as uow:
        for number, type in enumerate(types):
            publish(uow, type, f"things/{number}", 1, [])
    with database.transaction() as uow:
        sequencer.sequence(uow, 1000)


class Ear:
    """A consumer that writes down what it handled, in the database, and fails where it is told to."""

    def __init__(self, name: str, *types: str) -> None:
        self.tried: list[int] = []
        self.fails: set[int] = set()
        self.consumer = Consumer(name, frozenset(types), self.handle)

    def handle(self, uow: UnitOfWork, event: Mapping[str, Any]) -> None:
        self.tried.append(event["position"])
        uow.execute(
            insert(UsedAssertion).values(client_id=self.consumer.name, jti=str(event["position"]), expires_at=uow.now)
        )
        if event["position"] in self.fails:
            raise ValueError("a BSN might stand here")

    def handled(self, database: Database) -> list[int]:
        found = rows(database, UsedAssertion)
        return sorted(int(row.jti) for row in found if row.client_id == self.consumer.name)


def consume_all(database: Database, *ears: Ear) -> int:
    total = 0
    while True:
        with database.reading() as uow:
            behind = consumers.behind(uow, [ear.consumer for ear in ears])
        done = sum(consumers.consume(database, consumer, 3) for consumer in behind)
        total += done
        if not done:
            return total


def test_each_event_of_its_types_once_and_in_order(database: Database) -> None:
    write(database, "a", "b", "a", "c", "b", "b")
    ear, other = Ear("first", "a", "b"), Ear("second", "c")
    assert consume_all(database, ear, other) == 6
    assert ear.tried == [1, 2, 3, 5, 6]
    assert other.tried == [4]
    assert consume_all(database, ear, other) == 0
    # It has seen the end, and nothing is before it.
    assert {row.position for row in rows(database, models.ConsumerCursor)} == {6}
    write(database, "c")
    assert consume_all(database, ear, other) == 1
    assert other.tried == [4, 7]


def test_what_a_consumer_is_told(database: Database) -> None:
    told: list[Mapping[str, Any]] = []
    with database.transaction() as uow:
        publish(uow, "a", "things/1", 3, [], {"thingId": "1"}, because="b")
        sequencer.sequence(uow, 10)
    consumers.consume(database, Consumer("c", frozenset({"a"}), lambda uow, event: told.append(event)), 10)
    assert {name: told[0][name] for name in ("type", "subject", "subject_version", "data", "because", "position")} == {
        "type": "a",
        "subject": "things/1",
        "subject_version": 3,
        "data": {"thingId": "1"},
        "because": "b",
        "position": 1,
    }


def test_a_failing_event_is_tried_ten_times_then_set_aside(
    database: Database, clock: MovingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, "a", "a", "a")
    ear, other = Ear("first", "a"), Ear("second", "a")
    ear.fails = {2}
    for attempt in range(1, 10):
        consume_all(database, ear, other)
        assert ear.tried == [1] + [2] * attempt
        assert ear.handled(database) == [1]
        # It waits, and stands in nobody's way.
        assert other.handled(database) == [1, 2, 3]
        clock.move(minutes=6)
    consume_all(database, ear, other)
    assert ear.tried == [1] + [2] * 10 + [3]
    assert ear.handled(database) == [1, 3]
    [failure] = rows(database, models.ConsumerFailure)
    assert (failure.consumer, failure.position, failure.attempts, failure.error) == ("first", 2, 10, "ValueError")
    assert "BSN" not in capsys.readouterr().out


def test_one_that_recovers_goes_on(database: Database, clock: MovingClock) -> None:
    write(database, "a", "a")
    ear = Ear("first", "a")
    ear.fails = {1}
    consume_all(database, ear)
    clock.move(minutes=1)
    ear.fails = set()
    assert consume_all(database, ear) == 2
    assert ear.handled(database) == [1, 2]
    [cursor] = rows(database, models.ConsumerCursor)
    assert (cursor.attempts, cursor.due_at) == (0, None)


def test_two_workers_handle_each_event_once(database: Database, url: str, clock: MovingClock) -> None:
    write(database, *["a"] * 30)
    other = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    ear = Ear("first", "a")
    threads = [
        threading.Thread(target=lambda own=own: [consumers.consume(own, ear.consumer, 50) for _ in range(20)])
        for own in (database, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    consume_all(database, ear)
    other.close()
    assert ear.tried == list(range(1, 31))
