"""The inbox of who looks for people: what is due, what it leads, where; and each page is one range of an index."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from service.access.actor import Actor
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.vacancies.referrals import operations as referrals
from service.vacancies.referrals.rules import ReferralOrder, ReferralStatus
from tests.support.house import SettableClock
from tests.vacancies.vacancies_world import World

BY_DAY = ReferralOrder.RESPOND_BY


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


def found(world: World, actor: Actor, **query: Any) -> list[str]:
    return [row["vacancy_id"] for row in world.inbox(actor, **query)]


def test_what_is_due_what_it_leads_and_where(world: World) -> None:
    first = world.post()["id"]
    world.now += timedelta(days=1)
    led, second, elsewhere = (world.post()["id"] for _ in range(3))
    world.answer(led, world.wsp, "accepted")
    world.patch(elsewhere, workplace={"postcode": "8911 AB"})
    # Held and opened again: it has its full time anew, and so is due last although it came first.
    world.move(first, "on_hold")
    world.now += timedelta(days=1)
    world.move(first, "open")
    assert [row["respond_by"] for row in world.inbox(world.wsp, sort=BY_DAY)] == [
        date(2027, 3, 5),
        date(2027, 3, 5),
        date(2027, 3, 8),
    ]
    assert found(world, world.wsp, sort=BY_DAY) == [second, elsewhere, first]
    assert found(world, world.wsp) == [first, led, second, elsewhere]
    assert found(world, world.wsp, respond_before=date(2027, 3, 8)) == [second, elsewhere]
    assert found(world, world.wsp, lead=True) == [led]
    assert found(world, world.wsp, lead=False, status=ReferralStatus.SENT) == [first, second, elsewhere]
    assert found(world, world.wsp, region_code="AM02") == [elsewhere]
    assert found(world, world.wsp, region_code="AM01", sort=BY_DAY) == [second, first]
    assert found(world, world.desk, sort=BY_DAY, to_id=world.other_wsp.party.id) == [elsewhere]


def test_the_pages_by_day_are_one_list(world: World) -> None:
    for number in range(7):
        world.post()
        world.now += timedelta(hours=9 * (number % 3))
    whole = [row["id"] for row in world.inbox(world.wsp, sort=BY_DAY)]
    paged: list[str] = []
    cursor: str | None = None
    while True:
        with world.database.reading() as uow:
            query = {"limit": 2, "sort": BY_DAY} | ({"cursor": cursor} if cursor else {})
            answer = referrals.list_referrals(uow, world.wsp, query)
        paged += [row["id"] for row in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert paged == whole
    assert len(whole) == 7
    with world.database.reading() as uow:
        other = referrals.list_referrals(uow, world.wsp, {"limit": 2})["next"]
        with pytest.raises(Problem):
            referrals.list_referrals(uow, world.wsp, {"limit": 2, "sort": BY_DAY, "cursor": other})


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ix_referral_own"),
        ({"status": ReferralStatus.SENT}, "ix_referral_status"),
        ({"sort": BY_DAY}, "ix_referral_due"),
        ({"sort": BY_DAY, "respond_before": date(2027, 3, 8)}, "ix_referral_due"),
        ({"lead": True}, "ix_referral_led"),
    ],
    ids=str,
)
def test_a_page_is_one_range_of_an_index(world: World, query: dict[str, Any], index: str) -> None:
    plans: list[str] = []

    def explain(_: Any, cursor: Any, sql: str, values: Any, *__: Any) -> None:
        if "referral.respond_by" in sql and not plans:
            words = "EXPLAIN QUERY PLAN " if uow.is_sqlite else "EXPLAIN (COSTS OFF) "
            cursor.execute(words + sql, values)
            plans.append(" / ".join(str(row[-1]) for row in cursor.fetchall()))

    world.post()
    with world.database.reading() as uow:
        if not uow.is_sqlite:
            # What PostgreSQL does with few rows says nothing: it may neither read all nor sort.
            for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                uow.execute(text(f"SET LOCAL {setting} = off"))
        event.listen(world.database.engine, "before_cursor_execute", explain)
        try:
            referrals.list_referrals(uow, world.wsp, {"limit": 50, **query})
        finally:
            event.remove(world.database.engine, "before_cursor_execute", explain)
    [plan] = plans
    # With few rows PostgreSQL may take the range of the whole inbox for that of a part of it.
    possible = [index] if world.database.is_sqlite else [index, "ix_referral_own"]
    assert any(each in plan for each in possible), plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
