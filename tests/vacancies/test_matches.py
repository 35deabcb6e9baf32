"""Matches: whom the database finds for a vacancy and the other way round, and what nobody's score depends on."""

from __future__ import annotations

from datetime import date

import pytest

from service.kernel.database import Database
from service.kernel.problems import Problem
from service.reference import places
from service.vacancies import criteria, matching
from service.vacancies.candidates.schemas import MatchesQuery, MatchesView
from tests.vacancies.candidates_world import BSN, NAME, OTHER_BSN, World


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def found(items: list[dict[str, object]]) -> list[object]:
    return [item["candidate_id"] for item in items]


def test_two_who_differ_only_in_who_they_are_score_the_same(world: World) -> None:
    one = world.candidate(bsn=BSN, name=NAME)["id"]
    other = world.candidate(world.coach, bsn=OTHER_BSN, name="Mohammed el Amrani")["id"]
    nobody = world.candidate(world.uwv)["id"]
    items = world.matches(world.vacancy())
    assert set(found(items)) == {one, other, nobody}
    assert found(items) == sorted([one, other, nobody])
    for item in items:
        item.pop("candidate_id")
    assert items[0] == items[1] == items[2]


def test_a_match_says_why(world: World) -> None:
    candidate_id = world.candidate()["id"]
    vacancy_id = world.vacancy()
    [item] = world.matches(vacancy_id)
    assert (item["vacancy_id"], item["candidate_id"]) == (vacancy_id, candidate_id)
    assert item["rules_version"] == matching.RULES_VERSION
    assert [line["criterion"] for line in item["criteria"]] == list(criteria.Criterion)
    results = {line["criterion"]: line["result"] for line in item["criteria"]}
    assert (results["occupation"], results["distance"], results["needs"]) == ("met", "met", "partly")
    assert item["verdict"] == "fits_with_adjustments"
    shown = MatchesView().dump({"items": [item], "near_misses": [], "rules_version": item["rules_version"]})
    assert shown["rulesVersion"] == matching.RULES_VERSION
    assert "Nog te regelen" in str(shown["items"][0]["criteria"])
    assert shown["items"][0]["criteria"][0]["explanation"].startswith("Het werk: ")


def test_the_better_fit_comes_first_and_a_limit_cuts_the_rest(world: World) -> None:
    needs_more = world.candidate(needs=["fixed_tasks", "quiet_workplace", "small_team"])["id"]
    best = world.candidate(needs=["fixed_tasks"])["id"]
    vacancy_id = world.vacancy()
    items = world.matches(vacancy_id)
    assert found(items) == [best, needs_more]
    assert items[0]["score"] > items[1]["score"]
    assert found(world.matches(vacancy_id, limit="1")) == [best]


def test_only_work_near_to_it_within_reach_is_looked_at(world: World, database: Database) -> None:
    near = world.candidate()["id"]
    same_group = world.candidate(occupations=["4222", "9334"])["id"]
    neighbour = world.candidate(occupations=["4321"])["id"]
    world.candidate(occupations=["4222"])
    world.candidate(occupations=["4322"])
    world.candidate(postcode4="6211")
    vacancy_id = world.vacancy()
    assert found(world.matches(vacancy_id)) == [near, same_group, neighbour]
    assert set(found(world.matches(vacancy_id, withMisfits="true"))) == {near, same_group, neighbour}
    assert [item["vacancy_id"] for item in world.vacancies_for(neighbour)] == [vacancy_id]


def test_near_misses_stand_apart_and_say_what_would_make_them_fit(world: World) -> None:
    fits = world.candidate(bsn=BSN)["id"]
    fewer_hours = world.candidate(bsn=OTHER_BSN, hours={"min": 8, "max": 16})["id"]
    cannot = world.candidate(cannot=["night_work"])["id"]
    world.candidate(cannot=["night_work"], hours={"min": 4, "max": 8})
    world.change(fits, cannot=[])
    world.change(fewer_hours, cannot=[])
    vacancy_id = world.vacancy(demands=["night_work"])
    answer = world.matches_answer(vacancy_id)
    assert found(answer["items"]) == [fits]
    hours, demands = sorted(answer["near_misses"], key=lambda item: str(item["obstacle"]), reverse=True)
    assert (hours["candidate_id"], hours["obstacle"], hours["near_miss"].nl) == (
        fewer_hours,
        "hours",
        "Past als de uren 16 kunnen zijn.",
    )
    assert hours["in_the_way"].nl == "De vacature vraagt 24 uur, de kandidaat wil 8 tot 16 uur: dat scheelt 8 uur."
    assert (demands["candidate_id"], demands["near_miss"].en) == (
        cannot,
        "Fits if this is not needed: 'You work at night'.",
    )
    # Near misses are people too: a look at them is logged.
    assert len(set(world.logged("match.read"))) == 2
    shown = MatchesView().dump(answer)["nearMisses"][0]
    assert {"nearMiss", "obstacle", "inTheWay", "rulesVersion", "score", "criteria"} <= set(shown)
    assert world.matches_answer(vacancy_id, nearMisses="0")["near_misses"] == []
    assert len(world.matches_answer(vacancy_id, nearMisses="1")["near_misses"]) == 1
    [mirrored] = world.vacancies_answer(fewer_hours)["near_misses"]
    assert mirrored == hours


