"""UWV keeps its offices and teams, and when its people are away."""

from __future__ import annotations

from datetime import date
from typing import Any

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.access.rules import PartyKind
from service.contacts import offices
from service.contacts.fixed.schemas import FixedContactBody
from service.contacts.models import Absence
from service.contacts.rules import OfficeOrganisation
from service.contacts.schemas import CaseworkerBody, OfficeBody, TeamBody
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from tests.contacts.contacts_world import BSNS, World
from tests.contacts.test_caseload import codes, refused_fields
from tests.support.house import House, Party

REACH = {"phone": "+442079460678", "email": "groningen@example.nl"}
OFFICE = {"name": "UWV Groningen", "regionCode": "AM01", "organisation": "team", **REACH}
TEAM = {"name": "Team Wajong", **REACH}
NOBODY = "019c0000-0000-7000-8000-000000000000"
TODAY = date(2026, 3, 2)
ANY = Expected(None)


def ok(response: TestResponse, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json() or {}


def refusal(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["type"].rpartition("#")[2]


@pytest.fixture
def uwv(house: House) -> Party:
    return house.party(PartyKind.UWV)


@pytest.fixture
def desk(house: House) -> Party:
    return house.party(PartyKind.DESK)


def office_of(uwv: Party) -> str:
    return str(ok(uwv.post("/offices", OFFICE), 201)["id"])


# --- Offices and teams over HTTP ----------------------------------------------------------------------------------


def test_an_office_from_its_beginning(uwv: Party, desk: Party) -> None:
    made = uwv.post("/offices", OFFICE, Idempotency_Key="one")
    again = uwv.post("/offices", OFFICE, Idempotency_Key="one")
    office = ok(made, 201)
    assert ok(again, 201) == office
    assert made.headers["Location"] == f"/v1/offices/{office['id']}"
    assert office == {"id": office["id"], "teams": [], **OFFICE}
    path = f"/offices/{office['id']}"
    assert made.headers["ETag"] == desk.get(path).headers["ETag"]
    assert ok(desk.get(path)) == office
    tag = made.headers["ETag"]
    changed = uwv.patch(path, {"organisation": "caseload", "regionCode": None}, If_Match=tag)
    assert ok(changed) == office | {"organisation": "caseload", "regionCode": None}
    assert refusal(uwv.patch(path, {"name": "UWV"}, If_Match=tag)) == (412, "stale-version")
    assert refusal(uwv.patch(path, {"name": "UWV"})) == (428, "precondition-required")
    assert refusal(uwv.patch(f"/offices/{NOBODY}", {"name": "UWV"}, If_Match="*")) == (404, "not-found")
    assert ok(uwv.get("/offices?regionCode=AM01"))["items"] == []


def test_a_team_from_its_beginning(uwv: Party, desk: Party) -> None:
    office, other = office_of(uwv), office_of(uwv)
    made = uwv.post(f"/offices/{office}/teams", TEAM)
    team = ok(made, 201)
    assert team == {"id": team["id"], "officeId": office, "active": True, **TEAM}
    path = f"/offices/{office}/teams/{team['id']}"
    assert made.headers["Location"] == f"/v1{path}"
    tag = made.headers["ETag"]
    assert desk.get(path).headers["ETag"] == tag
    assert ok(desk.get(path)) == team
    assert ok(desk.get(f"/offices/{office}"))["teams"] == [team]
    changed = uwv.patch(path, {"active": False}, If_Match=tag)
    assert ok(changed) == team | {"active": False}
    assert refusal(uwv.patch(path, {"name": "Team"}, If_Match=tag)) == (412, "stale-version")
    assert refusal(uwv.patch(path, {"name": "Team"})) == (428, "precondition-required")
    assert ok(uwv.get(f"/offices/{office}/teams"))["items"] == [team | {"active": False}]
    assert ok(uwv.get(f"/offices/{office}/teams?active=true"))["items"] == []
    unknown = uwv.get(f"/offices/{office}/teams/{NOBODY}").get_json() | {"instance": ""}
    for missing in (f"/offices/{other}/teams/{team['id']}", f"/offices/{NOBODY}/teams/{team['id']}"):
        response = uwv.get(missing)
        assert refusal(response) == (404, "not-found")
        assert response.get_json() | {"instance": ""} == unknown
        assert refusal(uwv.patch(missing, {"name": "Team"}, If_Match="*")) == (404, "not-found")
    assert refusal(uwv.post(f"/offices/{NOBODY}/teams", TEAM)) == (404, "not-found")
    assert refusal(uwv.get(f"/offices/{NOBODY}/teams")) == (404, "not-found")
    ok(uwv.patch(path, {"active": True}, If_Match="*"))


def test_uwv_keeps_its_offices_and_others_do_not(uwv: Party, desk: Party, house: House) -> None:
    office = office_of(uwv)
    employer = house.party(PartyKind.EMPLOYER)
    for party in (desk, employer):
        assert refusal(party.post("/offices", OFFICE)) == (403, "insufficient-scope")
        assert refusal(party.patch(f"/offices/{office}", {}, If_Match="*")) == (403, "insufficient-scope")
        assert refusal(party.post(f"/offices/{office}/teams", TEAM)) == (403, "insufficient-scope")
    assert refusal(employer.get("/offices")) == (403, "insufficient-scope")


def test_an_absence_that_was_a_mistake(uwv: Party, desk: Party) -> None:
    person = {"officeId": office_of(uwv), "role": "arbeidsdeskundige", "workingDays": [1], **REACH}
    noor, bo = (ok(uwv.post("/caseworkers", person | {"name": name}), 201)["id"] for name in ("Noor", "Bo"))
    made = uwv.post(f"/caseworkers/{noor}/absences", {"firstDay": "2026-03-02"})
    path, tag = f"/caseworkers/{noor}/absences/{ok(made, 201)['id']}", made.headers["ETag"]
    elsewhere = path.replace(noor, bo)
    assert refusal(uwv.request("DELETE", path)) == (428, "precondition-required")
    assert refusal(uwv.request("DELETE", elsewhere, If_Match=tag)) == (404, "not-found")
    assert refusal(desk.request("DELETE", path, If_Match=tag)) == (403, "insufficient-scope")
    ok(uwv.patch(path, {"lastDay": "2026-03-04"}, If_Match=tag))
    assert refusal(uwv.request("DELETE", path, If_Match=tag)) == (412, "stale-version")
    gone = uwv.request("DELETE", path, If_Match=uwv.get(path).headers["ETag"])
    assert (gone.status_code, gone.get_data()) == (204, b"")
    assert refusal(uwv.get(path)) == (404, "not-found")
    assert ok(uwv.get(f"/caseworkers/{noor}/absences"))["items"] == []


# --- A team that is no more ---------------------------------------------------------------------------------------


def close(world: World, team_id: str | None = None) -> Any:
    return world.do(offices.change_team, world.uwv, world.office_id, team_id or world.team_id, {"active": False}, ANY)


def test_a_team_with_people_stays_until_they_are_elsewhere(world: World) -> None:
    other = world.do(offices.add_team, world.uwv, world.office_id, _team("Team Zuid"))["id"]
    world.assign(BSNS[0], team_id=world.team_id)
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world)
    world.assign(BSNS[0], team_id=other, valid_from=date(2026, 3, 5))
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world)
    world.clock.day = date(2026, 3, 5)
    assert close(world)["active"] is False
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world, other)


