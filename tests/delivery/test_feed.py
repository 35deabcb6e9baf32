from __future__ import annotations

from typing import Any

import pytest

from service.access.actor import Actor
from service.delivery import sequencer
from service.delivery.events import publish
from service.delivery.feed import list_events
from service.delivery.schemas import EventPage
from service.kernel.database import Database
from service.kernel.problems import Problem
from tests.delivery.delivery_kit import a_party, an_actor, an_event


def sequence(database: Database) -> None:
    with database.transaction() as uow:
        sequencer.sequence(uow, 1000)


def read(database: Database, actor: Actor, **query: Any) -> dict[str, Any]:
    with database.reading() as uow:
        found = list_events(uow, actor, {"limit": 50} | query)
    EventPage().dump(found)
    assert isinstance(found["next"], str)
    return found


def subjects(page: dict[str, Any]) -> list[str]:
    return [item["subject"] for item in page["items"]]


def test_the_walk_finds_each_event_once_while_more_come(database: Database) -> None:
    with database.transaction() as uow:
        party, other = a_party(uow), a_party(uow)
        for number in range(5):
            an_event(uow, party, f"signals/{number}")
            an_event(uow, other, f"others/{number}")
    sequence(database)
    actor = an_actor("client", party)
    seen, cursor = [], None
    for round_ in range(12):
        page = read(database, actor, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += subjects(page)
        cursor = page["next"]
        if round_ < 3:
            with database.transaction() as uow:
                an_event(uow, party, f"later/{round_}")
            sequence(database)
    expected = [f"signals/{number}" for number in range(5)] + [f"later/{number}" for number in range(3)]
    assert sorted(seen) == sorted(expected)
    assert len(seen) == len(set(seen))


def test_at_the_end_next_is_where_to_go_on(database: Database) -> None:
    with database.transaction() as uow:
        party, other = a_party(uow), a_party(uow)
    actor = an_actor("client", party)
    empty = read(database, actor)
    assert empty["items"] == []
    with database.transaction() as uow:
        an_event(uow, party, "signals/1")
        an_event(uow, other, "signals/2")
    assert subjects(read(database, actor, cursor=empty["next"])) == []
    sequence(database)
    page = read(database, actor, cursor=empty["next"])
    assert subjects(page) == ["signals/1"]
    assert subjects(read(database, actor, cursor=page["next"])) == []


def test_only_one_s_own_parties(database: Database) -> None:
    with database.transaction() as uow:
        first, second, third = a_party(uow), a_party(uow), a_party(uow)
        publish(uow, "a.b", "signals/1", 1, [first, second])
        publish(uow, "a.b", "signals/2", 1, [third])
        publish(uow, "a.b", "signals/3", 1, [])
    sequence(database)
    assert subjects(read(database, an_actor("client", first))) == ["signals/1"]
    assert subjects(read(database, an_actor("client", first, second))) == ["signals/1"]
    assert subjects(read(database, an_actor("client", second, third))) == ["signals/1", "signals/2"]


def test_filters(database: Database) -> None:
    with database.transaction() as uow:
        party = a_party(uow)
        an_event(uow, party, "signals/1", type="signal.reported")
        an_event(uow, party, "signals/2", type="signal-import.done")
        an_event(uow, party, "signals/3", type="signal_x.done")
    sequence(database)
    actor = an_actor("client", party)
    for wanted in ("nl.servicepunt.signal", "signal", "signal.reported", "nl.servicepunt.signal.reported"):
        assert subjects(read(database, actor, type=wanted)) == ["signals/1"]
    assert subjects(read(database, actor, type="sig")) == []
    assert subjects(read(database, actor, subject="signals/2")) == ["signals/2"]


def test_a_strange_cursor_is_refused(database: Database) -> None:
    with pytest.raises(Problem) as caught:
        read(database, an_actor("client"), cursor="bm90LW91cnM.AAAA")
    assert caught.value.status == 400
