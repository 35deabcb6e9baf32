"""A vacancy over HTTP, from the employer to whoever looks for people."""

from __future__ import annotations

import pytest

from service.access.rules import PartyKind
from tests.support.house import House, Party
from tests.support.made import employer_in
from tests.vacancies.vacancies_world import WORK


@pytest.fixture
def employer(house: House) -> Party:
    return employer_in(house, "Bakkerij Brood")


def posted(employer: Party) -> str:
    made = employer.post("/vacancies", WORK)
    assert made.status_code == 201, made.get_json()
    return str(made.get_json()["id"])


def test_a_jobcoach_organisation_reads_the_shared_list(house: House, employer: Party) -> None:
    vacancy_id = posted(employer)
    coach = house.party(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")
    [item] = coach.get("/vacancies").get_json()["items"]
    assert (item["id"], item["employerName"], item["workplace"]["municipality"]) == (
        vacancy_id,
        "Bakkerij Brood",
        "Groningen",
    )
    assert item["freedBySignalId"] is None
    assert coach.get(f"/vacancies/{vacancy_id}").get_json() == item
    refused = coach.patch(f"/vacancies/{vacancy_id}", {"title": "Iets anders"}, If_Match="*")
    assert (refused.status_code, refused.get_json()["type"].rpartition("#")[2]) == (403, "not-allowed")


def test_the_desk_takes_what_came_to_it_and_nothing_else(house: House, employer: Party) -> None:
    wsp, desk = house.party(PartyKind.WSP, "WSP Groningen"), house.party(PartyKind.DESK, "Servicepunt")
    vacancy_id = posted(employer)
    [came] = wsp.get("/referrals").get_json()["items"]
    assert wsp.move(f"/referrals/{came['id']}", "declined", reason="no_candidates").status_code == 200
    assert len(desk.get("/referrals").get_json()["items"]) == 2
    refused = desk.move(f"/referrals/{came['id']}", "accepted")
    assert (refused.status_code, refused.get_json()["allowed"]) == (409, [])
    [own] = desk.get(f"/referrals?toId={desk.id}").get_json()["items"]
    taken = desk.move(f"/referrals/{own['id']}", "accepted")
    assert (taken.status_code, taken.get_json()["lead"]) == (200, True)
    assert employer.get(f"/vacancies/{vacancy_id}").get_json()["lead"]["kind"] == "desk"


def test_a_change_of_the_hours_leaves_out_what_stays(employer: Party) -> None:
    vacancy_id = posted(employer)
    changed = employer.patch(f"/vacancies/{vacancy_id}", {"hours": {"max": 36}}, If_Match="*")
    assert changed.status_code == 200, changed.get_json()
    assert changed.get_json()["hours"] == {"min": 24, "max": 36}
    refused = employer.post("/vacancies", WORK | {"hours": {"max": 36}})
    assert [(error["pointer"], error["code"]) for error in refused.get_json()["errors"]] == [("/hours/min", "required")]
