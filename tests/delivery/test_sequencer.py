from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.delivery import models, sequencer
from service.delivery.events import publish
from service.delivery.rules import WebhookStatus
from service.kernel.clock import amsterdam_day
from service.kernel.database import Base, Database
from tests.delivery.delivery_kit import (
    MovingClock,
    a_client,
    a_grant,
    a_party,
    a_webhook,
    an_event,
    make_settings,
    make_vault,
    rows,
)


def positions(database: Database) -> list[models.Event]:
    return rows(database, models.Event, models.Event.position)


def check_order(database: Database) -> None:
    found = positions(database)
    assert [event.position for event in found] == list(range(1, len(found) + 1))
    by_subject = defaultdict(list)
    for event in found:
        by_subject[event.subject].append(event.subject_version)
    assert all(versions == sorted(versions) for versions in by_subject.values())


def test_positions_have_no_gaps_and_follow_versions(database: Database, clock: MovingClock) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        an_event(uow, party, "signals/1", 1)
    # The later version belongs to the transaction that began first.
    clock.move(seconds=10)
    with database.transaction() as uow:
        an_event(uow, party, "signals/1", 2)
    clock.move(seconds=-20)
    with database.transaction() as uow:
        an_event(uow, party, "signals/1", 3)
        an_event(uow, party, "signals/2", 1)
    while True:
        with database.transaction() as uow:
            if not sequencer.sequence(uow, 1):
                break
    check_order(database)
    with database.reading() as uow:
        assert sequencer.head(uow) == 4
        assert not sequencer.has_work(uow)


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.integers(0, 3), st.integers(-3600, 3600)),
            st.integers(1, 4),
        ),
        max_size=40,
    )
)
def test_order_holds_for_any_interleaving_and_any_clock(steps: list[tuple[int, int] | int]) -> None:
    """A step is an event of a subject at some odd time, or a run of the sequencer with some limit."""
    clock = MovingClock()
    folder = tempfile.TemporaryDirectory()
    url = f"sqlite:///{folder.name}/events.db"
    database = Database(url, clock=clock, settings=make_settings(), vault=make_vault(), pool_size=1)
    tables = [models.Event.__table__, models.EventParty.__table__, models.Head.__table__]
    tables += [models.Webhook.__table__, models.Delivery.__table__]
    Base.metadata.create_all(database.engine, tables=tables)  # type: ignore[arg-type]
    start, count = clock.now, 0
    versions: dict[int, int] = defaultdict(int)
    for step in steps:
        with database.transaction() as uow:
            if isinstance(step, int):
                sequencer.sequence(uow, step)
            else:
                subject, offset = step
                uow.now = start + timedelta(seconds=offset)
                versions[subject] += 1
                count += 1
                publish(uow, "a.b", f"signals/{subject}", versions[subject], [])
    with database.transaction() as uow:
        sequencer.sequence(uow, 1000)
    check_order(database)
    assert len(positions(database)) == count
    database.close()
    folder.cleanup()


def test_two_at_once_leave_no_gap_and_no_double(url: str, database: Database, clock: MovingClock) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        a_webhook(uow, a_client(uow, party))
        for number in range(60):
            an_event(uow, party, f"signals/{number % 7}", number // 7 + 1)
    other = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    given, errors = [], []

    def work(own: Database) -> None:
        try:
            for _ in range(10):
                with own.transaction() as uow:
                    given.append(sequencer.sequence(uow, 5))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(own,)) for own in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not errors
    assert sum(given) == 60
    check_order(database)
    assert [row.position for row in rows(database, models.Delivery, models.Delivery.position)] == list(range(1, 61))


def test_deliveries_go_to_those_who_may_act_for_a_reader(database: Database) -> None:
    today = amsterdam_day(database.clock())
    day = timedelta(days=1)
    with database.transaction() as uow:
        reader, other = a_party(uow), a_party(uow, PartyKind.WSP)
        bureau = a_party(uow)
        own = a_client(uow, reader)
        expected = {
            "own": a_webhook(uow, own)[0],
            "own, by type": a_webhook(uow, own, types=("nl.servicepunt.signal",))[0],
        }
        a_webhook(uow, own, types=("vacancy", "sig"))
        a_webhook(uow, own, status=WebhookStatus.PAUSED)
        a_webhook(uow, own, status=WebhookStatus.PENDING)
        a_webhook(uow, a_client(uow, other))
        a_webhook(uow, a_client(uow, reader, revoked_at=uow.now))
        for name, first, last in (
            ("from today", today, None),
            ("until today", today - day, today),
            ("over", today - 2 * day, today - day),
            ("not yet", today + day, None),
        ):
            client = a_client(uow, bureau)
            a_grant(uow, client, reader, first, last)
            expected[name] = a_webhook(uow, client)[0]
        # May act twice for the same reader, and is told once.
        double = a_client(uow, reader)
        a_grant(uow, double, other, today, None)
        expected["double"] = a_webhook(uow, double)[0]
        publish(uow, "signal.reported", "signals/1", 1, [reader, other])
        publish(uow, "signal.reported", "signals/2", 1, [])
    with database.transaction() as uow:
        assert sequencer.sequence(uow, 100) == 2
    told = [row.webhook_id for row in rows(database, models.Delivery, models.Delivery.id)]
    other_webhooks = {
        row.id
        for row in rows(database, models.Webhook, models.Webhook.id)
        if row.id not in expected.values() and row.id in told
    }
    assert expected.pop("over") not in told
    assert expected.pop("not yet") not in told
    assert set(expected.values()) <= set(told)
    assert len(told) == len(set(told))
    # Only the other reader's own webhook is beside those that are named.
    assert len(other_webhooks) == 1


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_a_second_run_finds_nothing(database: Database, limit: int) -> None:
    with database.transaction() as uow:
        an_event(uow, a_party(uow))
    for expected in (1, 0):
        with database.transaction() as uow:
            assert sequencer.sequence(uow, limit) == expected
