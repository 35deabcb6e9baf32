"""Proposals over HTTP: what a withdrawn consent leaves behind, and what an employer may find out by trying."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.access.rules import PartyKind
from service.delivery.models import Event, Mail
from service.rooms import ROOMS
from service.vacancies.candidates.models import Candidate
from tests.support.house import House, Party
from tests.support.made import employer_in
from tests.vacancies.candidates_world import CONSENT, NAME, PROFILE, WORK

BSN = "123456782"
TRIAL: dict[str, Any] = {"startDate": "2027-02-01", "endDate": "2027-04-30", "intendedContractMonths": 7}


class Scene:
    """A candidate that the WSP leads, an advisor of a pool who may see it, and employers with a vacancy."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Bakkerij Brood")
        self.uwv = house.party(PartyKind.UWV, "UWV")
        self.desk = house.party(PartyKind.DESK, "Servicepunt")
        self.wsp = house.party(PartyKind.WSP, "WSP Groningen")
        self.coach = house.party(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")

    def made(self, party: Party, path: str, body: dict[str, Any]) -> str:
        answer = party.post(path, body)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["id"])

    def vacancy(self, employer: Party | None = None, **more: Any) -> str:
        return self.made(employer or self.employer, "/vacancies", WORK | more)

    def candidate(self, **more: Any) -> str:
        return self.made(self.wsp, "/candidates", PROFILE | {"name": NAME} | more)

    def proposed(self, vacancy_id: str, candidate_id: str) -> str:
        pair = {"vacancyId": vacancy_id, "candidateId": candidate_id, "proposedBy": "P. Smit"}
        return "/proposals/" + self.made(self.wsp, "/proposals", pair)

    def introduced(self, vacancy_id: str, candidate_id: str) -> str:
        path = self.proposed(vacancy_id, candidate_id)
        self.done(self.wsp, path, "consented", consent=CONSENT)
        self.done(self.wsp, path, "introduced")
        return path

    def done(self, party: Party, path: str, to: str, **more: Any) -> dict[str, Any]:
        answer = party.move(path, to, **more)
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())


@pytest.fixture
def scene(house: House) -> Scene:
    return Scene(house)


# --- Consent that is withdrawn ------------------------------------------------------------------------------------


