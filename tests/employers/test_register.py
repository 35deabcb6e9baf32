"""Employers and their contract register, over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.employers.models import Employment
from service.people.models import Person
from tests.support.house import House, Party
from tests.support.made import BSNS, employer_in, employment_body, establishment_of


@pytest.fixture
def employer(house: House) -> Party:
    return employer_in(house, "Noorderzon")


@pytest.fixture
def establishment_id(employer: Party) -> str:
    return establishment_of(employer)


def test_an_employment_comes_back_without_name_and_bsn(employer: Party, establishment_id: str, house: House) -> None:
    body = employment_body(establishment_id, bsn=BSNS[0], name="Noor Postma", reference="HR-1")
    made = employer.post("/employments", body)
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/employments/{made.get_json()['id']}"
    got = employer.get(made.headers["Location"].removeprefix("/v1"))
    assert got.get_json() == made.get_json()
    assert got.headers["ETag"] == made.headers["ETag"]
    assert "bsn" not in got.get_json()
    for raw in (got.get_data(), made.get_data()):
        assert b"Noor" not in raw
        assert BSNS[0].encode() not in raw
    with house.database.reading() as uow:
        person = uow.session.scalars(select(Person)).one()
        entries = uow.session.scalars(select(AccessEntry).order_by(AccessEntry.at, AccessEntry.id)).all()
    assert person.is_client is False
    assert [entry.action for entry in entries] == ["employment.registered", "employment.read"]
    assert {entry.person_id for entry in entries} == {person.id}


def test_the_same_bsn_is_the_same_person(employer: Party, house: House) -> None:
    other = employer_in(house, "Waddenwind")
    for party in (employer, other):
        response = party.post("/employments", employment_body(establishment_of(party), bsn=BSNS[0]))
        assert response.status_code == 201
    with house.database.reading() as uow:
        assert len(uow.session.scalars(select(Person)).all()) == 1


def test_another_employer_sees_nothing_of_it(employer: Party, establishment_id: str, house: House) -> None:
    made = employer.post("/employments", employment_body(establishment_id)).get_json()
    other = employer_in(house, "Waddenwind")
    unknown = other.get("/employments/0190b6e8-7a2b-7c3d-8e4f-112233445566").get_json()
    foreign = other.get(f"/employments/{made['id']}")
    assert foreign.status_code == 404
    assert {**foreign.get_json(), "instance": ""} == {**unknown, "instance": ""}
    assert other.get("/employments").get_json()["items"] == []
    taken = other.post("/employments", employment_body(establishment_id))
    assert [error["code"] for error in taken.get_json()["errors"]] == ["unknown-reference"]


def test_all_errors_at_once_and_nothing_is_stored(employer: Party, establishment_id: str, house: House) -> None:
    body = employment_body(establishment_id, bsn="123456789", startDate="0000-00-00", hoursPerWeek=400, naam="x")
    response = employer.post("/employments", body)
    found = {(error["pointer"], error["code"]) for error in response.get_json()["errors"]}
    assert response.status_code == 400
    assert found == {
        ("/bsn", "invalid-bsn"),
        ("/startDate", "not-a-date"),
        ("/hoursPerWeek", "out-of-range"),
        ("/naam", "unknown-field"),
    }
    assert b"123456789" not in response.get_data()
    with house.database.reading() as uow:
        assert uow.session.scalars(select(Employment)).all() == []


def test_end_before_start_is_refused_and_odd_is_not(employer: Party, establishment_id: str) -> None:
    wrong = employer.post("/employments", employment_body(establishment_id, endDate="2024-12-31"))
    assert [(e["pointer"], e["code"]) for e in wrong.get_json()["errors"]] == [("/endDate", "end-before-start")]
    odd = employer.post("/employments", employment_body(establishment_id, endDate="2025-01-01", hoursPerWeek=60))
    assert odd.status_code == 201
    codes = [warning["code"] for warning in odd.get_json()["warnings"]]
    assert codes == ["end_in_past", "start_equals_end", "hours_above_48"]


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31"])
def test_a_day_that_stands_for_no_date_is_refused(employer: Party, establishment_id: str, day: str) -> None:
    wrong = employer.post("/employments", employment_body(establishment_id, endDate=day, startDate=day))
    found = {(error["pointer"], error["code"]) for error in wrong.get_json()["errors"]}
    assert found == {("/endDate", "not-a-real-date"), ("/startDate", "not-a-real-date")}
    made = employer.post("/employments", employment_body(establishment_id, endDate=None))
    changed = employer.patch(f"/employments/{made.get_json()['id']}", {"endDate": day}, If_Match=made.headers["ETag"])
    assert [error["code"] for error in changed.get_json()["errors"]] == ["not-a-real-date"]


def test_a_reference_is_used_once_per_employer(employer: Party, establishment_id: str, house: House) -> None:
    first = employer.post("/employments", employment_body(establishment_id, reference="HR-1")).get_json()
    again = employer.post("/employments", employment_body(establishment_id, reference="HR-1"))
    assert (again.status_code, again.get_json()["existing"]) == (409, f"/v1/employments/{first['id']}")
    other = employer_in(house, "Waddenwind")
    theirs = other.post("/employments", employment_body(establishment_of(other), reference="HR-1"))
    assert theirs.status_code == 201
    third = employer.post("/employments", employment_body(establishment_id, reference="HR-2"))
    moved = employer.patch(
        f"/employments/{third.get_json()['id']}", {"reference": "HR-1"}, If_Match=third.headers["ETag"]
    )
    assert moved.status_code == 409


def test_changing_needs_the_present_version(employer: Party, establishment_id: str) -> None:
    made = employer.post("/employments", employment_body(establishment_id))
    path = f"/employments/{made.get_json()['id']}"
    assert employer.patch(path, {"endDate": "2027-03-31"}).status_code == 428
    changed = employer.patch(path, {"endDate": "2027-03-31"}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.get_json()["endDate"]) == (200, "2027-03-31")
    assert employer.patch(path, {"endDate": None}, If_Match=made.headers["ETag"]).status_code == 412
    assert employer.patch(path, {"endDate": None}, If_Match='"bogus"').status_code == 412
    assert employer.patch(path, {"endDate": None}, If_Match=f"W/{changed.headers['ETag']}").status_code == 412
    assert employer.patch(path, {"endDate": None}, If_Match=changed.headers["ETag"]).get_json()["endDate"] is None
    assert employer.get(path).get_json()["hoursPerWeek"] == 24


def test_jobcoach_organisations_see_those_whom_they_coach(employer: Party, establishment_id: str, house: House) -> None:
    coach = house.party(PartyKind.JOBCOACH_ORGANISATION)
    with_coach = employment_body(establishment_id, jobcoach={"kind": "external", "organisationId": coach.id})
    made = employer.post("/employments", with_coach)
    employer.post("/employments", employment_body(establishment_id))
    assert [row["id"] for row in coach.get("/employments").get_json()["items"]] == [made.get_json()["id"]]
    wsp = house.party(PartyKind.WSP)
    wrong = employment_body(establishment_id, jobcoach={"kind": "external", "organisationId": wsp.id})
    assert employer.post("/employments", wrong).get_json()["errors"][0]["pointer"] == "/jobcoach/organisationId"
    internal = employment_body(establishment_id, jobcoach={"kind": "internal", "organisationId": coach.id})
    assert employer.post("/employments", internal).get_json()["errors"][0]["code"] == "not-external"


def test_unlinked_employments_lose_the_person_after_thirty_days(
    employer: Party, establishment_id: str, house: House
) -> None:
    from service.employers.register import UNLINKED

    made = employer.post("/employments", employment_body(establishment_id, bsn=BSNS[0], name="Noor")).get_json()
    before = employer.get(f"/employments/{made['id']}").get_json()
    house.clock.advance(days=29)
    with house.database.transaction() as uow:
        assert UNLINKED.due(uow, 10) == []
    house.clock.advance(days=2)
    with house.database.transaction() as uow:
        [due] = UNLINKED.due(uow, 10)
        UNLINKED.fire(uow, due)
        UNLINKED.fire(uow, due)
    with house.database.reading() as uow:
        person = uow.session.scalars(select(Person)).one()
        assert (person.bsn, person.name, UNLINKED.due(uow, 10)) == (None, None, [])
    employer.headers["Authorization"] = f"Bearer {house.token(employer)}"
    assert employer.get(f"/employments/{made['id']}").get_json() == before


def test_a_client_of_uwv_keeps_the_person(employer: Party, establishment_id: str, house: House) -> None:
    from service.employers.register import UNLINKED
    from service.people import operations as people

    employer.post("/employments", employment_body(establishment_id, bsn=BSNS[0], name="Noor"))
    with house.database.transaction() as uow:
        people.find_or_create(uow, people.Identity(bsn=BSNS[0]), is_client=True)
    house.clock.advance(days=31)
    with house.database.transaction() as uow:
        [employment_id] = UNLINKED.due(uow, 10)
        UNLINKED.fire(uow, employment_id)
        assert uow.session.get_one(Employment, employment_id).person_id is not None
        assert UNLINKED.due(uow, 10) == [], "looked at once"


def test_many_unlinked_are_forgotten_at_once(employer: Party, establishment_id: str, house: House) -> None:
    from service.employers.register import UNLINKED

    for bsn in (*BSNS[:2], BSNS[0]):
        employer.post("/employments", employment_body(establishment_id, bsn=bsn, name="Noor"))
    house.clock.advance(days=31)
    assert UNLINKED.fire_many is not None
    with house.database.transaction() as uow:
        UNLINKED.fire_many(uow, UNLINKED.due(uow, 10))
        assert UNLINKED.due(uow, 10) == []
        assert list(uow.session.scalars(select(Employment.person_id))) == [None] * 3
        assert list(uow.session.scalars(select(Person.bsn))) == [None] * 2


def test_employers_are_registered_by_the_desk(house: House) -> None:
    desk = house.party(PartyKind.DESK)
    body = {"name": "Eemsmond Groen", "kvkNumber": "69599084", "payrollTaxNumber": "822477348L01"}
    made = desk.post("/employers", body)
    assert made.status_code == 201
    assert "822477348" not in made.get_data(as_text=True)
    again = desk.post("/employers", body)
    assert (again.status_code, again.get_json()["existing"]) == (409, made.headers["Location"])
    assert desk.post("/employers", body | {"payrollTaxNumber": "822477349L01"}).status_code == 400
    found = desk.get("/employers?kvkNumber=69599084").get_json()["items"]
    assert [row["id"] for row in found] == [made.get_json()["id"]]


def test_a_certificate_opens_and_expires(employer: Party, house: House) -> None:
    desk = house.party(PartyKind.DESK)
    path = f"/employers/{employer.id}/pso-certificate"
    body = {"level": "step_2", "validFrom": "2025-01-01", "validUntil": "2026-12-31"}
    assert employer.get(path).status_code == 404
    assert desk.request("PUT", path, body).status_code == 428
    made = desk.request("PUT", path, body, If_None_Match="*")
    assert (made.status_code, made.get_json()["valid"]) == (200, True)
    assert desk.request("PUT", path, body, If_None_Match="*").status_code == 412
    assert employer.get(path).get_json() == made.get_json()
    house.clock.advance(days=39)
    employer.headers["Authorization"] = f"Bearer {house.token(employer)}"
    assert employer.get(path).get_json()["valid"] is False
    wrong = desk.request("PUT", path, body | {"validUntil": "2024-01-01"}, If_Match="*")
    assert wrong.status_code == 401 or wrong.get_json()["errors"][0]["pointer"] == "/validUntil"


@pytest.mark.parametrize(
    ("postcode", "municipality", "region"),
    [("9711AB", None, "AM01"), ("1011AB", None, "AM18"), ("9711 AB", None, "AM01"), ("1010AB", "Amsterdam", "AM18")],
)
def test_the_region_of_a_workplace(employer: Party, postcode: str, municipality: str | None, region: str) -> None:
    body = {"name": "Loods", "postcode": postcode} | ({"municipality": municipality} if municipality else {})
    made = employer.post(f"/employers/{employer.id}/establishments", body)
    assert (made.status_code, made.get_json()["regionCode"]) == (201, region)
    assert employer.get(made.headers["Location"].removeprefix("/v1")).get_json() == made.get_json()


def test_a_postcode_that_nobody_knows(employer: Party) -> None:
    body = {"name": "Loods", "postcode": "1010AB"}
    path = f"/employers/{employer.id}/establishments"
    assert employer.post(path, body).get_json()["errors"][0]["code"] == "unknown-postcode"
    assert employer.post(path, body | {"postcode": "9711SS"}).get_json()["errors"][0]["code"] == "wrong-form"
    assert employer.post(path, body | {"municipality": "Atlantis"}).get_json()["errors"][0]["code"] == (
        "unknown-municipality"
    )
