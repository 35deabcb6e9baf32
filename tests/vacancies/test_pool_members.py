"""What follows when an employer joins or leaves a pool, and what members see together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.schemas import CandidateBody, CandidatePage
from service.vacancies.offers import operations as offers
from service.vacancies.offers.schemas import OfferBody
from service.vacancies.pools import operations as pools
from service.vacancies.pools import sharing
from service.vacancies.pools.schemas import OverviewView, SharedVacancyPage
from service.vacancies.referrals.joining import JOINED
from service.vacancies.referrals.leaving import LEFT
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import ReferralStatus
from tests.support.house import SettableClock
from tests.vacancies.vacancies_world import World

BEGAN, ENDED = "vacancies.membership-began", "vacancies.membership-ended"
ANY = Expected(None)
TODAY = date(2027, 3, 1)
CONSENT = {"how": "in_person", "askedBy": "A. Jansen, jobcoach", "on": "2027-02-26"}


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


def join(world: World, pool: Actor, who: Actor, **term: date) -> dict[str, Any]:
    with world.database.transaction() as uow:
        made = pools.add_member(uow, world.desk, pool.party.id, {"party_id": who.party.id, **term})
    hear(world, pool, who, made["id"])
    return made


def leave(world: World, pool: Actor, member: dict[str, Any], who: Actor) -> None:
    with world.database.transaction() as uow:
        pools.remove_member(uow, world.desk, pool.party.id, member["id"], ANY)
    hear(world, pool, who, member["id"])


def hear(world: World, pool: Actor, who: Actor, member_id: str) -> None:
    """The worker hears of a changed membership; twice, as it may."""
    event = {"data": {"poolId": pool.party.id, "partyId": who.party.id, "memberId": member_id}}
    for consumer in (JOINED, LEFT) * 2:
        with world.database.transaction() as uow:
            consumer.handle(uow, event)


# --- Joining ------------------------------------------------------------------------------------------------------


def test_what_is_open_goes_to_the_pool_when_the_employer_joins(world: World) -> None:
    opened, drafted = world.post()["id"], world.post(status="draft")["id"]
    held = world.post()["id"]
    world.move(held, "on_hold")
    pool = world.pool("Pool Noord")
    join(world, pool, world.employer)
    assert [one["vacancy_id"] for one in world.inbox(pool)] == [opened]
    [sent] = world.inbox(pool)
    assert (sent["because"], sent["status"], sent["respond_by"]) == ("membership", "sent", date(2027, 3, 4))
    # What opens or is taken up again later goes there too; what is done once is done.
    world.move(held, "open")
    world.move(drafted, "open")
    assert {one["vacancy_id"] for one in world.inbox(pool)} == {opened, held, drafted}
    assert world.run(BEGAN) == world.run(ENDED) == []


def test_a_membership_to_come_begins_and_ends_by_the_clock(world: World) -> None:
    opened = world.post()["id"]
    pool = world.pool("Pool Noord", world.employer, valid_from=date(2027, 3, 8), valid_until=date(2027, 3, 9))
    assert world.run(BEGAN) == []
    assert world.inbox(pool) == []
    world.now += timedelta(days=7)
    assert len(world.run(BEGAN)) == 1
    assert world.statuses(opened)["Pool Noord"] == "sent"
    assert world.run(BEGAN) == world.run(ENDED) == []
    world.now += timedelta(days=2)
    assert len(world.run(ENDED)) == 1
    assert world.statuses(opened)["Pool Noord"] == "closed"
    assert world.run(BEGAN) == world.run(ENDED) == []


def test_a_pool_is_not_asked_again_what_it_refused_or_the_employer_closed(world: World) -> None:
    refused, closed = world.post()["id"], world.post()["id"]
    pool = world.pool("Pool Noord")
    member = join(world, pool, world.employer)
    world.answer(refused, pool, "declined", "no_candidates")
    with world.database.transaction() as uow:
        [row] = [one for one in world.inbox(pool) if one["vacancy_id"] == closed]
        uow.session.get_one(Referral, row["id"]).status = ReferralStatus.CLOSED
    leave(world, pool, member, world.employer)
    join(world, pool, world.employer)
    assert sorted(one["status"] for one in world.inbox(pool)) == ["closed", "declined"]


# --- Leaving ------------------------------------------------------------------------------------------------------


def test_what_the_pool_did_not_take_is_closed_and_what_it_took_goes_on(world: World) -> None:
    taken, waiting, full = (world.post()["id"] for _ in range(3))
    pool = world.pool("Pool Noord")
    member = join(world, pool, world.employer, valid_from=date(2027, 1, 1))
    world.answer(taken, pool, "accepted")
    world.answer(full, pool, "at_capacity")
    with world.database.transaction() as uow:
        data = {"valid_until": date(2027, 3, 1)}
        pools.change_member(uow, world.desk, pool.party.id, member["id"], data, ANY)
    hear(world, pool, world.employer, member["id"])
    assert world.statuses(waiting)["Pool Noord"] == "sent"
    world.now += timedelta(days=1)
    assert world.run(ENDED) == [member["id"]]
    after = {one["vacancy_id"]: (one["status"], one["reason"], one["lead"]) for one in world.inbox(pool)}
    assert after == {
        taken: ("accepted", None, True),
        waiting: ("closed", "membership_ended", False),
        full: ("closed", "membership_ended", False),
    }
    assert world.listed(pool) == [taken]
    assert world.readers("referral.closed") == [{pool.party.id}] * 2
    # Back again: what is still open comes again.
    again = join(world, pool, world.employer)
    assert sorted(one["status"] for one in world.inbox(pool)) == ["accepted", "closed", "closed", "sent", "sent"]
    leave(world, pool, again, world.employer)
    assert sorted(one["status"] for one in world.inbox(pool)) == ["accepted", *["closed"] * 4]


def test_a_vacancy_that_only_the_pool_had_goes_to_others(world: World) -> None:
    pool = world.pool("Pool Noord")
    member = join(world, pool, world.employer, valid_from=date(2027, 1, 1))
    only = world.post(workplace={"municipality": "Amsterdam"})["id"]
    assert world.statuses(only) == {"Pool Noord": "sent"}
    leave(world, pool, member, world.employer)
    assert world.statuses(only) == {"Pool Noord": "closed", "Servicepunt": "sent"}


# --- What members see ---------------------------------------------------------------------------------------------


def seen(world: World, actor: Actor, pool: Actor) -> list[str]:
    with world.database.reading() as uow:
        found = sharing.list_shared_vacancies(uow, actor, pool.party.id, {"limit": 50})
    SharedVacancyPage().dump(found)
    return [item["vacancy_id"] for item in found["items"]]


def refused(world: World, actor: Actor, pool: Actor) -> int:
    with pytest.raises(Problem) as problem:
        seen(world, actor, pool)
    return problem.value.status


def test_members_see_each_others_open_vacancies_while_they_take_part(world: World) -> None:
    other, stranger = world.add(PartyKind.EMPLOYER, "Meubels"), world.add(PartyKind.EMPLOYER, "Vreemd")
    former, coming = world.add(PartyKind.EMPLOYER, "Vroeger"), world.add(PartyKind.WSP, "Straks")
    coach = world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")
    pool = world.pool("Pool Noord", world.employer, other, coach)
    join(world, pool, former, valid_from=date(2027, 1, 1), valid_until=date(2027, 2, 28))
    join(world, pool, coming, valid_from=date(2027, 3, 2))
    mine, theirs = world.post()["id"], world.post(other)["id"]
    world.post(former)
    world.post(status="draft")
    world.move(world.post()["id"], "on_hold")
    for actor in (world.employer, other, coach, pool, world.uwv, world.desk):
        assert seen(world, actor, pool) == [mine, theirs]
    assert [refused(world, actor, pool) for actor in (former, coming, stranger)] == [403, 403, 404]
    world.now += timedelta(days=1)
    assert seen(world, coming, pool) == [mine, theirs]
    with world.database.reading() as uow:
        found = sharing.list_shared_vacancies(uow, other, pool.party.id, {"limit": 1, "occupation_code": "4321"})
    [item] = found["items"]
    assert set(item) == {
        "vacancy_id",
        "title",
        "employer_name",
        "municipality",
        "occupation_code",
        "hours",
        "start_date",
        "positions",
    }
    assert (item["employer_name"], item["municipality"]) == ("Bakkerij Brood", "Groningen")


def people(world: World, pool: Actor, count: int, occupations: list[str], lead: Actor | None = None) -> list[str]:
    """So many who agreed to be shown, each in another place."""
    made = []
    for number in range(count):
        profile = {"occupations": occupations, "postcode4": f"97{11 + number}", "maxDistanceKm": 20}
        with world.database.transaction() as uow:
            found = candidates.register_candidate(uow, lead or world.wsp, CandidateBody().load(profile))
            body = OfferBody().load({"poolId": pool.party.id, "consent": CONSENT})
            offers.make_offer(uow, world.uwv, found["id"], body)
        made.append(found["id"])
    return made


def shown(world: World, actor: Actor, pool: Actor, **query: Any) -> dict[str, Any]:
    with world.database.transaction() as uow:
        found = sharing.list_shared_candidates(uow, actor, pool.party.id, {"limit": 50, **query})
    CandidatePage().dump(found)
    return {item["id"]: item["area"] for item in found["items"]}


def test_helpers_among_the_members_see_who_is_shown_and_employers_do_not(world: World) -> None:
    coach, other_coach = (world.add(PartyKind.JOBCOACH_ORGANISATION, name) for name in ("Coach", "Ander"))
    pool = world.pool("Pool Noord", world.employer, world.wsp, coach)
    ids = people(world, pool, 5, ["9333"])
    for actor in (pool, world.wsp, coach, world.uwv, world.desk):
        assert shown(world, actor, pool) == dict.fromkeys(sorted(ids), "97")
    assert shown(world, coach, pool, occupation_code="4321") == {}
    for actor, status in ((world.employer, 403), (other_coach, 404)):
        with pytest.raises(Problem) as problem:
            shown(world, actor, pool)
        assert problem.value.status == status
    with world.database.transaction() as uow, pytest.raises(Problem):
        candidates.get_candidate(uow, coach, ids[0])


def test_whom_one_knows_hides_nobody_else(world: World) -> None:
    """Four of five are the organisation's own: the place of the fifth would be told by the rest."""
    coach = world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach")
    pool = world.pool("Pool Noord", world.wsp, coach)
    own = people(world, pool, 4, ["9333"], coach)
    [other] = people(world, pool, 1, ["9333"])
    assert shown(world, pool, pool)[other] == "97"
    assert shown(world, coach, pool)[other] is None
    led_by_pool = world.pool("Pool Zuid")
    people(world, led_by_pool, 4, ["9333"], led_by_pool)
    [last] = people(world, led_by_pool, 1, ["9333"])
    assert shown(world, led_by_pool, led_by_pool)[last] is None
    with world.database.transaction() as uow:
        assert candidates.get_candidate(uow, led_by_pool, last)["area"] is None
        assert candidates.get_candidate(uow, pool, own[0])["area"] == "97"


