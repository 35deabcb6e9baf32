"""Vacancies that a jobcoach organisation or a re-integration company brings in for an employer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.access.operations import create_client
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty
from service.employers.models import Employer
from service.rooms import PERMISSIONS
from service.vacancies.pools.operations import MAY_JOIN
from tests.support.house import _PUBLIC as PUBLIC
from tests.support.house import House, Party
from tests.support.made import employer_in
from tests.vacancies.sharing_kit import EMPLOYER, SharedList
from tests.vacancies.vacancies_world import WORK


def as_employer(house: House, employer_id: str) -> Party:
    """A client for an employer that had none."""
    party = employer_in(house, "someone")
    with house.database.transaction() as uow:
        party.client_id = create_client(uow, employer_id, "HR", jwks=PUBLIC)
    party.id = employer_id
    party.headers = {"Authorization": f"Bearer {house.token(party)}"}
    return party


def told(shared: SharedList, type: str) -> list[set[str]]:
    with shared.house.database.reading() as uow:
        events = uow.session.scalars(select(Event.id).where(Event.type == type).order_by(Event.id)).all()
        wanted = select(EventParty.party_id)
        return [set(uow.session.scalars(wanted.where(EventParty.event_id == one))) for one in events]


def refusal(response: Any) -> tuple[int, list[tuple[str, str]]]:
    problem = response.get_json()
    errors = [(error["code"], error["pointer"]) for error in problem.get("errors", [])]
    return response.status_code, errors or [(problem["type"].rpartition("#")[2], "")]


def test_an_employer_that_nobody_knew_is_made_without_clients(shared: SharedList) -> None:
    wsp = shared.house.party(PartyKind.WSP, "WSP Groningen")
    for bringer in (shared.coach, shared.company):
        made = shared.post(bringer, employer=EMPLOYER)
        assert (made["status"], made["employerName"]) == ("open", "Bakkerij Brood")
        assert made["broughtInBy"] == {"id": bringer.id, "name": made["broughtInBy"]["name"], "takenOverOn": None}
        assert told(shared, "vacancy.brought-in")[-1] == {bringer.id, made["employerId"]}
        assert told(shared, "vacancy.opened")[-1] == {bringer.id, made["employerId"], wsp.id}
    with shared.house.database.reading() as uow:
        found = uow.session.scalars(select(Employer).where(Employer.kvk_number == EMPLOYER["kvkNumber"])).all()
    assert [row.name for row in found] == ["Bakkerij Brood"]
    # It went to the WSP as any other.
    assert [row["because"] for row in wsp.get("/referrals").get_json()["items"]] == ["region", "region"]


def test_an_employer_that_is_known_keeps_its_name_and_sees_it(shared: SharedList) -> None:
    with shared.house.database.reading() as uow:
        number = uow.session.get_one(Employer, shared.employer.id).kvk_number
    made = shared.post(shared.company, employer={"kvkNumber": number, "name": "Broodje aap"})
    assert (made["employerId"], made["employerName"]) == (shared.employer.id, "Bakkerij Brood")
    seen = shared.employer.get(f"/vacancies/{made['id']}").get_json()
    assert seen["broughtInBy"]["name"] == "Weer aan het werk"
    with shared.house.database.reading() as uow:
        event = uow.session.scalars(select(Event).where(Event.type == "vacancy.brought-in")).one()
        assert event.data == {
            "vacancyId": made["id"],
            "employerId": shared.employer.id,
            "broughtInById": shared.company.id,
        }


def test_who_sees_who_brought_it_in(shared: SharedList) -> None:
    wsp = shared.house.party(PartyKind.WSP, "WSP Groningen")
    desk = shared.house.party(PartyKind.DESK, "Servicepunt")
    other = shared.house.party(PartyKind.JOBCOACH_ORGANISATION, "Anderen")
    made = shared.post(shared.coach, employer=EMPLOYER, reference="B-1")
    path = f"/vacancies/{made['id']}"
    for party in (wsp, desk, shared.uwv, shared.coach):
        assert party.get(path).get_json()["broughtInBy"]["id"] == shared.coach.id
    for party in (shared.company, other):
        seen = party.get(path).get_json()
        assert (seen["broughtInBy"], seen["reference"]) == (None, None)
    assert shared.coach.get(path).get_json()["reference"] == "B-1"
    assert shared.uwv.get(path).get_json()["reference"] is None
    assert shared.employer.get(path).status_code == 404
    assert shared.post()["broughtInBy"] is None
    text = str(shared.read(shared.follow()["url"]))
    assert "Coach en Co" not in text
    assert "B-1" not in text


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ({"freedBySignalId": "0190b6e8-7a2b-7c3d-8e4f-112233445566"}, [("wrong-party", "/freedBySignalId")]),
        ({"employerId": "0190b6e8-7a2b-7c3d-8e4f-112233445566"}, [("wrong-party", "/employerId")]),
        ({"status": "draft"}, [("wrong-party", "/status")]),
        ({"employer": {"kvkNumber": "00000000", "name": "x"}}, [("invalid-kvk-number", "/employer/kvkNumber")]),
        ({"employer": {"kvkNumber": "69599084", "name": "123456782"}}, [("holds-bsn", "/employer/name")]),
    ],
)
def test_what_only_an_employer_may_say(shared: SharedList, more: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert refusal(shared.coach.post("/vacancies", WORK | {"employer": EMPLOYER} | more)) == (400, errors)


def test_the_employer_and_the_place_are_needed(shared: SharedList) -> None:
    body = {name: value for name, value in WORK.items() if name != "workplace"}
    place = {"establishmentId": "0190b6e8-7a2b-7c3d-8e4f-112233445566"}
    found = [("required", "/employer"), ("required", "/workplace"), ("wrong-party", "/establishmentId")]
    assert refusal(shared.coach.post("/vacancies", body | place)) == (400, found)
    own = refusal(shared.employer.post("/vacancies", WORK | {"employer": EMPLOYER}))
    assert own == (400, [("wrong-party", "/employer")])


def test_who_brought_it_in_changes_renews_and_withdraws_it(shared: SharedList) -> None:
    made = shared.post(shared.coach, employer=EMPLOYER)
    path = f"/vacancies/{made['id']}"
    shared.patch(made, shared.coach, title="Beter", reference="B-2")
    assert shared.coach.get(path).get_json()["reference"] == "B-2"
    refused = shared.coach.patch(path, {"establishmentId": made["id"]}, If_Match="*")
    assert refusal(refused) == (400, [("wrong-party", "/establishmentId")])
    for party in (shared.company, shared.employer):
        assert party.patch(path, {"title": "x"}, If_Match="*").status_code in (403, 404)
    assert shared.company.post(f"{path}/transitions", {"to": "withdrawn"}, If_Match="*").status_code == 403
    held = shared.coach.post(f"{path}/transitions", {"to": "on_hold"}, If_Match="*")
    assert (held.status_code, held.get_json()["allowed"]) == (409, ["withdrawn"])
    shared.house.clock.advance(days=80)
    [item] = shared.coach.get("/work-items").get_json()["items"]
    assert (item["kind"], item["link"]) == ("renew_vacancy", path)
    assert shared.run("vacancies.expiring") == [made["id"]]
    assert told(shared, "vacancy.expiring") == [{shared.coach.id, made["employerId"]}]
    shared.house.clock.advance(days=11)
    assert shared.run("vacancies.expired") == [made["id"]]
    assert told(shared, "vacancy.expired")[0] >= {shared.coach.id}
    assert shared.coach.get(path).get_json()["status"] == "expired"
    assert shared.company.get(path).status_code == 404
    assert shared.coach.move(path, "open").status_code == 200
    assert shared.coach.move(path, "withdrawn").status_code == 200


def test_the_employer_takes_it_over(shared: SharedList) -> None:
    made = shared.post(shared.coach, employer=EMPLOYER, reference="B-1")
    path = f"/vacancies/{made['id']}"
    employer = as_employer(shared.house, made["employerId"])
    assert employer.get(path).get_json()["reference"] is None
    shared.patch(made, employer, title="Van ons", reference="W-1")
    assert shared.coach.post(f"{path}/take-over", None, If_Match="*").status_code == 403
    assert employer.post(f"{path}/take-over", None).status_code == 428
    tag = employer.get(path).headers["ETag"]
    taken = employer.post(f"{path}/take-over", None, If_Match=tag)
    assert taken.status_code == 200, taken.get_json()
    assert taken.get_json()["broughtInBy"]["takenOverOn"] == "2026-11-23"
    assert told(shared, "vacancy.taken-over") == [{employer.id, shared.coach.id}]
    again = employer.post(f"{path}/take-over", None, If_Match="*")
    assert refusal(again) == (409, [("not-brought-in", "")])
    assert refusal(shared.coach.patch(path, {"title": "x"}, If_Match="*")) == (403, [("not-allowed", "")])
    assert shared.coach.post(f"{path}/transitions", {"to": "withdrawn"}, If_Match="*").status_code == 403
    assert (shared.coach.get(path).get_json()["reference"], employer.get(path).get_json()["reference"]) == (
        "B-1",
        "W-1",
    )
    # Who brought it in still hears, and sees, what became of it.
    assert employer.move(path, "filled").status_code == 200
    assert told(shared, "vacancy.filled")[0] >= {shared.coach.id}
    assert shared.coach.get(path).get_json()["status"] == "filled"
    own = shared.post()
    assert refusal(shared.employer.post(f"/vacancies/{own['id']}/take-over", None, If_Match="*"))[0] == 409


def test_references_are_of_who_gave_them(shared: SharedList) -> None:
    with shared.house.database.reading() as uow:
        number = uow.session.get_one(Employer, shared.employer.id).kvk_number
    at_employer = {"employer": {"kvkNumber": number, "name": "x"}, "reference": "V-1"}
    own = shared.post(reference="V-1")
    made = shared.post(shared.coach, **at_employer)
    shared.post(shared.company, **at_employer)
    twice = shared.coach.post("/vacancies", WORK | {"employer": EMPLOYER, "reference": "V-1"})
    assert twice.status_code == 409
    assert twice.get_json()["existing"] == f"/v1/vacancies/{made['id']}"
    found = [row["id"] for row in shared.coach.get("/vacancies?reference=V-1").get_json()["items"]]
    assert found == [own["id"], made["id"]]
    assert [row["id"] for row in shared.employer.get("/vacancies?reference=V-1").get_json()["items"]] == [own["id"]]


def test_so_many_and_no_more(shared: SharedList, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shared.post(shared.coach, employer=EMPLOYER)
    object.__setattr__(shared.house.settings, "brought_in_vacancies", 1)
    one_more = shared.coach.post("/vacancies", WORK | {"employer": EMPLOYER})
    assert refusal(one_more) == (409, [("too-many-vacancies", "")])
    assert shared.company.post("/vacancies", WORK | {"employer": EMPLOYER}).status_code == 201
    assert shared.coach.move(f"/vacancies/{first['id']}", "withdrawn").status_code == 200
    second = shared.post(shared.coach, employer=EMPLOYER)
    shared.house.clock.advance(days=91)
    shared.run("vacancies.expired")
    shared.post(shared.coach, employer=EMPLOYER)
    renewed = shared.coach.post(f"/vacancies/{second['id']}/transitions", {"to": "open"}, If_Match="*")
    assert refusal(renewed) == (409, [("too-many-vacancies", "")])


def test_a_re_integration_company_sees_vacancies_and_no_people(shared: SharedList) -> None:
    vacancy = shared.post()
    assert [row["id"] for row in shared.company.get("/vacancies").get_json()["items"]] == [vacancy["id"]]
    scopes = {row.scope for row in PERMISSIONS if PartyKind.REINTEGRATION_COMPANY in row.parties}
    assert scopes == {
        "me:read",
        "events:read",
        "webhooks:manage",
        "work-items:read",
        "calendar-feeds:manage",
        "vacancies:read",
        "vacancies:write",
        "vacancies:subscribe",
    }
    for path in ("/candidates", "/proposals", "/mobility-pools", "/contract-end-signals", "/employments"):
        assert shared.company.get(path).status_code == 403
    assert shared.company.get(f"/vacancies/{vacancy['id']}/matches").status_code == 403
    assert PartyKind.REINTEGRATION_COMPANY not in MAY_JOIN
