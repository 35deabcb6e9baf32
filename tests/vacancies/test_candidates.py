"""Candidates: what comes in and never goes out, who sees whom, and who may change what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.box import around
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.candidates.pauses import PAUSE_OVER
from service.vacancies.candidates.schemas import CandidateBody, CandidateView
from service.vacancies.proposals import operations as proposals
from tests.support.house import SettableClock
from tests.vacancies.candidates_world import BSN, CONSENT, NAME, OTHER_BSN, PROFILE, World


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def pointers(refused: pytest.ExceptionInfo[Problem]) -> list[tuple[str | None, str]]:
    return [(error.pointer, error.code) for error in refused.value.errors]


# --- What comes in and what goes out ----------------------------------------------------------------------------


def test_who_it_is_goes_in_and_never_comes_out(world: World) -> None:
    made = world.candidate(bsn=BSN, name=NAME)
    shown = CandidateView().dump(made)
    assert BSN not in str(shown)
    assert NAME not in str(shown)
    assert {field.data_key for field in CandidateView().fields.values() if field.required} <= set(shown)
    assert not {"personId", "employmentId", "person_id", "employment_id"} & (set(shown) | set(made))
    assert shown["hours"] == {"min": 16.0, "max": 32.0}
    assert shown["lead"] == {"partyId": world.wsp.party.id, "party": "WSP Groningen", "role": "wsp_advisor"}


def test_the_id_of_a_candidate_holds_no_time(world: World) -> None:
    assert world.candidate()["id"][14] == "4"


def test_what_is_not_known_stays_null_and_none_is_an_empty_list(world: World) -> None:
    made = world.candidate(needs=None, cannot=[], hours=None)
    assert (made["needs"], made["cannot"], made["hours"], made["language_level"]) == (None, [], None, None)


def test_unknown_codes_and_fields_are_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        CandidateBody().load(PROFILE | {"needs": ["depression"], "notes": "about somebody"})
    assert set(refused.value.normalized_messages()) == {"needs", "notes"}


def test_a_candidate_is_free_the_day_after_the_job_ends(world: World) -> None:
    job = world.job(date(2027, 1, 31))
    made = world.candidate(world.uwv, employmentId=job)
    assert made["available_from"] == date(2027, 2, 1)
    assert world.change(made["id"], world.uwv, availableFrom="2027-01-15")["available_from"] == date(2027, 2, 1)
    assert world.change(made["id"], world.uwv, availableFrom="2027-03-01")["available_from"] == date(2027, 3, 1)


def test_a_job_that_the_caller_cannot_see_is_unknown(world: World) -> None:
    job = world.job(date(2027, 1, 31))
    with pytest.raises(Problem) as refused:
        world.candidate(world.wsp, employmentId=job)
    assert pointers(refused) == [("/employmentId", "unknown-reference")]


def test_the_job_of_somebody_else_is_refused(world: World) -> None:
    job = world.job(date(2027, 1, 31))
    with pytest.raises(Problem) as refused:
        world.candidate(world.uwv, employmentId=job, bsn=OTHER_BSN)
    assert pointers(refused) == [("/bsn", "other-person")]


def test_hours_must_be_in_order(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.candidate(hours={"min": 32, "max": 16})
    assert pointers(refused) == [("/hours/max", "not-in-order")]


def test_one_person_is_one_candidate(world: World) -> None:
    first = world.candidate(bsn=BSN)
    with pytest.raises(Problem) as refused:
        world.candidate(world.uwv, bsn=BSN)
    assert refused.value.code == "candidate-exists"
    assert refused.value.extra["existing"] == f"/v1/candidates/{first['id']}"
    with pytest.raises(Problem) as refused:
        world.candidate(world.other_wsp, bsn=BSN)
    assert refused.value.extra == {}
    world.move_candidate(first["id"], "withdrawn")
    assert world.candidate(world.other_wsp, bsn=BSN)["id"] != first["id"]


# --- The lead ---------------------------------------------------------------------------------------------------


def test_the_desk_names_who_has_the_lead(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.candidate(world.desk)
    assert pointers(refused) == [("/lead/partyId", "cannot-lead")]
    made = world.candidate(world.desk, lead={"partyId": world.coach.party.id})
    assert made["lead"]["role"] == "jobcoach"


def test_a_lead_needs_a_role_of_its_kind(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.candidate(lead={"role": "arbeidsdeskundige"})
    assert pointers(refused) == [("/lead/role", "wrong-role")]


def test_nobody_but_uwvs_side_gives_the_lead_to_another_at_the_start(world: World) -> None:
    for party in (world.uwv, world.employer):
        with pytest.raises(Problem) as refused:
            world.candidate(lead={"partyId": party.party.id})
        assert pointers(refused) == [("/lead/partyId", "unknown-reference")]


def test_the_lead_can_be_handed_over(world: World) -> None:
    candidate_id = world.candidate()["id"]
    handed = world.change(candidate_id, lead={"partyId": world.uwv.party.id, "role": "aid"})
    assert handed["lead"] == {"party_id": world.uwv.party.id, "party": "UWV", "role": "aid"}
    with pytest.raises(Problem) as refused:
        world.change(candidate_id, maxDistanceKm=5)
    assert refused.value.status == 403


# --- Who sees whom ----------------------------------------------------------------------------------------------


def test_employers_never_see_a_candidate(world: World) -> None:
    candidate_id = world.candidate()["id"]
    assert world.listed(world.employer) == set()
    with pytest.raises(Problem) as refused:
        world.get_candidate(candidate_id, world.employer)
    assert refused.value.status == 404
    with pytest.raises(Problem) as refused:
        world.candidate(world.employer)
    assert refused.value.status == 403


def test_wsps_see_all_who_are_available_and_not_who_pauses(world: World) -> None:
    candidate_id = world.candidate()["id"]
    assert world.listed(world.other_wsp) == world.listed(world.desk) == {candidate_id}
    assert world.get_candidate(candidate_id, world.other_wsp)["postcode4"] == PROFILE["postcode4"]
    world.change(candidate_id, pausedUntil="2026-12-31")
    assert world.listed(world.other_wsp) == set()
    assert world.listed(world.wsp) == world.listed(world.uwv) == {candidate_id}


def test_a_jobcoach_organisation_sees_whom_it_coaches_and_changes_whom_it_leads(world: World) -> None:
    job = world.job(date(2027, 1, 31), coach=world.coach)
    coached = world.candidate(world.uwv, employmentId=job)["id"]
    world.candidate()
    assert world.listed(world.coach) == {coached}
    with pytest.raises(Problem) as refused:
        world.change(coached, world.coach, maxDistanceKm=5)
    assert refused.value.status == 403
    world.change(coached, world.uwv, lead={"partyId": world.coach.party.id})
    assert world.change(coached, world.coach, maxDistanceKm=5)["max_distance_km"] == 5


def test_each_look_at_a_linked_person_is_logged(world: World) -> None:
    linked = world.candidate(bsn=BSN)["id"]
    unlinked = world.candidate()["id"]
    world.get_candidate(linked, world.other_wsp)
    world.get_candidate(unlinked, world.other_wsp)
    world.listed(world.desk)
    assert [client for client, _ in world.logged("candidate.read")] == [
        world.other_wsp.client_id,
        world.desk.client_id,
    ]


def test_lists_can_be_narrowed(world: World) -> None:
    packer = world.candidate()["id"]
    clerk = world.candidate(world.pool, occupations=["4321"])["id"]
    assert world.listed(world.desk, occupation_code="4321") == {clerk}
    assert world.listed(world.desk, lead_party_id=world.wsp.party.id) == {packer}
    assert world.listed(world.desk, status="withdrawn") == set()


# --- Changes, pauses and the end --------------------------------------------------------------------------------


def test_a_stale_change_is_refused(world: World) -> None:
    made = world.candidate()
    seen = Expected(frozenset({made["version"]}))
    world.change(made["id"], expected=seen, maxDistanceKm=5)
    with pytest.raises(Problem) as refused:
        world.change(made["id"], expected=seen, maxDistanceKm=6)
    assert refused.value.status == 412


def test_a_job_that_comes_with_a_mistake_or_of_who_has_a_profile_is_refused(world: World) -> None:
    job = world.job(date(2027, 1, 31))
    nobody = world.candidate()["id"]
    with pytest.raises(Problem) as refused:
        world.change(nobody, world.uwv, employmentId=job, hours={"min": 32, "max": 16})
    assert pointers(refused) == [("/hours/max", "not-in-order")]
    world.candidate(bsn=BSN)
    with pytest.raises(Problem) as refused:
        world.change(nobody, world.uwv, employmentId=job)
    assert (refused.value.status, refused.value.code) == (409, "candidate-exists")


def test_part_of_the_hours_can_change(world: World) -> None:
    candidate_id = world.candidate()["id"]
    assert world.change(candidate_id, hours={"min": 20})["hours"] == {"min": 20, "max": 32}
    assert world.change(candidate_id, hours=None)["hours"] is None
    with pytest.raises(Problem) as refused:
        world.change(candidate_id, hours={"min": 20})
    assert pointers(refused) == [("/hours", "required")]


def test_a_pause_ends_by_itself(world: World, database: Database, clock: SettableClock) -> None:
    candidate_id = world.candidate(pausedUntil="2026-11-24")["id"]
    clock.advance(days=1)
    assert due(database) == []
    clock.advance(days=1)
    assert due(database) == [candidate_id]
    for _ in range(2):
        with database.transaction() as uow:
            PAUSE_OVER.fire(uow, candidate_id)
    shown = world.get_candidate(candidate_id)
    assert (shown["status"], shown["paused_until"]) == ("available", None)
    assert due(database) == []


def due(database: Database) -> list[str]:
    with database.reading() as uow:
        return PAUSE_OVER.due(uow, 10)


def test_a_pause_cannot_end_before_today(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.candidate(pausedUntil="2026-11-22")
    assert pointers(refused) == [("/pausedUntil", "in-the-past")]
    candidate_id = world.candidate()["id"]
    with pytest.raises(Problem) as refused:
        world.move_candidate(candidate_id, "paused", pausedUntil="2026-11-22")
    assert pointers(refused) == [("/pausedUntil", "in-the-past")]
    with pytest.raises(Problem) as refused:
        world.move_candidate(candidate_id, "paused")
    assert pointers(refused) == [("/pausedUntil", "required")]
    assert world.move_candidate(candidate_id, "paused", pausedUntil="2026-11-23")["status"] == "paused"
    assert world.change(candidate_id, pausedUntil=None)["status"] == "available"


def test_only_the_lead_moves_a_candidate(world: World) -> None:
    candidate_id = world.candidate()["id"]
    with pytest.raises(Problem) as refused:
        world.move_candidate(candidate_id, "withdrawn", world.other_wsp)
    assert refused.value.status == 403
    with pytest.raises(Problem) as refused:
        world.move_candidate(candidate_id, "withdrawn", world.uwv)
    assert (refused.value.status, refused.value.extra["allowed"]) == (409, [])
    assert world.move_candidate(candidate_id, "withdrawn")["status"] == "withdrawn"
    with pytest.raises(Problem) as refused:
        world.move_candidate(candidate_id, "available")
    assert refused.value.code == "forbidden-transition"


def test_who_withdraws_is_no_longer_proposed(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id)["id"]
    world.move_candidate(candidate_id, "withdrawn")
    shown = world.get(proposal_id)
    assert (shown["status"], shown["reason"]) == ("withdrawn", "candidate_no_longer_available")
    assert world.get(proposal_id, world.employer)["reason"] is None


# --- A person's own -----------------------------------------------------------------------------------------------


def test_a_person_can_take_everything_along_and_be_forgotten(world: World, database: Database) -> None:
    candidate_id = world.candidate(bsn=BSN, name=NAME)["id"]
    proposal_id = world.introduced(world.vacancy(), candidate_id)
    with database.transaction() as uow:
        person_id = uow.session.scalars(select(Candidate.person_id)).one()
        assert person_id is not None
        exported: dict[str, Any] = candidates.export(uow, person_id) | proposals.export(uow, person_id)
        assert exported["candidates"][0]["needs"] == PROFILE["needs"]
        assert exported["proposals"][0]["consent"]["asked_by"] == CONSENT["askedBy"]
        proposals.erase(uow, person_id)
        candidates.erase(uow, person_id)
    with database.transaction() as uow:
        row = uow.session.get_one(Candidate, candidate_id)
        assert (row.person_id, row.needs, row.cannot, row.status) == (None, None, None, "withdrawn")
        assert uow.session.scalars(select(CandidateOccupation)).all() == []
    shown = world.get(proposal_id, world.employer)
    assert (shown["status"], shown["name"]) == ("withdrawn", None)
    assert world.get(proposal_id)["consent"]["asked_by"] is None


# --- The box ------------------------------------------------------------------------------------------------------


def test_a_box_holds_what_lies_within_reach() -> None:
    box = around(53.2, 6.5, 20)
    assert box.north - box.south == pytest.approx(2 * 20.1 / 111.195, rel=1e-4)
    assert box.east - box.west == pytest.approx(2 * 20.1 / (111.195 * 0.599), rel=1e-2)
    assert (box.south + box.north) / 2 == pytest.approx(53.2)
