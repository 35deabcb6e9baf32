"""What each party has to do, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.signals.deadlines import NEXT_STEPS, NextStepCode
from service.signals.models import Signal
from service.signals.rules import SignalStatus
from tests.support.house import Party
from tests.support.made import employer_in
from tests.worklists.worklists_world import ADA_BSN, BO_BSN, TEAM_BSN, UNKNOWN_BSN, WORK, WorklistsWorld


def test_an_item_says_what_to_do_by_when_and_with_whom(world: WorklistsWorld) -> None:
    employment = world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True)
    signal = world.report(employment)
    number = world.uwv.get("/contract-end-signals").get_json()["items"][0]["number"]
    [item] = world.items(world.uwv)
    person = item.pop("personId")
    assert person is not None
    assert item == {
        "kind": "acknowledge",
        "id": signal,
        "dueOn": "2026-11-26",
        "late": False,
        "new": True,
        "since": "2026-11-23T09:00:00.000Z",
        "text": f"Pak melding {number} op.",
        "link": f"/contract-end-signals/{signal}",
        "number": number,
        "employerId": world.employer.id,
        "employmentId": employment,
        "vacancyId": None,
        "for": {"caseworkerId": world.noor, "teamId": world.team},
    }
    english = world.uwv.get("/work-items", Accept_Language="en").get_json()["items"][0]
    assert english["text"] == f"Pick up report {number}."
    assert world.uwv.get(item["link"]).status_code == 200
    assert world.items(world.uwv)[0]["new"] is False  # it was opened
    with world.house.database.reading() as uow:
        looked = select(AccessEntry.person_id, AccessEntry.resource).where(AccessEntry.action == "work-item.read")
        assert set(uow.execute(looked).all()) == {(person, f"contract-end-signals/{signal}")}


def test_the_course_of_a_signal_is_one_item_at_a_time(world: WorklistsWorld) -> None:
    signal = world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True))
    path = f"/contract-end-signals/{signal}"
    assert world.kinds(world.uwv) == [("acknowledge", "2026-11-26")]
    world.done(world.uwv, "POST", path + "/transitions", {"to": "acknowledged"})
    assert world.kinds(world.uwv) == [("make_plan", "2026-12-14")]
    world.done(world.uwv, "PUT", path + "/plan", {"service": "naar_werk", "startDate": "2026-12-21", "lead": "aid"})
    world.done(world.uwv, "POST", path + "/transitions", {"to": "planned"})
    assert world.kinds(world.uwv) == [("carry_out_plan", "2027-02-28")]
    assert world.items(world.employer) == []
    world.done(world.employer, "PATCH", path, {"phase": "doubt"})
    assert world.kinds(world.uwv) == [("await_decision", None)]
    [asked] = world.items(world.employer)
    assert (asked["kind"], asked["dueOn"], asked["for"]) == ("tell_decision", None, None)
    assert "personId" not in asked
    world.done(world.employer, "PATCH", path, {"phase": "decided", "expectedEndDate": "2026-12-01"})
    assert world.items(world.employer) == []
    world.later(days=10)
    assert world.kinds(world.uwv) == [("start_interview", "2026-12-29")]
    world.done(world.uwv, "POST", path + "/transitions", {"to": "closed", "outcome": "unknown"})
    assert world.items(world.uwv) == world.items(world.employer) == []


def test_the_items_are_the_next_steps(world: WorklistsWorld) -> None:
    """The words of the database say the same as the rule, for each status and phase."""
    signal = world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True))
    same = {NextStepCode.TELL_DECISION: ("await_decision", "tell_decision")}
    for (status, phase), step in NEXT_STEPS.items():
        with world.house.database.transaction() as uow:
            row = uow.session.get_one(Signal, signal)
            row.status, row.phase, row.planned_at = status, phase, uow.now
            row.reports[0].phase = phase
        shown = world.uwv.get(f"/contract-end-signals/{signal}").get_json()["nextStep"]
        [item] = world.items(world.uwv)
        inside, outside = same.get(step, (step.value, None))
        assert (item["kind"], item["dueOn"]) == (inside, shown["by"])
        assert [each["kind"] for each in world.items(world.employer)] == ([outside] if outside else [])


def test_a_question_that_stays_open_is_one_item_too(world: WorklistsWorld) -> None:
    signal = world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True), phase="doubt")
    with world.house.database.transaction() as uow:
        row = uow.session.get_one(Signal, signal)
        row.status, row.asked_on, row.answer_by = SignalStatus.PLANNED, uow.today, uow.today
        row.acknowledged_at = row.planned_at = uow.now
    assert world.kinds(world.uwv) == [("await_decision", None)]
    with world.house.database.transaction() as uow:
        uow.session.get_one(Signal, signal).unanswered_since = uow.today
    assert world.kinds(world.uwv) == [("call_employer", None)]


def test_filters_by_day_kind_and_news(world: WorklistsWorld) -> None:
    late, today, week, later = (
        world.report(world.client(bsn, caseworkerId=world.noor, disclosed=True))
        for bsn in (ADA_BSN, BO_BSN, TEAM_BSN, UNKNOWN_BSN)
    )
    for signal, day in ((late, 22), (today, 23), (week, 30)):
        with world.house.database.transaction() as uow:
            uow.session.get_one(Signal, signal).acknowledge_by = date(2026, 11, day)
    with world.house.database.transaction() as uow:
        uow.session.get_one(Signal, later).acknowledge_by = date(2026, 12, 1)
    assert world.ids(world.uwv) == [late, today, week, later]
    assert world.ids(world.uwv, due="late") == [late]
    assert [each["late"] for each in world.items(world.uwv)] == [True, False, False, False]
    assert world.ids(world.uwv, due="today") == [today]
    assert world.ids(world.uwv, due="week") == [week]
    assert world.ids(world.uwv, due="later") == [later]
    assert world.ids(world.uwv, dueBefore="2026-11-30") == [late, today]
    assert world.ids(world.uwv, kind="make_plan") == []
    assert len(world.ids(world.uwv, kind="acknowledge", new="true")) == 4
    world.uwv.get(f"/contract-end-signals/{week}")
    assert world.ids(world.uwv, new="false") == [week]
    assert world.ids(world.uwv, employerId=world.employer.id) == [late, today, week, later]
    assert world.ids(world.uwv, employerId=world.uwv.id) == []
    world.house.clock.advance(days=4)
    world.later()
    assert world.ids(world.uwv, new="true") == []


def test_a_caseworker_a_team_and_an_office(world: WorklistsWorld) -> None:
    ada = world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True))
    bo = world.report(world.client(BO_BSN, caseworkerId=world.bo, disclosed=True))
    team = world.report(world.client(TEAM_BSN, teamId=world.team, disclosed=True))
    assert set(world.ids(world.uwv)) == {ada, bo, team}
    assert world.ids(world.uwv, caseworkerId=world.noor) == [ada]
    assert world.ids(world.uwv, caseworkerId=world.bo) == [bo]
    assert set(world.ids(world.uwv, teamId=world.team)) == {ada, team}
    assert set(world.ids(world.uwv, officeId=world.office)) == {ada, bo, team}
    assert world.ids(world.uwv, officeId=world.team) == []
    [item] = world.items(world.uwv, teamId=world.team, caseworkerId=world.noor)
    assert item["for"] == {"caseworkerId": world.noor, "teamId": world.team}
    # Whoever is away is found under both.
    world.made(
        world.uwv,
        f"/caseworkers/{world.noor}/absences",
        {"firstDay": "2026-11-23", "lastDay": "2026-11-27", "backupId": world.bo},
    )
    assert world.ids(world.uwv, caseworkerId=world.noor) == [ada]
    assert set(world.ids(world.uwv, caseworkerId=world.bo)) == {ada, bo}
    # Another becomes responsible.
    world.made(world.uwv, "/assignments", {"bsn": ADA_BSN, "caseworkerId": world.bo, "validFrom": "2026-11-24"})
    world.later(days=1)
    assert world.ids(world.uwv, caseworkerId=world.noor) == []
    for party in (world.employer, world.wsp):
        assert party.get(f"/work-items?caseworkerId={world.noor}").status_code == 403


def test_what_was_passed_on_is_with_whom_it_was_passed_to(world: WorklistsWorld) -> None:
    who: dict[str, Any] = {"caseworkerId": world.noor, "backupId": world.bo, "teamId": world.team}
    signal = world.report(world.client(ADA_BSN, disclosed=True, **who))
    hidden = world.report(world.client(BO_BSN, **who))

    def found() -> dict[str, list[str]]:
        asked = {
            "noor": {"caseworkerId": world.noor},
            "bo": {"caseworkerId": world.bo},
            "team": {"teamId": world.team},
        }
        lists = {name: world.ids(world.uwv, **query) for name, query in asked.items()}
        return {name: ids for name, ids in (lists | {"desk": world.ids(world.desk)}).items() if signal in ids}

    assert set(found()) == {"noor", "team"}
    world.later(days=4)  # Friday: the deadline was Thursday
    assert set(found()) == {"bo", "team"}
    assert {each["id"]: each["for"] for each in world.items(world.uwv)}[signal] == {
        "caseworkerId": world.bo,
        "teamId": world.team,
    }
    world.later(days=3)
    assert set(found()) == {"team"}
    world.later(days=1)
    assert set(found()) == {"desk"}
    assert signal not in world.ids(world.uwv)
    # In front stands the desk, from the beginning; the case stays with the caseworker.
    assert hidden in world.ids(world.desk)
    assert hidden in world.ids(world.uwv, caseworkerId=world.noor)


def test_the_desk_has_what_nobody_at_uwv_may_show(world: WorklistsWorld) -> None:
    known = world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True))
    hidden = world.report(world.client(BO_BSN, caseworkerId=world.noor))
    unknown = world.report(world.employment({"bsn": UNKNOWN_BSN, "name": "Onbekend"}))
    assert set(world.ids(world.desk)) == {hidden, unknown}
    assert set(world.ids(world.uwv)) == {known, hidden}
    assert {each["id"]: each["for"] for each in world.items(world.desk)} == {hidden: None, unknown: None}


def test_call_backs_are_with_their_handler(world: WorklistsWorld) -> None:
    employment = world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True)
    hidden = world.client(BO_BSN, caseworkerId=world.noor)
    body = {
        "subject": "jobcoach",
        "phone": "+442079460002",
        "windows": [{"date": "2026-11-25", "from": "09:00", "to": "12:00"}],
    }
    call = world.made(world.employer, "/call-backs", body | {"employmentId": employment})
    at_desk = world.made(world.employer, "/call-backs", body | {"employmentId": hidden})
    assert world.ids(world.uwv, kind="call_back", caseworkerId=world.noor) == [call]
    assert world.ids(world.uwv, kind="call_back", teamId=world.team) == [call]
    assert world.ids(world.uwv, caseworkerId=world.bo) == []
    assert world.ids(world.desk) == [at_desk]
    [item] = world.items(world.desk)
    assert (item["link"], item["dueOn"], item["new"]) == (f"/call-backs/{at_desk}", "2026-11-25", True)
    world.done(world.desk, "PATCH", f"/call-backs/{at_desk}", {"handler": {"kind": "caseworker"}})
    assert world.ids(world.desk) == []
    assert set(world.ids(world.uwv)) == {call, at_desk}
    world.made(
        world.uwv,
        f"/caseworkers/{world.noor}/absences",
        {"firstDay": "2026-11-23", "lastDay": "2026-11-24", "backupId": world.bo},
    )
    assert call in world.ids(world.uwv, caseworkerId=world.bo)
    assert world.items(world.employer) == []


def test_evaluations_come_near_and_go(world: WorklistsWorld) -> None:
    employment = world.client(ADA_BSN, caseworkerId=world.noor, jobcoach=True)
    body = {
        "agreedOn": "2026-11-20",
        "participants": ["employee", "employer", "jobcoach"],
        "jobcoachOrganisationId": world.jobcoach.id,
        "evaluations": ["2026-12-21", "2026-12-22", "2027-01-15", "2027-03-01"],
    }
    agreement = world.made(world.uwv, f"/employments/{employment}/agreements", body)
    for party in (world.uwv, world.employer, world.jobcoach):
        [item] = world.items(party, kind="evaluation")
        assert (item["dueOn"], item["new"], item["employmentId"]) == ("2026-12-21", False, employment)
        assert item["link"] == f"/employments/{employment}/agreements/{agreement}"
        assert party.get(item["link"]).status_code == 200
    assert world.items(world.desk, kind="evaluation") == []
    assert world.ids(world.uwv, kind="evaluation", caseworkerId=world.bo) == []
    world.later(days=43)  # Tuesday 5 January
    assert world.kinds(world.employer, kind="evaluation") == [
        ("evaluation", "2026-12-22"),
        ("evaluation", "2027-01-15"),
    ]
    # No day lies after the end of the job: the contract ends on 31 January.
    world.later(days=14)
    assert world.kinds(world.employer, kind="evaluation") == [("evaluation", "2027-01-15")]
    world.done(world.uwv, "PATCH", f"/links/{employment}", {"disclosed": False})
    assert world.items(world.employer, kind="evaluation") == []


def test_vacancies_for_employer_wsp_and_pool(world: WorklistsWorld) -> None:
    pool = world.pool()
    vacancy = world.made(world.employer, "/vacancies", WORK | {"expiresOn": "2026-12-10"})
    assert world.items(world.employer) == []
    for party in (world.wsp, pool):
        [item] = world.items(party)
        assert (item["kind"], item["dueOn"], item["new"], item["vacancyId"]) == (
            "answer_referral",
            "2026-11-26",
            True,
            vacancy,
        )
        assert party.get(item["link"]).status_code == 200
        assert [each["new"] for each in world.items(party)] == [False]
    world.done(world.employer, "POST", f"/vacancies/{vacancy}/transitions", {"to": "on_hold"})
    assert world.items(pool) == []
    world.done(world.employer, "POST", f"/vacancies/{vacancy}/transitions", {"to": "open"})
    [referral] = world.ids(world.wsp)
    world.done(world.wsp, "POST", f"/referrals/{referral}/transitions", {"to": "accepted"})
    assert world.items(world.wsp) == []
    world.later(days=4)
    expires = world.employer.get(f"/vacancies/{vacancy}").get_json()["expiresOn"]
    world.done(world.employer, "PATCH", f"/vacancies/{vacancy}", {"expiresOn": "2026-12-11"})
    assert expires != "2026-12-11"
    [item] = world.items(world.employer)
    assert (item["kind"], item["dueOn"], item["link"]) == ("renew_vacancy", "2026-12-11", f"/vacancies/{vacancy}")


def test_proposals_wait_for_the_lead(world: WorklistsWorld) -> None:
    pool = world.pool()
    vacancy = world.made(world.employer, "/vacancies", WORK)
    profile = {
        "occupations": ["9333"],
        "hours": {"min": 16, "max": 32},
        "postcode4": "9711",
        "maxDistanceKm": 20,
        "needs": [],
        "cannot": [],
        "bsn": TEAM_BSN,
        "name": "Sanne de Vries",
    }
    candidate = world.made(world.wsp, "/candidates", profile)
    said = {"poolId": pool.id, "consent": {"how": "phone", "on": "2026-11-23"}}
    world.made(world.uwv, f"/candidates/{candidate}/pool-offers", said)
    proposal = world.made(pool, "/proposals", {"vacancyId": vacancy, "candidateId": candidate, "proposedBy": "P. Smit"})
    waits = {"kind": "agree_to_proposal"}
    [item] = world.items(world.wsp, **waits)
    assert (item["id"], item["dueOn"], item["new"], item["vacancyId"]) == (proposal, None, True, vacancy)
    assert item["employmentId"] is None
    assert "personId" not in item
    assert world.items(pool, **waits) == world.items(world.uwv, **waits) == world.items(world.employer) == []
    world.done(world.wsp, "POST", f"/proposals/{proposal}/transitions", {"to": "proposed"})
    assert world.items(world.wsp, **waits) == []
    assert world.ids(world.wsp, kind="ask_consent") == [proposal]
    consent = {"how": "phone", "askedBy": "A. Jansen, jobcoach", "on": "2026-11-23"}
    body = {"to": "consented", "consent": consent}
    world.done(world.wsp, "POST", f"/proposals/{proposal}/transitions", body)
    assert world.items(world.wsp, kind="ask_consent") == []


def test_others_have_nothing_of_it(world: WorklistsWorld) -> None:
    world.report(world.client(ADA_BSN, caseworkerId=world.noor, disclosed=True), phase="doubt")
    world.planned(world.ids(world.uwv)[0])
    world.made(world.employer, "/vacancies", WORK)
    assert world.kinds(world.employer) == [("tell_decision", None)]
    strangers = [employer_in(world.house, "another"), world.house.party(PartyKind.WSP, "far", region_code="AM35")]
    for party in [*strangers, world.jobcoach, world.house.party(PartyKind.MOBILITY_POOL)]:
        assert world.items(party) == []
    operator = world.house.party(PartyKind.OPERATOR)
    assert operator.get("/work-items").status_code == 403


def test_a_jobcoach_organisation_is_asked_where_the_employer_is_not(world: WorklistsWorld) -> None:
    employment = world.client(ADA_BSN, caseworkerId=world.noor, jobcoach=True)
    body = {"employmentId": employment, "phase": "doubt", "employeeInformed": True, "expectedEndDate": "2027-02-28"}
    signal = world.made(world.jobcoach, "/contract-end-signals", body)
    world.planned(signal)
    assert world.ids(world.jobcoach) == [signal]
    assert world.items(world.employer) == []


@pytest.fixture
def many(world: WorklistsWorld) -> tuple[WorklistsWorld, list[Party]]:
    """Work of many kinds, much of it on the same day and of the same moment."""
    world.pool()
    for at, bsn in enumerate((ADA_BSN, BO_BSN, TEAM_BSN)):
        employment = world.client(bsn, caseworkerId=world.noor, disclosed=bool(at % 2))
        world.report(employment, phase="doubt")
        for subject in ("jobcoach", "contact", "service"):
            body = {
                "employmentId": employment,
                "subject": subject,
                "phone": "+442079460002",
                "windows": [{"date": "2026-11-26", "from": "09:00", "to": "12:00"}],
            }
            world.made(world.employer, "/call-backs", body)
    for _ in range(3):
        vacancy = world.made(world.employer, "/vacancies", WORK)
        world.done(world.employer, "PATCH", f"/vacancies/{vacancy}", {"expiresOn": "2026-12-01"})
    for each in world.ids(world.uwv, kind="acknowledge")[:2]:
        world.planned(each)
    return world, [world.uwv, world.desk, world.wsp, world.employer]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(who=st.integers(0, 3), limit=st.integers(1, 7), query=st.sampled_from(["", "&due=week", "&kind=call_back"]))
def test_no_item_is_lost_or_double_between_pages(
    many: tuple[WorklistsWorld, list[Party]], who: int, limit: int, query: str
) -> None:
    _, parties = many
    whole = parties[who].get(f"/work-items?limit=200{query}").get_json()["items"]
    order = [(each["dueOn"] or "9999", each["since"], each["id"]) for each in whole]
    assert order == sorted(order)
    found: list[dict[str, Any]] = []
    more = ""
    while True:
        page = parties[who].get(f"/work-items?limit={limit}{query}{more}").get_json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            break
        more = f"&cursor={page['next']}"
    assert found == whole


def test_a_cursor_of_another_list(world: WorklistsWorld) -> None:
    for _ in range(3):
        world.made(world.employer, "/vacancies", WORK)
    cursor = world.employer.get("/vacancies?limit=1").get_json()["next"]
    refused = world.employer.get(f"/work-items?cursor={cursor}")
    assert refused.status_code == 400
    assert refused.get_json()["errors"][0]["code"] == "unknown-cursor"
