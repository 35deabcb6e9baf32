"""The limits of a client: requests in a minute, people in a day, counted over all processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlalchemy import delete

from service.access import limits
from service.access.actor import ActingParty, Actor
from service.access.limits import Limit
from service.access.models import Usage
from service.access.rules import PartyKind
from service.kernel.database import Database
from service.kernel.problems import Problem
from tests.support.house import SettableClock

LIMIT = Limit("questions", per_minute=5, per_day=100)
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def client(name: str) -> Actor:
    return Actor(name, (ActingParty("0190b6e8-7a2b-7c3d-8e4f-112233445566", PartyKind.EMPLOYER, name),), frozenset())


def ask(database: Database, amount: int = 1, name: str = "a", limit: Limit = LIMIT, **more: Any) -> dict[str, str]:
    """The headers that go along."""
    with database.transaction() as uow:
        limits.count(uow, client(name), limit, amount, **more)
        return dict(uow.headers)


def refused(database: Database, amount: int = 1, **more: Any) -> Problem:
    with pytest.raises(Problem) as found:
        ask(database, amount, **more)
    assert (found.value.status, found.value.code) == (429, "too-many-requests")
    return found.value


def test_the_rate_of_a_minute(database: Database, clock: SettableClock) -> None:
    clock.set(NOON + timedelta(seconds=18))
    for left in (4, 3, 2, 1, 0):
        assert ask(database)["RateLimit"].startswith(f'"questions-per-minute";r={left};t=42, ')
    problem = refused(database)
    assert problem.extra == {"limit": "questions-per-minute"}
    assert problem.headers["Retry-After"] == "42"
    assert "5" in problem.detail.nl
    assert ask(database, name="b")
    clock.advance(seconds=41)
    refused(database)
    clock.advance(seconds=1)
    assert ask(database)["RateLimit"].startswith('"questions-per-minute";r=4;t=60, ')


def test_the_policy_is_told(database: Database) -> None:
    assert ask(database)["RateLimit-Policy"] == (
        '"questions-per-minute";q=5;w=60, "questions-people-per-day";q=100;w=86400;qu="people"'
    )


def test_the_quota_of_a_day(database: Database, clock: SettableClock) -> None:
    clock.set(NOON)
    ask(database, 60)
    problem = refused(database, 41)
    assert problem.extra == {"limit": "questions-people-per-day"}
    # Midnight in Amsterdam is at 23:00 UTC; one second is for what was rounded off.
    assert problem.headers["Retry-After"] == str(12 * 3600 + 1)
    # What was refused does not count.
    assert '"questions-people-per-day";r=0;' in ask(database, 40)["RateLimit"]
    refused(database)
    clock.set(datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC))
    refused(database)
    clock.set(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))
    assert '"questions-people-per-day";r=0;' in ask(database, 100)["RateLimit"]


@pytest.mark.parametrize(
    ("noon", "hours"), [(datetime(2026, 10, 25, 11, tzinfo=UTC), 12), (datetime(2026, 3, 29, 10, tzinfo=UTC), 12)]
)
def test_the_day_ends_in_amsterdam_when_the_clock_changes(
    database: Database, clock: SettableClock, noon: datetime, hours: int
) -> None:
    clock.set(noon)
    ask(database, 100)
    assert refused(database).headers["Retry-After"] == str(hours * 3600 + 1)


def test_what_was_let_in_goes_on(database: Database) -> None:
    for _ in range(5):
        ask(database, 20)
    ask(database, 50, requests=0)
    refused(database)
    with database.reading() as uow:
        (row,) = limits.usage_on(uow, uow.today)
    assert (row["requests"], row["amount"]) == (5, 150)


def test_room_is_asked_for_without_counting(database: Database, clock: SettableClock) -> None:
    clock.set(NOON)

    def require(amount: int) -> None:
        with database.transaction() as uow:
            limits.require_room(uow, client("a"), LIMIT, amount)

    require(100)
    with pytest.raises(Problem, match="too-many-requests"):
        require(101)
    ask(database, 60)
    require(40)
    with pytest.raises(Problem, match="too-many-requests"):
        require(41)
    for _ in range(4):
        ask(database)
    with pytest.raises(Problem, match="too-many-requests"):
        require(1)
    clock.advance(minutes=1)
    require(36)


def test_a_clock_that_is_behind_opens_no_new_minute(database: Database, clock: SettableClock) -> None:
    clock.set(NOON)
    for seconds in (0, -1, 1, -2, 2):
        clock.set(NOON + timedelta(seconds=seconds))
        ask(database)
    for seconds in (-1, 0):
        clock.set(NOON + timedelta(seconds=seconds))
        refused(database)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 70)), max_size=25))
def test_never_more_than_the_limits(database: Database, clock: SettableClock, steps: list[tuple[int, int]]) -> None:
    """Held against a count by hand, of all that was let in."""
    with database.transaction() as uow:
        uow.execute(delete(Usage))
    clock.set(NOON)
    let_in: list[tuple[datetime, int]] = []
    for amount, seconds in steps:
        clock.advance(seconds=seconds)
        minute = clock().replace(second=0)
        in_minute = sum(at >= minute for at, _ in let_in)
        today = sum(people for _, people in let_in)
        if in_minute < LIMIT.per_minute and today + amount <= LIMIT.per_day:
            ask(database, amount)
            let_in.append((clock(), amount))
        else:
            refused(database, amount)


def test_many_at_once_are_each_counted(database: Database) -> None:
    wide = Limit("questions", per_minute=30, per_day=1000)

    def one(_: int) -> bool:
        try:
            ask(database, 3, limit=wide)
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(40))) == 30


def test_the_operator_sees_who_asked_what(database: Database, clock: SettableClock) -> None:
    ask(database, 10, watched=9)
    ask(database, 5, watched=5)
    ask(database, 40, name="b")
    with database.reading() as uow:
        rows = limits.usage_on(uow, uow.today)
    assert [(row["client_id"], row["requests"], row["amount"], row["watched"]) for row in rows] == [
        ("b", 1, 40, 0),
        ("a", 2, 15, 14),
    ]
    clock.advance(days=35)
    with database.transaction() as uow:
        assert limits.forget_old(uow) == 0
    clock.advance(days=1)
    with database.transaction() as uow:
        assert limits.forget_old(uow) == 2


def test_refusals_are_counted_for_the_alarm(database: Database) -> None:
    def so_far() -> float:
        labels = {"limit": "questions-per-minute"}
        return REGISTRY.get_sample_value("servicepunt_limit_refusals_total", labels) or 0.0

    before = so_far()
    for _ in range(5):
        ask(database)
    for _ in range(3):
        refused(database)
    assert so_far() == before + 3