def test_a_team_that_will_have_people_stays(world: World) -> None:
    world.assign(BSNS[0], team_id=world.team_id, valid_from=date(2026, 4, 1))
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world)


def test_a_team_with_caseworkers_stays_until_they_have_left(world: World) -> None:
    noor = world.caseworker("Noor Postma", team_id=world.team_id)
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world)
    world.do(offices.change_caseworker, world.uwv, noor, {"active": False}, ANY)
    assert close(world)["active"] is False
    with pytest.raises(Problem) as refused:
        world.do(offices.change_caseworker, world.uwv, noor, {"active": True}, ANY)
    assert codes(refused.value) == [("/teamId", "unknown-reference")]
    world.do(offices.change_caseworker, world.uwv, noor, {"active": True, "team_id": None}, ANY)


def test_a_team_behind_somebody_who_left_stays_the_way_in(world: World) -> None:
    noor = world.caseworker("Noor Postma", team_id=world.team_id)
    world.assign(BSNS[0], noor)
    world.do(offices.change_caseworker, world.uwv, noor, {"active": False}, ANY)
    with pytest.raises(Problem, match="409 team-in-use"):
        close(world)
    employment = world.employment(BSNS[0])
    world.disclose(employment)
    assert world.ask(employment)["contact"]["kind"] == "team"


