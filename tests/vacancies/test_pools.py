"""Mobility pools: who keeps them, who sees them, and from when until when somebody is a member."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from service.access.actor import ActingParty, Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.models import Event
from service.kernel.database import Database, UnitOfWork
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.vacancies.pools import operations as pools
from service.vacancies.pools.schemas import MemberBody, PoolBody, PoolChange
from tests.support.house import SettableClock
from tests.vacancies.parties import add_party

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
TODAY = date(2027, 3, 1)
ANY = Expected(None)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def party(database: Database) -> Callable[..., Actor]:
    def make(kind: PartyKind, name: str = "Iemand") -> Actor:
        with database.transaction() as uow:
            return add_party(uow, kind, name)

    return make


@pytest.fixture
def desk(party: Callable[..., Actor]) -> Actor:
    return party(PartyKind.DESK)


def new_pool(database: Database, desk: Actor) -> str:
    with database.transaction() as uow:
        body = PoolBody().load({"name": "Samen sterk", "regionCodes": ["AM01"], "email": "pool@example.nl"})
        return str(pools.create_pool(uow, desk, body)["id"])


def join(database: Database, desk: Actor, pool_id: str, who: Actor, **term: Any) -> dict[str, Any]:
    body = MemberBody().load({"partyId": who.party.id, **term})
    with database.transaction() as uow:
        return pools.add_member(uow, desk, pool_id, body)


def sees(database: Database, actor: Actor) -> list[str]:
    with database.reading() as uow:
        return [item["name"] for item in pools.list_pools(uow, actor, {"limit": 50})["items"]]


def test_a_pool_is_a_party_with_the_same_id(database: Database, desk: Actor) -> None:
    pool_id = new_pool(database, desk)
    with database.reading() as uow:
        party = uow.session.get_one(Party, pool_id)
        assert (party.kind, party.name, party.email) == ("mobility_pool", "Samen sterk", "pool@example.nl")
        assert pools.get_pool(uow, desk, pool_id)["region_codes"] == ["AM01"]


def test_a_pool_can_be_changed_and_is_found_by_its_regions(database: Database, desk: Actor) -> None:
    pool_id = new_pool(database, desk)
    with database.transaction() as uow:
        everywhere = pools.create_pool(uow, desk, PoolBody().load({"name": "Overal"}))["id"]
        body = PoolChange().load({"name": "Sterker", "regionCodes": ["AM02", "AM01"], "email": None}, partial=True)
        changed = pools.change_pool(uow, desk, pool_id, body, ANY)
        assert (changed["name"], changed["region_codes"]) == ("Sterker", ["AM01", "AM02"])
    with database.reading() as uow:
        party = uow.session.get_one(Party, pool_id)
        assert (party.name, party.email) == ("Sterker", None)

        def found(**query: str) -> list[str]:
            return [one["id"] for one in pools.list_pools(uow, desk, {"limit": 50, **query})["items"]]

        assert found(region_code="AM02") == found() == [pool_id, everywhere]
        assert found(region_code="AM03") == [everywhere]
        assert pools.get_pool(uow, desk, pool_id)["version"] == changed["version"] > 1


def test_only_the_desk_and_the_operator_keep_pools(database: Database, party: Callable[..., Actor]) -> None:
    new_pool(database, party(PartyKind.OPERATOR))
    for kind in set(PartyKind) - {PartyKind.DESK, PartyKind.OPERATOR}:
        actor = party(kind)
        with pytest.raises(Problem) as refused, database.transaction() as uow:
            pools.create_pool(uow, actor, PoolBody().load({"name": "Nieuw"}))
        assert refused.value.status == 403


def test_who_sees_a_pool(database: Database, desk: Actor, party: Callable[..., Actor]) -> None:
    pool_id = new_pool(database, desk)
    employer, stranger = party(PartyKind.EMPLOYER), party(PartyKind.EMPLOYER)
    join(database, desk, pool_id, employer)
    pool = Actor("pool", (ActingParty(pool_id, PartyKind.MOBILITY_POOL, "Samen sterk"),), frozenset())
    for actor in (employer, pool, desk, party(PartyKind.UWV), party(PartyKind.OPERATOR)):
        assert sees(database, actor) == ["Samen sterk"]
    for actor in (stranger, party(PartyKind.WSP), party(PartyKind.MOBILITY_POOL)):
        assert sees(database, actor) == []
        with pytest.raises(Problem) as refused, database.reading() as uow:
            pools.get_pool(uow, actor, pool_id)
        assert refused.value.status == 404


def test_members_see_each_other_only_while_they_take_part(
    database: Database, desk: Actor, party: Callable[..., Actor]
) -> None:
    pool_id = new_pool(database, desk)
    now, former = party(PartyKind.EMPLOYER, "Nu"), party(PartyKind.WSP, "Vroeger")
    join(database, desk, pool_id, now)
    join(database, desk, pool_id, former, validFrom="2026-01-01", validUntil="2027-02-28")

    def names(actor: Actor, **query: Any) -> set[str]:
        with database.reading() as uow:
            found = pools.list_members(uow, actor, pool_id, {"limit": 50, **query})
        return {item["name"] for item in found["items"]}

    assert names(now) == {"Nu", "Vroeger"}
    assert names(now, current=True) == {"Nu"}
    assert names(former) == {"Vroeger"}
    assert names(desk) == {"Nu", "Vroeger"}


@pytest.mark.parametrize(
    ("term", "is_member"),
    [
        ({}, True),
        ({"validFrom": "2027-03-01", "validUntil": "2027-03-01"}, True),
        ({"validFrom": "2027-03-02"}, False),
        ({"validFrom": "2026-01-01", "validUntil": "2027-02-28"}, False),
    ],
)
def test_the_first_and_last_day_count(
    database: Database, desk: Actor, party: Callable[..., Actor], term: dict[str, str], is_member: bool
) -> None:
    pool_id, employer = new_pool(database, desk), party(PartyKind.EMPLOYER)
    join(database, desk, pool_id, employer, **term)
    with database.reading() as uow:
        assert pools.pools_of(uow, employer.party.id) == ([pool_id] if is_member else [])


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        ({}, {}, False),
        ({"validUntil": "2027-06-30"}, {"validFrom": "2027-07-01"}, True),
        ({"validUntil": "2027-06-30"}, {"validFrom": "2027-06-30"}, False),
        ({"validFrom": "2027-07-01"}, {"validUntil": "2027-06-30"}, True),
        ({"validFrom": "2027-07-01"}, {"validUntil": "2027-07-01"}, False),
    ],
)
def test_nobody_is_a_member_twice_at_once(
    database: Database, desk: Actor, party: Callable[..., Actor], first: Any, second: Any, fits: bool
) -> None:
    pool_id, employer = new_pool(database, desk), party(PartyKind.EMPLOYER)
    made = join(database, desk, pool_id, employer, **first)
    if fits:
        join(database, desk, pool_id, employer, **second)
        return
    with pytest.raises(Problem) as refused:
        join(database, desk, pool_id, employer, **second)
    assert refused.value.code == "already-member"
    assert refused.value.extra["existing"] == f"/v1/mobility-pools/{pool_id}/members/{made['id']}"


def test_only_these_kinds_of_party_join(database: Database, desk: Actor, party: Callable[..., Actor]) -> None:
    pool_id = new_pool(database, desk)
    for kind in set(PartyKind) - set(pools.MAY_JOIN):
        with pytest.raises(Problem) as refused:
            join(database, desk, pool_id, party(kind))
        assert [error.pointer for error in refused.value.errors] == ["/partyId"]
    for kind in pools.MAY_JOIN:
        assert join(database, desk, pool_id, party(kind))["kind"] is kind


def test_changing_and_ending_a_membership(database: Database, desk: Actor, party: Callable[..., Actor]) -> None:
    pool_id, employer = new_pool(database, desk), party(PartyKind.EMPLOYER)
    member = join(database, desk, pool_id, employer, validFrom="2027-01-01")
    with database.transaction() as uow:
        changed = pools.change_member(uow, desk, pool_id, member["id"], {"valid_until": date(2027, 12, 31)}, ANY)
        assert changed["version"] > member["version"]
    stale = Expected(frozenset({member["version"]}))
    with pytest.raises(Problem) as refused, database.transaction() as uow:
        pools.change_member(uow, desk, pool_id, member["id"], {"valid_until": None}, stale)
    assert refused.value.status == 412
    with pytest.raises(Problem) as wrong, database.transaction() as uow:
        pools.change_member(uow, desk, pool_id, member["id"], {"valid_until": date(2026, 12, 31)}, ANY)
    assert [error.code for error in wrong.value.errors] == ["end-before-start"]
    with database.transaction() as uow:
        pools.remove_member(uow, desk, pool_id, member["id"], ANY)
    with database.reading() as uow:
        assert pools.get_member(uow, desk, pool_id, member["id"])["valid_until"] == date(2027, 2, 28)
        assert event_types(uow) == ["pool-member.added", "pool-member.changed", "pool-member.removed"]


def test_a_membership_that_has_not_begun_leaves_no_trace(
    database: Database, desk: Actor, party: Callable[..., Actor]
) -> None:
    pool_id, employer = new_pool(database, desk), party(PartyKind.EMPLOYER)
    member = join(database, desk, pool_id, employer)
    with database.transaction() as uow:
        pools.remove_member(uow, desk, pool_id, member["id"], ANY)
    with pytest.raises(Problem) as gone, database.reading() as uow:
        pools.get_member(uow, desk, pool_id, member["id"])
    assert gone.value.status == 404


def event_types(uow: UnitOfWork) -> list[str]:
    return list(uow.session.scalars(select(Event.type).order_by(Event.id)))
