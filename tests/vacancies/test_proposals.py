"""Proposals: consent, the name, the work that follows, and who learns what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.signals import operations as signals
from service.vacancies.matching import RULES_VERSION
from service.vacancies.models import Vacancy
from service.vacancies.proposals.models import ConsentRecord
from service.vacancies.proposals.schemas import ProposalAnswer, ProposalBody, ProposalDetail
from tests.vacancies.candidates_world import BSN, CONSENT, NAME, OTHER_BSN, PROFILE, World

TRIAL: dict[str, Any] = {"startDate": "2027-02-01", "endDate": "2027-04-30", "intendedContractMonths": 7}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def pointers(refused: pytest.ExceptionInfo[Problem]) -> list[tuple[str | None, str]]:
    return [(error.pointer, error.code) for error in refused.value.errors]


# --- Proposing ----------------------------------------------------------------------------------------------------


def test_a_proposal_says_whose_decision_it_is(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate()["id"])["id"]
    assert world.get(proposal_id)["proposed_by"] == "P. Smit, WSP"
    assert world.get(proposal_id, world.employer)["proposed_by"] is None
    for nobody in ({}, {"proposedBy": " "}, {"proposedBy": "123456782"}):
        with pytest.raises(ValidationError):
            ProposalBody().load({"vacancyId": new_id(), "candidateId": new_id(), **nobody})


def test_the_lead_proposes_and_anybody_else_asks_the_lead(world: World) -> None:
    candidate_id = world.candidate(world.uwv)["id"]
    vacancy_id = world.vacancy()
    asked = world.propose(vacancy_id, candidate_id)
    assert (asked["status"], asked["proposer_party_id"]) == ("requested", world.wsp.party.id)
    assert asked["rules_version"] == RULES_VERSION
    with pytest.raises(Problem) as refused:
        world.move(asked["id"], "proposed")
    assert (refused.value.status, refused.value.extra["allowed"]) == (409, ["withdrawn"])
    assert world.move(asked["id"], "proposed", world.uwv)["status"] == "proposed"
    assert world.propose(world.vacancy(), candidate_id, world.uwv)["status"] == "proposed"


def test_a_pair_has_one_live_proposal(world: World) -> None:
    candidate_id, vacancy_id = world.candidate()["id"], world.vacancy()
    first = world.propose(vacancy_id, candidate_id)["id"]
    for actor in (world.wsp, world.uwv):
        with pytest.raises(Problem) as refused:
            world.propose(vacancy_id, candidate_id, actor)
        assert refused.value.code == "proposal-exists"
        assert refused.value.extra["existing"] == f"/v1/proposals/{first}"
    world.move(first, "withdrawn", reason="made_by_mistake")
    assert world.propose(vacancy_id, candidate_id)["id"] != first


def test_nobody_proposes_what_is_not_open_or_not_looking(world: World) -> None:
    candidate_id, vacancy_id = world.candidate()["id"], world.vacancy()
    world.move_vacancy(vacancy_id, "on_hold")
    with pytest.raises(Problem) as refused:
        world.propose(vacancy_id, candidate_id)
    assert refused.value.code == "vacancy-not-open"
    world.change(candidate_id, pausedUntil="2026-12-31")
    with pytest.raises(Problem) as refused:
        world.propose(world.vacancy(), candidate_id)
    assert refused.value.code == "candidate-not-available"


def test_what_one_cannot_see_is_unknown(world: World) -> None:
    candidate_id, vacancy_id = world.candidate()["id"], world.vacancy()
    with pytest.raises(Problem) as refused:
        world.propose(vacancy_id, candidate_id, world.pool)
    assert pointers(refused) == [("/vacancyId", "unknown-reference"), ("/candidateId", "unknown-reference")]
    with pytest.raises(Problem) as refused:
        world.propose(vacancy_id, candidate_id, world.employer)
    assert refused.value.status == 403


# --- What an employer sees ----------------------------------------------------------------------------------------


def test_an_employer_sees_a_proposal_only_once_the_lead_has_proposed(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate(world.uwv)["id"])["id"]
    with pytest.raises(Problem) as refused:
        world.get(proposal_id, world.employer)
    assert refused.value.status == 404
    assert world.seen_by(world.employer) == []
    world.move(proposal_id, "proposed", world.uwv)
    shown = world.get(proposal_id, world.employer)
    assert [move["status"] for move in shown["history"]] == ["proposed"]
    assert [item["id"] for item in world.seen_by(world.employer)] == [proposal_id]
    assert world.seen_by(world.other_employer) == []


def test_a_request_that_was_declined_stays_unseen(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate(world.uwv)["id"])["id"]
    world.move(proposal_id, "declined", world.uwv, reason="not_the_right_time")
    assert world.seen_by(world.employer) == []
    assert all(world.employer.party.id not in readers for _, readers in world.events(f"proposals/{proposal_id}"))


def test_an_employer_never_reads_who_it_is_or_what_somebody_needs(world: World) -> None:
    job = world.job(date(2027, 1, 29))
    candidate = world.candidate(world.uwv, employmentId=job, needs=["small_team"], cannot=["night_work"])
    proposal_id = world.propose(world.vacancy(), candidate["id"], world.uwv)["id"]
    answers = [world.get(proposal_id, world.employer), world.seen_by(world.employer)[0]]
    for shown in answers:
        for secret in ("small_team", "night_work", "needs", "cannot", PROFILE["postcode4"], candidate["id"], NAME, BSN):
            assert secret not in str(shown)
        assert world.uwv.party.id not in str(shown)
        hidden = ("name", "candidate_id", "lead_party_id", "proposer_party_id", "consent", "gap_days")
        assert {name: shown[name] for name in hidden} == dict.fromkeys(hidden)
        assert shown["wanted_hours"] == {"min": 16, "max": 32}
        assert shown["available_from"] == date(2027, 1, 30)
    required = {field.data_key for field in ProposalDetail().fields.values() if field.required}
    assert required <= set(ProposalDetail().dump(answers[0]))
    assert world.seen_by(world.employer, candidate_id=candidate["id"]) == []


def test_the_name_comes_with_consent_and_goes_with_it(world: World, database: Database) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate(bsn=BSN, name=NAME)["id"])["id"]
    for actor in (world.employer, world.wsp, world.uwv):
        assert world.get(proposal_id, actor)["name"] is None
    answer = world.move(proposal_id, "consented", consent=CONSENT)
    assert "name" not in answer
    assert "name" not in ProposalAnswer().fields
    assert world.get(proposal_id, world.employer)["name"] == NAME
    assert world.seen_by(world.employer)[0]["name"] == NAME
    assert "name" not in world.move(proposal_id, "introduced")
    world.move(proposal_id, "withdrawn", reason="consent_withdrawn")
    for actor in (world.employer, world.wsp, world.uwv):
        assert world.get(proposal_id, actor)["name"] is None
    assert NAME not in str(world.seen_by(world.employer))
    shown = world.get(proposal_id, world.employer)
    assert (shown["status"], shown["reason"]) == ("withdrawn", None)
    assert world.get(proposal_id)["consent"]["state"] == "withdrawn"
    with database.reading() as uow:
        records = uow.session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
        assert [(row.state, row.how, row.asked_by) for row in records] == [
            ("granted", "phone", CONSENT["askedBy"]),
            ("withdrawn", None, "WSP Groningen"),
        ]


def test_the_name_goes_when_the_employer_declines(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN, name=NAME)["id"]
    proposal_id = world.introduced(world.vacancy(), candidate_id)
    assert world.get(proposal_id, world.employer)["name"] == NAME
    world.move(proposal_id, "declined", world.employer, reason="other_candidate")
    shown = world.get(proposal_id, world.employer)
    assert (shown["name"], shown["reason"]) == (None, "other_candidate")


def test_each_look_is_logged(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate(bsn=BSN)["id"])["id"]
    world.get(proposal_id, world.employer)
    world.seen_by(world.uwv)
    readers = [client for client, _ in world.logged("proposal.read")]
    assert readers == [world.employer.client_id, world.uwv.client_id]
    assert [client for client, _ in world.logged("proposal.proposed")] == [world.wsp.client_id]


# --- Whoever looks for people for the vacancy ---------------------------------------------------------------------


def test_who_leads_the_search_sees_who_was_proposed_by_others_without_the_name(world: World) -> None:
    vacancy_id = world.vacancy()
    job = world.job(date(2027, 1, 29))
    candidate_id = world.candidate(world.uwv, employmentId=job)["id"]
    asked = world.propose(vacancy_id, candidate_id, world.desk)["id"]
    assert world.seen_by(world.wsp) == []
    referral_id = world.take(vacancy_id, world.wsp)
    assert world.seen_by(world.wsp) == []
    world.move(asked, "proposed", world.uwv)
    [shown] = world.seen_by(world.wsp)
    assert (shown["id"], shown["candidate_id"], shown["gap_days"]) == (asked, candidate_id, None)
    world.move(asked, "consented", world.uwv, consent=CONSENT)
    assert world.get(asked, world.uwv)["name"] == world.get(asked, world.employer)["name"] == NAME
    assert world.get(asked)["name"] is None
    assert NAME not in str(world.seen_by(world.wsp))
    assert world.wsp.client_id in [client for client, _ in world.logged("proposal.read")]
    assert world.move(asked, "introduced")["status"] == "introduced"
    readers = dict(world.events(f"proposals/{asked}"))
    assert world.wsp.party.id not in readers["proposal.requested"]
    assert world.wsp.party.id in readers["proposal.proposed"] & readers["proposal.introduced"]
    world.give_back(referral_id, world.wsp)
    assert world.seen_by(world.wsp) == []


def test_taking_a_vacancy_shows_no_other(world: World) -> None:
    taken, other = world.vacancy(), world.vacancy()
    world.take(taken, world.wsp)
    world.propose(other, world.candidate(world.uwv)["id"], world.uwv)
    proposal_id = world.propose(taken, world.candidate(world.uwv)["id"], world.uwv)["id"]
    assert [item["id"] for item in world.seen_by(world.wsp)] == [proposal_id]
    assert world.seen_by(world.other_wsp) == world.seen_by(world.pool) == world.seen_by(world.coach) == []


# --- Consent and moves --------------------------------------------------------------------------------------------


def test_an_employer_never_records_consent(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate()["id"])["id"]
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "consented", world.employer, consent=CONSENT)
    assert (refused.value.status, refused.value.extra["allowed"]) == (409, ["declined"])


def test_the_jobcoach_of_the_person_records_consent_and_a_mere_proposer_does_not(world: World) -> None:
    job = world.job(date(2027, 1, 29), coach=world.coach)
    candidate_id = world.candidate(world.uwv, employmentId=job)["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id)["id"]
    world.move(proposal_id, "proposed", world.uwv)
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "consented", consent=CONSENT)
    assert refused.value.code == "forbidden-transition"
    assert world.move(proposal_id, "consented", world.coach, consent=CONSENT)["consent"] == {
        "state": "granted",
        "how": "phone",
        "asked_by": CONSENT["askedBy"],
        "on": date(2026, 11, 23),
        "told_fixed_jobcoach": None,
    }


def test_consent_needs_its_record(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate()["id"])["id"]
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "consented")
    assert pointers(refused) == [("/consent", "required")]
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "consented", consent=CONSENT | {"on": "2026-11-24"}, reason="too_far")
    assert pointers(refused) == [("/reason", "not-in-this-step"), ("/consent/on", "in-the-future")]
    assert world.get(proposal_id)["status"] == "proposed"


def test_an_end_needs_a_reason_of_ones_own_side(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate()["id"])["id"]
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "declined", world.employer)
    assert pointers(refused) == [("/reason", "required")]
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "declined", world.employer, reason="consent_refused")
    assert pointers(refused) == [("/reason", "reason-not-allowed")]
    world.move(proposal_id, "declined", reason="consent_refused")
    assert world.get(proposal_id)["consent"]["state"] == "refused"
    assert world.get(proposal_id, world.employer)["reason"] is None


def test_a_stale_move_is_refused_before_the_state_is_looked_at(world: World) -> None:
    made = world.propose(world.vacancy(), world.candidate()["id"])
    world.move(made["id"], "withdrawn", reason="made_by_mistake")
    with pytest.raises(Problem) as refused:
        world.move(made["id"], "placed", expected=Expected(frozenset({made["version"]})))
    assert refused.value.status == 412


def test_a_stranger_finds_no_proposal_to_move(world: World) -> None:
    proposal_id = world.propose(world.vacancy(), world.candidate()["id"])["id"]
    for stranger in (world.other_employer, world.other_wsp, world.pool, world.coach):
        with pytest.raises(Problem) as refused:
            world.move(proposal_id, "declined", stranger, reason="too_far")
        assert refused.value.status == 404


# --- At work ------------------------------------------------------------------------------------------------------


def test_a_trial_placement_keeps_to_the_rules(world: World) -> None:
    proposal_id = world.introduced(world.vacancy(), world.candidate()["id"])
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "trial_placement", world.employer)
    assert {pointer for pointer, _ in pointers(refused)} == {"/startDate", "/endDate", "/intendedContractMonths"}
    wrong: dict[str, Any] = {"startDate": "2027-02-01", "endDate": "2027-02-28", "intendedContractMonths": 5}
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "trial_placement", world.employer, **wrong)
    assert pointers(refused) == [
        ("/endDate", "trial-too-short"),
        ("/intendedContractMonths", "intended-contract-too-short"),
    ]
    shown = world.move(proposal_id, "trial_placement", world.employer, **TRIAL, hours=24)
    assert (shown["end_date"], shown["hours"]) == (date(2027, 4, 30), 24)
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "placed", startDate="2027-02-01")
    assert pointers(refused) == [("/startDate", "before-the-trial")]
    assert world.move(proposal_id, "placed", startDate="2027-05-01")["status"] == "placed"


def test_a_placement_tells_the_signals_and_counts_the_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[object, ...]] = []
    real = signals.record_placement

    def record(uow: object, actor: object, *facts: object) -> object:
        told.append(facts)
        return real(uow, actor, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr(signals, "record_placement", record)
    candidate_id = world.candidate(world.uwv, employmentId=world.job(date(2027, 1, 29)))["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id, world.uwv)["id"]
    world.move(proposal_id, "consented", world.uwv, consent=CONSENT)
    world.move(proposal_id, "introduced", world.uwv)
    world.move(proposal_id, "trial_placement", world.employer, **TRIAL)
    world.move(proposal_id, "placed", world.employer, startDate="2027-05-01")
    assert [facts[1:3] for facts in told] == [
        (date(2027, 2, 1), "trial_placement"),
        (date(2027, 5, 1), "placed"),
    ]
    assert len({facts[0] for facts in told}) == 1
    assert world.get(proposal_id, world.uwv)["gap_days"] == (date(2027, 5, 1) - date(2027, 1, 29)).days - 1
    assert world.get(proposal_id, world.employer)["gap_days"] is None


def test_the_last_position_ends_the_other_proposals_and_everyone_hears(world: World) -> None:
    vacancy_id = world.vacancy(positions=2)
    people = [world.candidate(bsn=BSN), world.candidate(bsn=OTHER_BSN), world.candidate(world.uwv)]
    first, second = (world.introduced(vacancy_id, one["id"]) for one in people[:2])
    third = world.propose(vacancy_id, people[2]["id"], world.uwv)["id"]
    asked = world.propose(vacancy_id, world.candidate(world.uwv)["id"])["id"]
    world.move(first, "placed", startDate="2027-02-01")
    assert [world.get(one)["status"] for one in (second, asked)] == ["introduced", "requested"]
    world.move(second, "placed", world.employer, startDate="2027-02-01")
    assert world.vacancy_status(vacancy_id) == "filled"
    for proposal_id in (third, asked):
        shown = world.get(proposal_id, world.uwv)
        assert (shown["status"], shown["reason"]) == ("withdrawn", "vacancy_filled")
        assert world.events(f"proposals/{proposal_id}")[-1][0] == "proposal.withdrawn"
    assert world.events(f"proposals/{third}")[-1][1] == {world.employer.party.id, world.uwv.party.id}
    assert world.events(f"proposals/{asked}")[-1][1] == {world.wsp.party.id, world.uwv.party.id}
    assert world.get(third, world.employer)["reason"] == "vacancy_filled"
    assert [world.get(one)["status"] for one in (first, second)] == ["placed", "placed"]


def test_a_placed_candidate_looks_no_further(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    elsewhere = world.propose(world.vacancy(), candidate_id)["id"]
    proposal_id = world.introduced(world.vacancy(), candidate_id)
    world.move(proposal_id, "placed", startDate="2027-02-01")
    assert world.get_candidate(candidate_id)["status"] == "placed"
    shown = world.get(elsewhere)
    assert (shown["status"], shown["reason"]) == ("withdrawn", "candidate_no_longer_available")


def test_a_running_trial_holds_its_position(world: World, database: Database) -> None:
    vacancy_id = world.vacancy()
    trial, other = (world.introduced(vacancy_id, world.candidate()["id"]) for _ in range(2))
    world.move(trial, "trial_placement", **TRIAL)
    steps: tuple[dict[str, Any], ...] = (
        {"to": "placed", "startDate": "2027-02-01"},
        {"to": "trial_placement", **TRIAL},
    )
    for step in steps:
        with pytest.raises(Problem) as refused:
            world.move(other, **step)
        assert refused.value.code == "no-position-left"
    world.move(trial, "declined", world.employer, reason="trial_ended_without_contract")
    world.move(other, "placed", startDate="2027-02-01")
    with database.reading() as uow:
        assert uow.session.get_one(Vacancy, vacancy_id).filled_positions == 1


def test_a_withdrawn_vacancy_ends_what_has_not_led_to_work(world: World) -> None:
    vacancy_id = world.vacancy(positions=2)
    trial = world.introduced(vacancy_id, world.candidate()["id"])
    world.move(trial, "trial_placement", **TRIAL)
    other = world.propose(vacancy_id, world.candidate()["id"])["id"]
    world.move_vacancy(vacancy_id, "withdrawn")
    assert world.get(trial)["status"] == "trial_placement"
    assert (world.get(other)["status"], world.get(other)["reason"]) == ("withdrawn", "vacancy_withdrawn")


# --- What everyone hears ------------------------------------------------------------------------------------------


def test_each_step_is_told_to_those_concerned(world: World) -> None:
    candidate_id = world.candidate(world.uwv, bsn=BSN)["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id)["id"]
    world.move(proposal_id, "proposed", world.uwv)
    world.move(proposal_id, "consented", world.uwv, consent=CONSENT)
    world.move(proposal_id, "introduced")
    world.move(proposal_id, "trial_placement", world.employer, **TRIAL)
    world.move(proposal_id, "placed", world.employer, startDate="2027-05-01")
    helpers = {world.uwv.party.id, world.wsp.party.id}
    everybody = helpers | {world.employer.party.id}
    assert world.events(f"proposals/{proposal_id}") == [
        ("proposal.requested", helpers),
        ("proposal.proposed", everybody),
        ("proposal.consented", everybody),
        ("proposal.introduced", everybody),
        ("proposal.trial-placement", everybody),
        ("proposal.placed", everybody),
    ]
    shown = ProposalDetail().dump(world.get(proposal_id))
    assert [(move["status"], move["by"]) for move in shown["history"]] == [
        ("requested", "wsp"),
        ("proposed", "uwv"),
        ("consented", "uwv"),
        ("introduced", "wsp"),
        ("trial_placement", "employer"),
        ("placed", "employer"),
    ]


def test_lists_can_be_narrowed(world: World) -> None:
    candidate_id, vacancy_id = world.candidate()["id"], world.vacancy()
    one = world.propose(vacancy_id, candidate_id)["id"]
    two = world.propose(world.vacancy(), candidate_id)["id"]
    world.move(two, "withdrawn", reason="made_by_mistake")
    assert [item["id"] for item in world.seen_by(world.wsp, vacancy_id=vacancy_id)] == [one]
    assert [item["id"] for item in world.seen_by(world.wsp, candidate_id=candidate_id)] == [one, two]
    assert [item["id"] for item in world.seen_by(world.wsp, status="withdrawn")] == [two]