def test_nobody_comes_to_a_team_that_is_no_more(world: World) -> None:
    close(world)
    with pytest.raises(Problem) as refused:
        world.assign(BSNS[0], team_id=world.team_id)
    assert codes(refused.value) == [("/teamId", "unknown-reference")]
    with pytest.raises(Problem) as refused:
        world.caseworker("Noor Postma", team_id=world.team_id)
    assert codes(refused.value) == [("/teamId", "unknown-reference")]
    renamed = world.do(offices.change_team, world.uwv, world.office_id, world.team_id, {"name": "Oud"}, ANY)
    assert (renamed["name"], renamed["active"]) == ("Oud", False)


def _team(name: str) -> dict[str, Any]:
    return {"name": name, "phone": "+442079460601", "email": "zuid@uwv.example", "active": True}


# --- An office that works by team ---------------------------------------------------------------------------------


def test_where_an_office_works_by_team_the_team_answers(world: World) -> None:
    by_team = {"organisation": OfficeOrganisation.TEAM}
    world.do(offices.change_office, world.uwv, world.office_id, by_team, ANY)
    employment = world.employment(BSNS[0])
    made = world.assign(BSNS[0], team_id=world.team_id)
    assert (made["team_id"], made["caseworker_id"]) == (world.team_id, None)
    world.disclose(employment)
    answer = world.ask(employment)
    assert (answer["contact"]["kind"], answer["contact"]["name"]) == ("team", "Team Noord")
    assert answer["fallback_reason"] is None


def test_such_an_office_may_name_a_caseworker_all_the_same(world: World) -> None:
    by_team = {"organisation": OfficeOrganisation.TEAM}
    world.do(offices.change_office, world.uwv, world.office_id, by_team, ANY)
    employment = world.employment(BSNS[0])
    noor = world.caseworker("Noor Postma", team_id=world.team_id)
    world.assign(BSNS[0], noor)
    world.disclose(employment)
    assert world.ask(employment)["contact"]["name"] == "Noor Postma"
    world.absent(noor, TODAY, None)
    assert world.ask(employment)["contact"]["name"] == "Team Noord"


# --- Absences -----------------------------------------------------------------------------------------------------


def absence(world: World, caseworker_id: str, first: date, planned: bool) -> dict[str, Any]:
    data = {"first_day": first, "last_day": None, "backup_id": None, "planned": planned}
    made: dict[str, Any] = world.do(offices.report_absence, world.uwv, caseworker_id, data)
    return made


def test_a_planned_absence_is_told_before_it_begins(world: World) -> None:
    noor = world.caseworker("Noor Postma")
    with pytest.raises(Problem) as refused:
        absence(world, noor, date(2026, 3, 1), planned=True)
    assert codes(refused.value) == [("/firstDay", "in-the-past")]
    assert world.rows(select(Absence.id)) == []
    sudden = absence(world, noor, date(2026, 3, 1), planned=False)
    with pytest.raises(Problem) as refused:
        world.do(offices.change_absence, world.uwv, noor, sudden["id"], {"planned": True}, ANY)
    assert codes(refused.value) == [("/firstDay", "in-the-past")]


