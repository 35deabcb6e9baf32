"""Exports over HTTP: of what, by whom, and what nobody can take along."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from tests.support.house import House, Party
from tests.support.made import employer_in
from tests.vacancies import schema_org
from tests.vacancies.candidates_world import BSN, NAME, PROFILE
from tests.vacancies.vacancies_world import WORK


@pytest.fixture
def employer(house: House) -> Party:
    return employer_in(house, "Bakkerij Brood")


def made(party: Party, path: str, body: dict[str, Any]) -> str:
    answer = party.post(path, body)
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def refusal(party: Party, path: str) -> tuple[int, str]:
    answer = party.get(path)
    return answer.status_code, answer.get_json()["type"].rpartition("#")[2]


def test_an_open_vacancy_can_be_published(house: House, employer: Party) -> None:
    vacancy = f"/vacancies/{made(employer, '/vacancies', WORK | {'demands': ['night_work'], 'reference': 'HR-7'})}"
    coach, desk = house.party(PartyKind.JOBCOACH_ORGANISATION), house.party(PartyKind.DESK)
    answer = coach.get(f"{vacancy}/job-posting", Accept="application/ld+json")
    assert (answer.status_code, answer.content_type) == (200, "application/ld+json")
    posting = answer.get_json(force=True)
    schema_org.check(posting)
    assert posting["hiringOrganization"]["name"] == "Bakkerij Brood"
    assert "HR-7" not in answer.text
    tag = answer.headers["ETag"]
    assert tag.startswith('"')
    assert coach.get(f"{vacancy}/job-posting", If_None_Match=tag).status_code == 304
    assert refusal(coach, f"{vacancy}/job-posting?detail=true") == (400, "invalid-input")
    assert coach.get(f"{vacancy}/job-posting", Accept="application/json").status_code == 406

    vum = desk.get(f"{vacancy}/vum").get_json()
    assert (vum["nummerVacature"], vum["adres"]) == ("HR-7", {"postcode": "9711AB"})
    assert vum["flexibiliteit"] == {"indicatieOnregelmatigWerkOfPloegendienst": 1}

    # What is not open leaves the house no more; who could not see it, learns nothing.
    assert employer.move(vacancy, "on_hold").status_code == 200
    for what in ("job-posting", "vum"):
        assert refusal(employer, f"{vacancy}/{what}") == (409, "vacancy-not-open")
        assert refusal(coach, f"{vacancy}/{what}") == (404, "not-found")
    assert employer.move(vacancy, "open").status_code == 200
    assert coach.get(f"{vacancy}/job-posting").status_code == 200
    house.clock.advance(days=91)
    again = house.party(PartyKind.DESK)
    assert refusal(again, f"{vacancy}/vum") == (409, "vacancy-not-open")


def test_a_profile_goes_with_its_lead_and_uwvs_side(house: House, employer: Party) -> None:
    wsp, other, uwv = (house.party(kind) for kind in (PartyKind.WSP, PartyKind.WSP, PartyKind.UWV))
    candidate = f"/candidates/{made(wsp, '/candidates', PROFILE | {'bsn': BSN, 'name': NAME})}"
    answer = wsp.get(f"{candidate}/vum")
    assert answer.get_json() == {
        "idWerkzoekende": candidate.rpartition("/")[2],
        "indicatieBeschikbaarheidContactgegevens": 1,
        "werktijden": {"aantalWerkurenPerWeekMinimaal": 16, "aantalWerkurenPerWeekMaximaal": 32},
    }
    with_detail = uwv.get(f"{candidate}/vum?detail=true")
    assert with_detail.get_json() == answer.get_json() | {
        "contactpersoon": [{"naamContactpersoonAfdeling": "wsp"}],
        "eisAanWerk": {"indicatieAanpassingWerkomgeving": 1, "indicatieBegeleiding": 2},
    }
    with house.database.reading() as uow:
        found = select(AccessEntry.client_id, AccessEntry.person_id).where(AccessEntry.action == "candidate.exported")
        logged = [(row.client_id, str(row.person_id)) for row in uow.execute(found.order_by(AccessEntry.id))]
    assert [client for client, _ in logged] == [wsp.client_id, uwv.client_id]
    for person in {person for _, person in logged}:
        for secret in (person, BSN, NAME):
            assert secret not in answer.text + with_detail.text

    # Another WSP sees the candidate, and still takes nothing along; an employer has no such scope.
    assert other.get(candidate).status_code == 200
    for query in ("", "?detail=true"):
        assert refusal(other, f"{candidate}/vum{query}") == (403, "not-allowed")
    assert refusal(employer, f"{candidate}/vum") == (403, "insufficient-scope")
    assert refusal(house.party(PartyKind.MOBILITY_POOL), f"{candidate}/vum") == (404, "not-found")
    assert wsp.move(candidate, "paused", pausedUntil="2027-01-31").status_code == 200
    assert refusal(uwv, f"{candidate}/vum") == (409, "candidate-not-available")