def test_a_withdrawn_consent_takes_the_name_out_of_everything(scene: Scene) -> None:
    candidate_id = scene.candidate(bsn=BSN)
    vacancy_id = scene.vacancy()
    path = scene.introduced(vacancy_id, candidate_id)
    named = scene.employer.get(path)
    assert named.get_json()["name"] == NAME
    tag = named.headers["ETag"]
    assert scene.employer.get(path, If_None_Match=tag).status_code == 304
    started = {"to": "trial_placement", **TRIAL}
    stored = scene.employer.post(f"{path}/transitions", started, If_Match=tag, Idempotency_Key="start-1")
    assert stored.status_code == 200
    assert scene.employer.get(path).get_json()["name"] == NAME
    tags = [tag, scene.employer.get(path).headers["ETag"]]
    webhook = {"url": "https://hr.example.nl/events", "types": ["nl.servicepunt.proposal"]}
    scene.made(scene.employer, "/webhooks", webhook)
    scene.done(scene.wsp, path, "withdrawn", reason="consent_withdrawn")

    again = scene.employer.post(f"{path}/transitions", started, If_Match=tag, Idempotency_Key="start-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert NAME not in again.get_data(as_text=True)
    for old in tags:
        shown = scene.employer.get(path, If_None_Match=old)
        assert (shown.status_code, shown.get_json()["name"]) == (200, None)
        assert shown.headers["ETag"] not in tags
    feed = scene.made(scene.employer, "/calendar-feeds", {"name": "Deadlines"})
    for party in (scene.employer, scene.wsp, scene.uwv, scene.desk):
        for there in (
            path,
            "/proposals",
            f"/proposals?vacancyId={vacancy_id}",
            "/proposals?status=withdrawn",
            "/events",
            "/work-items",
            f"/vacancies/{vacancy_id}",
            f"/candidates/{candidate_id}",
            f"/vacancies/{vacancy_id}/matches",
            "/access-log",
            "/webhooks",
            f"/calendar-feeds/{feed}",
        ):
            answer = party.get(there)
            if there in (path, "/proposals"):
                assert answer.status_code == 200, there
            assert NAME not in answer.get_data(as_text=True), (party.kind, there)
    with scene.house.database.reading() as uow:
        assert NAME not in str([*uow.session.scalars(select(Event.data)), *uow.session.scalars(select(Mail.data))])
        person_id = uow.session.scalars(select(Candidate.person_id).where(Candidate.id == candidate_id)).one()
        [vacancies] = [room for room in ROOMS if room.name == "vacancies"]
        assert vacancies.export is not None
        [mine] = vacancies.export(uow, str(person_id))["proposals"]
        assert mine["consent"]["state"] == "withdrawn"
        assert NAME not in str(mine)


UNLIKE = {"id", "candidateId", "vacancyId", "at"}


def seen(party: Party, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = party.get(path).get_json()
    answer["history"] = [{**move, "at": None} for move in answer["history"]]
    return {name: value for name, value in answer.items() if name not in UNLIKE}


@pytest.mark.parametrize(
    ("end", "about_consent"), [("withdrawn", "consent_withdrawn"), ("declined", "consent_refused")]
)
def test_what_was_said_of_consent_costs_nothing(scene: Scene, end: str, about_consent: str) -> None:
    """An employer, an advisor and matching see the same as where somebody gave no reason; the lead knows."""
    vacancy_id = scene.vacancy()
    people = [scene.candidate(bsn=bsn) for bsn in (BSN, "111222333")]
    before = scene.wsp.get(f"/vacancies/{vacancy_id}/matches").get_json()
    paths = []
    for candidate_id, reason in zip(people, (about_consent, "candidate_gives_no_reason"), strict=True):
        path = scene.proposed(vacancy_id, candidate_id)
        if end == "withdrawn":
            scene.done(scene.wsp, path, "consented", consent=CONSENT)
        scene.done(scene.wsp, path, end, reason=reason)
        paths.append(path)
    for party in (scene.employer, scene.desk):
        one, other = (seen(party, path) for path in paths)
        assert one == other
        assert about_consent not in str(one)
        tags = [party.get(path).headers["ETag"].partition("-")[0] for path in paths]
        assert tags[0] == tags[1]
    assert scene.wsp.get(paths[0]).get_json()["reason"] == about_consent
    assert scene.uwv.get(paths[0]).get_json()["consent"]["state"] == ("withdrawn" if end == "withdrawn" else "refused")
    assert scene.wsp.get(f"/vacancies/{vacancy_id}/matches").get_json() == before
    again = scene.proposed(vacancy_id, people[0])
    shown = scene.employer.get(again).get_json()
    assert (shown["status"], shown["reason"], len(shown["history"])) == ("proposed", None, 1)


def test_an_employer_reads_no_wishes_of_somebody_whom_it_met(scene: Scene) -> None:
    path = scene.introduced(scene.vacancy(), candidate_id := scene.candidate(bsn=BSN, availableFrom="2027-01-01"))
    assert scene.employer.get(path).get_json()["wantedHours"] == {"min": 16, "max": 32}
    scene.done(scene.employer, path, "declined", reason="other_candidate")
    before = scene.employer.get(path)
    assert [before.get_json()[name] for name in ("wantedHours", "availableFrom")] == [None, None]
    changed = scene.wsp.patch(f"/candidates/{candidate_id}", {"hours": {"max": 20}}, If_Match="*")
    assert changed.status_code == 200
    assert scene.employer.get(path, If_None_Match=before.headers["ETag"]).status_code == 304
    assert scene.wsp.get(path).get_json()["wantedHours"] == {"min": 16, "max": 20}


# --- An employer that cannot know of other work -------------------------------------------------------------------


def test_an_employer_finds_out_nothing_about_other_work_by_trying(scene: Scene) -> None:
    candidate_id = scene.candidate(bsn=BSN)
    other = employer_in(scene.house, "Meubels en meer")
    elsewhere = scene.introduced(scene.vacancy(other), candidate_id)
    path = scene.introduced(scene.vacancy(), candidate_id)
    scene.done(other, elsewhere, "trial_placement", **TRIAL, hours=32)
    problems = []
    for hours, start in ((32, "2027-02-01"), (8, "2027-02-01"), (32, "2028-02-01"), (1, "2029-02-01")):
        refused = scene.employer.move(path, "placed", hours=hours, startDate=start)
        problems.append((refused.status_code, refused.get_json()))
    assert {status for status, _ in problems} == {409}
    assert all(problem == problems[0][1] for _, problem in problems)
    assert problems[0][1]["type"].rpartition("#")[2] == "start-held"
    assert "uur" not in problems[0][1]["detail"]
    assert scene.employer.get(path).get_json()["status"] == "introduced"
    types = {
        party.kind: [event["type"].removeprefix("nl.servicepunt.") for event in _events(scene, party)]
        for party in (scene.employer, scene.wsp)
    }
    assert types[PartyKind.WSP].count("proposal.start-held") == 1
    assert "proposal.start-held" not in types[PartyKind.EMPLOYER]
    assert [item["link"] for item in _work(scene.wsp, "talk_over_start")] == [path]
    assert _work(scene.employer, "talk_over_start") == []
    # Of the lead's own step it is said what is wrong, and the lead can mend it.
    refused = scene.wsp.move(path, "placed", hours=32, startDate="2027-02-01")
    assert [error["code"] for error in refused.get_json()["errors"]] == ["too-many-hours"]
    scene.done(scene.wsp, path, "trial_placement", **TRIAL, hours=16)
    assert _work(scene.wsp, "talk_over_start") == []
    scene.done(scene.employer, path, "placed", startDate="2027-05-01")


def test_the_end_of_a_trial_is_on_the_lists_of_both_sides(scene: Scene) -> None:
    path = scene.introduced(scene.vacancy(), scene.candidate(bsn=BSN))
    scene.done(scene.employer, path, "trial_placement", **TRIAL)
    day = scene.house.clock.now
    for passed, late in ((143, None), (144, False), (159, True)):
        scene.house.clock.set(day)
        scene.house.clock.advance(days=passed)
        for party in (scene.employer, scene.wsp):
            party.headers = {"Authorization": f"Bearer {scene.house.token(party)}"}
            found = [(item["link"], item["dueOn"], item["late"], item["new"]) for item in _work(party, "end_of_trial")]
            assert found == ([] if late is None else [(path, "2027-04-30", late, False)]), passed
    scene.done(scene.employer, path, "declined", reason="trial_ended_without_contract")
    assert _work(scene.employer, "end_of_trial") == _work(scene.wsp, "end_of_trial") == []


def _work(party: Party, kind: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = party.get(f"/work-items?kind={kind}").get_json()["items"]
    return items


def _events(scene: Scene, party: Party) -> list[dict[str, Any]]:
    from service.delivery import sequencer

    with scene.house.database.transaction() as uow:
        sequencer.sequence(uow, 500)
    items: list[dict[str, Any]] = party.get("/events?limit=100").get_json()["items"]
    return items


# --- One fixed jobcoach organisation ------------------------------------------------------------------------------


def test_who_is_introduced_knows_of_the_one_jobcoach_organisation(scene: Scene) -> None:
    fixed: dict[str, Any] = {"jobcoachArrangement": "fixed", "jobcoachOrganisationId": scene.coach.id}
    vacancy_id = scene.vacancy(**fixed)
    path = scene.proposed(vacancy_id, scene.candidate(bsn=BSN))
    shown = scene.wsp.get(path).get_json()
    assert shown["jobcoachArrangement"] == "fixed"
    assert shown["jobcoachOrganisation"] == {"id": scene.coach.id, "name": "Coach en Co"}
    for consent in (CONSENT, CONSENT | {"toldFixedJobcoach": False}):
        refused = scene.wsp.move(path, "consented", consent=consent)
        assert [(error["pointer"], error["code"]) for error in refused.get_json()["errors"]] == [
            ("/consent/toldFixedJobcoach", "tell-about-jobcoach")
        ]
    given = scene.done(scene.wsp, path, "consented", consent=CONSENT | {"toldFixedJobcoach": True})
    assert given["consent"]["toldFixedJobcoach"] is True
    scene.done(scene.wsp, path, "introduced")


def test_an_arrangement_that_came_later_is_told_before_the_introduction(scene: Scene) -> None:
    vacancy_id = scene.vacancy()
    path = scene.proposed(vacancy_id, scene.candidate(bsn=BSN))
    scene.done(scene.wsp, path, "consented", consent=CONSENT)
    changed = scene.employer.patch(f"/vacancies/{vacancy_id}", {"jobcoachArrangement": "fixed"}, If_Match="*")
    assert changed.status_code == 200
    for party in (scene.wsp, scene.desk):
        refused = party.move(path, "introduced")
        assert [error["code"] for error in refused.get_json()["errors"]] == ["tell-about-jobcoach"]
    told = CONSENT | {"toldFixedJobcoach": True}
    refused = scene.desk.move(path, "introduced", consent=told)
    assert [error["code"] for error in refused.get_json()["errors"]] == ["not-in-this-step"]
    assert scene.done(scene.wsp, path, "introduced", consent=told)["consent"]["toldFixedJobcoach"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"jobcoachArrangement": "free", "jobcoachOrganisationId": "coach"}, "not-fixed"),
        ({"jobcoachArrangement": "fixed", "jobcoachOrganisationId": "wsp"}, "unknown-reference"),
    ],
)
def test_only_a_jobcoach_organisation_is_a_fixed_one(scene: Scene, body: dict[str, str], code: str) -> None:
    body = body | {"jobcoachOrganisationId": getattr(scene, body["jobcoachOrganisationId"]).id}
    refused = scene.employer.post("/vacancies", WORK | body)
    assert [(error["pointer"], error["code"]) for error in refused.get_json()["errors"]] == [
        ("/jobcoachOrganisationId", code)
    ]
    vacancy_id = scene.vacancy(jobcoachArrangement="fixed", jobcoachOrganisationId=scene.coach.id)
    freed = scene.employer.patch(f"/vacancies/{vacancy_id}", {"jobcoachArrangement": "free"}, If_Match="*")
    assert freed.get_json()["jobcoachOrganisationId"] is None
