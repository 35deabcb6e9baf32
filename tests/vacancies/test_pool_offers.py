"""A candidate is shown in a pool with consent only, and no longer once that is taken back."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.vacancies.candidates import operations as candidates
from service.vacancies.offers import operations as offers
from service.vacancies.offers.models import PoolOffer
from service.vacancies.offers.rules import OfferEnd, TakenBack, may_end, may_record_consent
from service.vacancies.offers.schemas import OfferBody, OfferView
from service.vacancies.pools.models import MobilityPool, PoolMember
from tests.support.house import SettableClock
from tests.vacancies.candidates_world import BSN, CONSENT, NAME, World
from tests.vacancies.parties import add_party


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def refused(world: World, candidate_id: str, actor: Actor) -> int:
    with pytest.raises(Problem) as problem:
        world.offer(candidate_id, actor)
    return problem.value.status


# --- Consent ------------------------------------------------------------------------------------------------------


def test_consent_is_recorded_with_who_asked_when_and_how(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    made = world.offer(candidate_id)
    assert made["consent"] == {"how": "phone", "asked_by": CONSENT["askedBy"], "on": date(2026, 11, 23)}
    assert OfferView().dump(made)["endedAt"] is None
    assert world.offers_of(candidate_id) == [made]
    assert world.offers_of(candidate_id, world.wsp) == [made]
    assert world.logged("pool-offer.made") == [
        (world.uwv.client_id, person) for _, person in world.logged("pool-offer.made")
    ]
    readers = {world.pool.party.id, world.wsp.party.id}
    assert world.events(f"candidates/{candidate_id}/pool-offers/{made['id']}") == [("pool-offer.made", readers)]


def test_neither_employer_nor_pool_nor_a_stranger_records_it(world: World) -> None:
    candidate_id = world.candidate()["id"]
    assert refused(world, candidate_id, world.employer) == 404
    assert refused(world, candidate_id, world.pool) == 404
    assert refused(world, candidate_id, world.coach) == 404
    assert refused(world, candidate_id, world.wsp) == 403
    assert refused(world, world.candidate(world.pool)["id"], world.pool) == 403
    for kind in PartyKind:
        expected = kind is PartyKind.UWV or kind is PartyKind.JOBCOACH_ORGANISATION
        assert may_record_consent(kind, leads=True, coaches=True) is expected
    assert not may_record_consent(PartyKind.JOBCOACH_ORGANISATION, leads=False, coaches=False)
    assert not may_end(PartyKind.EMPLOYER, leads=True, coaches=True)


def test_the_jobcoach_organisation_records_it_for_whom_it_leads_or_coaches(world: World) -> None:
    led = world.candidate(world.coach)["id"]
    coached = world.candidate(world.uwv, employmentId=world.job(date(2027, 1, 31), coach=world.coach))["id"]
    for candidate_id in (led, coached):
        assert world.offer(candidate_id, world.coach)["consent"]["asked_by"] == CONSENT["askedBy"]
    assert world.listed(world.pool) == {led, coached}


def test_what_is_wrong_is_said(world: World, database: Database) -> None:
    candidate_id = world.candidate()["id"]
    body = {"poolId": world.employer.party.id, "consent": CONSENT | {"on": "2026-11-24"}}
    with pytest.raises(Problem) as problem, database.transaction() as uow:
        offers.make_offer(uow, world.uwv, candidate_id, OfferBody().load(body))
    assert [(error.pointer, error.code) for error in problem.value.errors] == [
        ("/consent/on", "in-the-future"),
        ("/poolId", "unknown-reference"),
    ]
    assert set(OfferBody().validate({"poolId": world.pool.party.id})) == {"consent"}
    made = world.offer(candidate_id)
    with pytest.raises(Problem) as problem:
        world.offer(candidate_id)
    assert problem.value.code == "offer-exists"
    assert problem.value.extra["existing"].endswith(made["id"])
    gone = world.candidate()["id"]
    world.move_candidate(gone, "placed")
    with pytest.raises(Problem) as problem:
        world.offer(gone)
    assert problem.value.code == "candidate-not-available"


# --- Who is seen --------------------------------------------------------------------------------------------------


def test_only_who_is_offered_is_seen_and_no_longer_after_that(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN, name=NAME)["id"]
    own = world.candidate(world.pool)["id"]
    assert world.listed(world.pool) == {own}
    made = world.offer(candidate_id)
    assert world.listed(world.pool) == {own, candidate_id}
    [shown] = world.offers_of(candidate_id, world.pool)
    assert (shown["id"], shown["consent"]) == (made["id"], None)
    vacancy_id = world.vacancy()
    with pytest.raises(Problem):
        world.take_back(candidate_id, made["id"], world.pool)
    world.take_back(candidate_id, made["id"], world.wsp)
    assert world.listed(world.pool) == {own}
    with pytest.raises(Problem) as problem:
        world.get_candidate(candidate_id, world.pool)
    assert problem.value.status == 404
    with pytest.raises(Problem):
        world.offers_of(candidate_id, world.pool)
    [kept] = world.offers_of(candidate_id)
    assert (kept["end_reason"], kept["ended_at"] is not None) == (OfferEnd.CONSENT_WITHDRAWN, True)
    # It costs nothing later.
    assert world.propose(vacancy_id, candidate_id)["status"] == "proposed"
    again = world.offer(candidate_id)
    assert again["id"] != made["id"]
    assert world.offers_of(candidate_id, current=True) == [again]
    assert world.listed(world.pool) == {own, candidate_id}


def test_what_ended_stays_as_it_was_and_a_stale_wish_is_refused(world: World, database: Database) -> None:
    candidate_id = world.candidate()["id"]
    made = world.offer(candidate_id)
    seen = Expected(frozenset({made["version"]}))
    world.take_back(candidate_id, made["id"], reason="no_longer_offered")
    world.take_back(candidate_id, made["id"])
    [kept] = world.offers_of(candidate_id)
    assert kept["end_reason"] is OfferEnd.NO_LONGER_OFFERED
    subject = f"candidates/{candidate_id}/pool-offers/{made['id']}"
    assert [type for type, _ in world.events(subject)] == ["pool-offer.made", "pool-offer.ended"]
    reason = TakenBack.CONSENT_WITHDRAWN
    with pytest.raises(Problem) as problem, database.transaction() as uow:
        offers.end_offer(uow, world.uwv, candidate_id, made["id"], reason, seen)
    assert problem.value.status == 412


def test_who_pauses_is_not_shown_meanwhile(world: World, clock: SettableClock) -> None:
    candidate_id = world.candidate()["id"]
    world.offer(candidate_id)
    world.change(candidate_id, pausedUntil="2026-12-31")
    assert world.listed(world.pool) == set()
    world.change(candidate_id, pausedUntil=None)
    assert world.listed(world.pool) == {candidate_id}


@pytest.mark.parametrize("status", ["placed", "withdrawn"])
def test_offers_end_with_the_search(world: World, status: str) -> None:
    candidate_id = world.candidate()["id"]
    world.offer(candidate_id)
    world.move_candidate(candidate_id, status)
    [kept] = world.offers_of(candidate_id)
    assert kept["end_reason"] == status
    assert world.listed(world.pool) == set()
    if status == "placed":
        world.move_candidate(candidate_id, "available")
        assert world.listed(world.pool) == set()


def test_a_placement_through_a_proposal_ends_them_too(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    world.offer(candidate_id)
    proposal_id = world.introduced(world.vacancy(), candidate_id)
    world.move(proposal_id, "placed", world.employer, startDate="2027-02-01", hours=24)
    assert [one["end_reason"] for one in world.offers_of(candidate_id)] == [OfferEnd.PLACED]


# --- Requests of the pool -----------------------------------------------------------------------------------------


def pool_with_vacancy(world: World, database: Database) -> str:
    """A vacancy that the pool has: its employer is a member."""
    with database.transaction() as uow:
        uow.add(MobilityPool(id=world.pool.party.id, name="Pool Noord", created_at=uow.now))
        uow.flush()
        member = PoolMember(
            id=world.desk.party.id,
            pool_id=world.pool.party.id,
            party_id=world.employer.party.id,
            valid_from=date(2026, 1, 1),
        )
        uow.add(member)
    return world.vacancy()


def test_a_request_of_the_pool_ends_and_what_the_lead_proposed_goes_on_without_the_name(
    world: World, database: Database
) -> None:
    vacancy_id = pool_with_vacancy(world, database)
    asked, agreed = world.candidate()["id"], world.candidate(bsn=BSN, name=NAME)["id"]
    taken_back = [(one, world.offer(one)["id"]) for one in (asked, agreed)]
    request = world.propose(vacancy_id, asked, world.pool)
    assert (request["status"], request["available_from"], request["wanted_hours"]) == ("requested", None, None)
    proposal_id = world.propose(vacancy_id, agreed, world.pool)["id"]
    world.move(proposal_id, "proposed")
    world.move(proposal_id, "consented", consent=CONSENT)
    assert world.get(proposal_id, world.pool)["name"] == NAME
    for candidate_id, offer_id in taken_back:
        world.take_back(candidate_id, offer_id)
    ended = world.get(request["id"], world.pool)
    assert (ended["status"], ended["reason"]) == ("withdrawn", "candidate_no_longer_available")
    going_on = world.get(proposal_id, world.pool)
    assert (going_on["status"], going_on["name"]) == ("consented", None)
    assert world.get(proposal_id, world.employer)["name"] == NAME
    with pytest.raises(Problem) as problem:
        world.propose(vacancy_id, asked, world.pool)
    assert [error.pointer for error in problem.value.errors] == ["/candidateId"]


# --- A person's own -----------------------------------------------------------------------------------------------


def test_a_person_takes_it_along_and_is_forgotten(world: World, database: Database) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    made = world.offer(candidate_id)
    with database.transaction() as uow:
        other = add_party(uow, PartyKind.MOBILITY_POOL, "Pool Zuid")
    world.offer(candidate_id, pool=other)
    [(_, person_id)] = {(0, person) for _, person in world.logged("pool-offer.made")}
    with database.transaction() as uow:
        exported = offers.export(uow, person_id)["poolOffers"]
        assert [(row["pool_id"], row["asked_by"]) for row in exported] == [
            (world.pool.party.id, CONSENT["askedBy"]),
            (other.party.id, CONSENT["askedBy"]),
        ]
        offers.erase(uow, person_id)
        candidates.erase(uow, person_id)
    with database.reading() as uow:
        assert uow.session.scalars(select(PoolOffer)).all() == []
    subject = f"candidates/{candidate_id}/pool-offers/{made['id']}"
    assert [type for type, _ in world.events(subject)] == ["pool-offer.made", "pool-offer.ended"]
    assert world.listed(world.pool) == set()