def test_the_box_leaves_nobody_out_whom_the_rules_let_in(world: World) -> None:
    """At the longest distance that can still be talked about, a candidate is in the block."""
    vacancy_id = world.vacancy()
    km = places.distance_km("9501", "9712")
    assert km is not None
    reach = round(km / criteria.DISTANCE_TO_DISCUSS, 1) + 0.1
    nearly = round(km / criteria.NEAR_DISTANCE, 1) + 0.1
    inside = world.candidate(postcode4="9501", maxDistanceKm=round(reach, 1))["id"]
    near = world.candidate(postcode4="9501", maxDistanceKm=round(nearly, 1))["id"]
    world.candidate(postcode4="9501", maxDistanceKm=round(nearly / 2, 1))
    answer = world.matches_answer(vacancy_id)
    assert (found(answer["items"]), found(answer["near_misses"])) == ([inside], [near])
    assert [item["vacancy_id"] for item in world.vacancies_answer(near)["near_misses"]] == [vacancy_id]
    assert found(world.matches(vacancy_id, withMisfits="true")) == [inside, near]


def test_hard_misfits_are_shown_only_when_asked_for_and_last(world: World) -> None:
    fits = world.candidate()["id"]
    cannot = world.candidate(cannot=["night_work"], needs=[])["id"]
    vacancy_id = world.vacancy(demands=["night_work"])
    world.change(fits, cannot=[])
    assert found(world.matches(vacancy_id)) == [fits]
    items = world.matches(vacancy_id, withMisfits="true")
    assert [(item["candidate_id"], item["verdict"]) for item in items][-1] == (cannot, "does_not_fit")
    assert items[-1]["near_miss"] is not None


def test_who_pauses_or_found_work_is_not_looked_at(world: World) -> None:
    pausing = world.candidate()["id"]
    gone = world.candidate()["id"]
    vacancy_id = world.vacancy()
    assert set(found(world.matches(vacancy_id))) == {pausing, gone}
    world.change(pausing, pausedUntil="2026-12-31")
    world.move_candidate(gone, "placed")
    assert world.matches(vacancy_id) == []


def test_the_gap_counts_from_the_candidates_own_job(world: World) -> None:
    ends = world.candidate(world.uwv, employmentId=world.job(date(2027, 1, 29)))["id"]
    free = world.candidate()["id"]
    items = world.matches(world.vacancy(), world.uwv)
    assert {item["candidate_id"]: item["gap_days"] for item in items} == {ends: 2, free: None}


def test_a_job_that_runs_past_the_start_is_to_agree_on(world: World) -> None:
    world.candidate(world.uwv, employmentId=world.job(date(2027, 2, 28)))
    [item] = world.matches(world.vacancy(), world.uwv)
    assert item["criteria"][-1]["criterion"] == "start"
    assert item["criteria"][-1]["result"] == "partly"
    assert item["verdict"] == "fits_with_adjustments"


def test_each_party_finds_only_whom_it_may_see(world: World) -> None:
    led_by_pool = world.candidate(world.pool)["id"]
    led_by_coach = world.candidate(world.coach)["id"]
    led_by_wsp = world.candidate()["id"]
    vacancy_id = world.vacancy()
    everybody = {led_by_pool, led_by_coach, led_by_wsp}
    assert set(found(world.matches(vacancy_id))) == everybody
    assert set(found(world.matches(vacancy_id, world.desk))) == everybody
    assert found(world.matches(vacancy_id, world.coach)) == [led_by_coach]
    for stranger in (world.pool, world.other_wsp):
        with pytest.raises(Problem) as refused:
            world.matches(vacancy_id, stranger)
        assert refused.value.status == 404
    with pytest.raises(Problem) as refused:
        world.matches(vacancy_id, world.employer)
    assert refused.value.status == 403


def test_a_look_at_matches_is_logged_for_the_people_in_the_answer(world: World) -> None:
    world.candidate(bsn=BSN, needs=["fixed_tasks"])
    world.candidate(bsn=OTHER_BSN)
    vacancy_id = world.vacancy()
    world.matches(vacancy_id, limit="1")
    assert len(world.logged("match.read")) == 1
    world.matches(vacancy_id)
    assert len(set(world.logged("match.read"))) == 2


def test_vacancies_for_a_candidate(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    best = world.vacancy()
    fewer_offers = world.vacancy(offers=[])
    world.vacancy(occupationCode="4222")
    world.vacancy(workplace={"postcode": "6211AA"})
    on_hold = world.vacancy()
    world.move_vacancy(on_hold, "on_hold")
    items = world.vacancies_for(candidate_id)
    assert [(item["vacancy_id"], item["candidate_id"]) for item in items] == [
        (best, candidate_id),
        (fewer_offers, candidate_id),
    ]
    [one] = [item for item in world.matches(best) if item["candidate_id"] == candidate_id]
    assert one == items[0]
    assert [client for client, _ in world.logged("match.read")].count(world.wsp.client_id) == 2


def test_a_jobcoach_organisation_finds_open_vacancies_for_its_own(world: World) -> None:
    own = world.candidate(world.coach)["id"]
    strange = world.candidate()["id"]
    vacancy_id = world.vacancy()
    assert [item["vacancy_id"] for item in world.vacancies_for(own, world.coach)] == [vacancy_id]
    with pytest.raises(Problem) as refused:
        world.vacancies_for(strange, world.coach)
    assert refused.value.status == 404


def test_the_query_has_bounds() -> None:
    assert MatchesQuery().load({}) == {"limit": 20, "near_misses": 5, "with_misfits": False}
    assert set(MatchesQuery().validate({"limit": "101", "age": "30"})) == {"limit", "age"}