def test_an_overview_counts_and_never_singles_out(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer, world.wsp)
    world.post()
    people(world, pool, 4, ["9333"])
    # Not shown there: without consent one is not counted either.
    people(world, world.pool("Pool Zuid"), 3, ["9333"])

    def overview() -> dict[str, Any]:
        with world.database.reading() as uow:
            found = sharing.overview(uow, world.employer, pool.party.id)
        OverviewView().dump(found)
        return found

    few = overview()
    assert {one["kind"]: one["members"] for one in few["members"]} == {
        "employer": 1,
        "wsp": 1,
        "uwv": 0,
        "jobcoach_organisation": 0,
    }
    assert few["open_vacancies"] == 1
    assert {one["candidates"] for one in few["occupation_groups"]} == {None}
    assert len(few["occupation_groups"]) > 40
    people(world, pool, 3, ["9333", "4321"])
    counts = {one["isco_code"]: one["candidates"] for one in overview()["occupation_groups"]}
    # Seven look for work in 93, three of them in 43 too; there is no total.
    assert (counts["93"], counts["43"]) == (5, None)
    assert set(few) == {"members", "open_vacancies", "fewest_shown", "occupation_groups"}
    names = {one["isco_code"]: one["name"].en for one in few["occupation_groups"]}
    assert names["93"].startswith("Labour")