def test_an_absence_that_was_told_in_time_can_change_later(world: World) -> None:
    noor = world.caseworker("Noor Postma")
    told = absence(world, noor, TODAY, planned=True)
    world.clock.day = date(2026, 3, 20)
    back = {"first_day": TODAY, "planned": True, "last_day": date(2026, 3, 19)}
    assert world.do(offices.change_absence, world.uwv, noor, told["id"], back, ANY)["last_day"] == date(2026, 3, 19)
    with pytest.raises(Problem) as refused:
        world.do(offices.change_absence, world.uwv, noor, told["id"], {"first_day": date(2026, 3, 3)}, ANY)
    assert codes(refused.value) == [("/firstDay", "in-the-past")]


def test_an_absence_taken_back_leaves_the_caseworker_as_contact(world: World) -> None:
    noor, bo = world.caseworker("Noor Postma"), world.caseworker("Bo Bakker")
    employment = world.employment(BSNS[0])
    world.assign(BSNS[0], noor)
    world.disclose(employment)
    made = world.absent(noor, TODAY, None, bo)
    assert world.ask(employment)["contact"]["name"] == "Bo Bakker"
    world.do(offices.remove_absence, world.uwv, noor, made, ANY)
    assert world.ask(employment)["contact"]["name"] == "Noor Postma"


# --- What comes in ------------------------------------------------------------------------------------------------


def number(kind: int) -> str:
    example = phonenumbers.example_number_for_type("NL", kind)
    assert example is not None
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


CASEWORKER = {"officeId": NOBODY, "name": "Noor Postma", "role": "arbeidsdeskundige", "workingDays": [1], **REACH}
ADVISOR = {"employerId": NOBODY, "regionCode": "AM01", "name": "Tess Kuiper", **REACH}
DIRECT = [(CaseworkerBody, CASEWORKER), (TeamBody, TEAM), (FixedContactBody, ADVISOR)]


@pytest.mark.parametrize(("schema", "body"), DIRECT)
@pytest.mark.parametrize("kind", [PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PAGER])
def test_a_service_number_is_not_direct(schema: Any, body: dict[str, Any], kind: int) -> None:
    assert refused_fields(schema(), body | {"phone": number(kind)}) == {"phone": "not-direct"}


@pytest.mark.parametrize(("schema", "body"), DIRECT)
@pytest.mark.parametrize("phone", ["+31880123456", "+31850123456", "+31612345678", "+31501234567"])
def test_a_number_of_a_person_is_direct(schema: Any, body: dict[str, Any], phone: str) -> None:
    """Behind 088 and 085 can be an extension of an organisation."""
    assert schema().load(body | {"phone": phone})["phone"] == phone


@pytest.mark.parametrize("phone", ["+4918012345", "+3114050"])
def test_a_shared_number_is_not_direct(phone: str) -> None:
    """Of shared cost, as Germany has them; and 14 with a dialling code, which a town hall answers."""
    assert refused_fields(TeamBody(), TEAM | {"phone": phone}) == {"phone": "not-direct"}


def test_an_office_may_have_a_service_number() -> None:
    toll_free = number(PhoneNumberType.TOLL_FREE)
    assert OfficeBody().load(OFFICE | {"phone": toll_free})["phone"] == toll_free


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("regionCode", "AM99", "unknown-region"),
        ("regionCode", "Groningen", "unknown-region"),
        ("organisation", "both", "unknown-code"),
        ("phone", "050 1234567", "wrong-form"),
        ("email", "kantoor", "invalid-email"),
        ("teams", [], "unknown-field"),
    ],
)
def test_an_office_must_make_sense(field: str, value: Any, code: str) -> None:
    assert refused_fields(OfficeBody(), OFFICE | {field: value}) == {field: code}
