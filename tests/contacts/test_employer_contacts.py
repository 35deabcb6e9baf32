"""An employer's fixed contacts over HTTP: never without an answer, each side its own, and nobody else's to see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.access.models import AccessEntry, Grant
from service.access.models import Party as PartyRow
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty
from service.employers.models import Establishment
from tests.support.house import House, Party
from tests.support.made import employer_in, establishment_of

REACH = {"phone": "+442079460678", "email": "groningen@example.nl"}
ADVISOR = {"name": "Tess Kuiper", "phone": "+442079460679", "email": "tess@wsp.example.nl"}
NOBODY = "019c0000-0000-7000-8000-000000000000"


def ok(response: TestResponse, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json() or {}


def code_of(response: TestResponse, status: int) -> str:
    assert response.status_code == status, response.get_data(as_text=True)
    return str(response.get_json()["type"].rpartition("#")[2])


def errors_of(response: TestResponse) -> set[tuple[str, str]]:
    assert response.status_code == 400, response.get_data(as_text=True)
    return {(error["pointer"], error["code"]) for error in response.get_json()["errors"]}


class Regions:
    """An employer in Groningen and Friesland, UWV, and the WSPs of Groningen, Friesland and Drenthe."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.uwv = house.party(PartyKind.UWV)
        self.groningen = house.party(PartyKind.WSP, "WSP Groningen", region_code="AM01")
        self.employer = employer_in(house)
        for postcode in ("9711AB", "8911AB", "9712AB"):
            establishment_of(self.employer, postcode)

    @cached_property
    def desk(self) -> Party:
        return self.house.party(PartyKind.DESK)

    @cached_property
    def friesland(self) -> Party:
        return self.house.party(PartyKind.WSP, "WSP Friesland", region_code="AM02")

    @cached_property
    def drenthe(self) -> Party:
        return self.house.party(PartyKind.WSP, "WSP Drenthe", region_code="AM03")

    @cached_property
    def other(self) -> Party:
        return employer_in(self.house, "other")

    def contacts(self, reader: Party | None = None) -> dict[str, dict[str, Any]]:
        found = ok((reader or self.employer).get(f"/employers/{self.employer.id}/contacts"))
        return {item["regionCode"]: item for item in found["items"]}

    def at_uwv(self) -> tuple[str, str, str | None]:
        """Who answers in Groningen: kind, name, and until when the fixed one is away."""
        found = self.contacts()["AM01"]["uwv"]
        return found["kind"], found["name"], found["absentUntil"]

    def office(self, name: str = "UWV Groningen", region_code: str | None = "AM01") -> str:
        body = {"name": name, "regionCode": region_code, "organisation": "caseload", **REACH}
        return str(ok(self.uwv.post("/offices", body), 201)["id"])

    def caseworker(self, office: str, name: str = "Noor Postma") -> str:
        body = {"officeId": office, "name": name, "role": "arbeidsdeskundige", "workingDays": [1, 2], **REACH}
        return str(ok(self.uwv.post("/caseworkers", body), 201)["id"])

    def away(self, caseworker: str, backup: str | None = None) -> None:
        body = {"firstDay": "2026-03-01", "lastDay": "2026-03-06", "backupId": backup, "planned": False}
        ok(self.uwv.post(f"/caseworkers/{caseworker}/absences", body), 201)

    def place(self, **more: Any) -> dict[str, Any]:
        return {"employerId": self.employer.id, "regionCode": "AM01"} | more

    def fix(self, caseworker: str) -> str:
        return str(ok(self.uwv.post("/employer-contacts", self.place(caseworkerId=caseworker)), 201)["id"])

    def advise(self) -> str:
        return str(ok(self.groningen.post("/employer-contacts", self.place(**ADVISOR)), 201)["id"])

    def events(self) -> list[tuple[str, int, set[str]]]:
        """Subject, version and readers of each, as they were published."""
        with self.house.database.reading() as uow:
            found = uow.session.execute(
                select(Event.id, Event.subject, Event.subject_version)
                .where(Event.type == "employer-contact.changed")
                .order_by(Event.id)
            ).all()
            return [
                (
                    row.subject,
                    row.subject_version,
                    set(uow.session.scalars(select(EventParty.party_id).where(EventParty.event_id == row.id))),
                )
                for row in found
            ]


@pytest.fixture
def regions(house: House) -> Regions:
    return Regions(house)


# --- Who answers --------------------------------------------------------------------------------------------------


def test_without_offices_and_names_the_desk_and_the_wsp_answer(regions: Regions) -> None:
    found = regions.contacts()
    assert [(item["regionCode"], item["regionName"]) for item in found.values()] == [
        ("AM01", "Groningen"),
        ("AM02", "Friesland"),
    ]
    settings = regions.house.settings
    for item in found.values():
        assert item["uwv"] == {
            "kind": "desk",
            "name": settings.desk_name,
            "role": None,
            "office": None,
            "phone": settings.desk_phone,
            "email": settings.desk_email,
            "workingDays": [1, 2, 3, 4, 5],
            "absentUntil": None,
            "reachableOn": "2026-03-02",
        }
    assert found["AM01"]["wsp"] == {
        "kind": "wsp",
        "name": "Werkgeversservicepunt Groningen",
        "phone": None,
        "email": None,
        "website": "https://www.werkcentrum.nl",
    }


def test_at_uwv_the_caseworker_else_the_backup_else_the_office(regions: Regions) -> None:
    office = regions.office()
    assert regions.at_uwv() == ("office", "UWV Groningen", None)
    assert regions.contacts()["AM02"]["uwv"]["kind"] == "desk"
    noor, bo = regions.caseworker(office), regions.caseworker(office, "Bo Bakker")
    regions.fix(noor)
    found = regions.contacts()["AM01"]["uwv"]
    assert (found["kind"], found["name"], found["office"]) == ("caseworker", "Noor Postma", "UWV Groningen")
    assert (found["role"], found["workingDays"]) == ("arbeidsdeskundige", [1, 2])
    assert (found["phone"], found["email"]) == (REACH["phone"], REACH["email"])
    regions.away(noor)
    assert regions.at_uwv() == ("office", "UWV Groningen", "2026-03-06")
    regions.away(noor, bo)
    assert regions.at_uwv() == ("backup", "Bo Bakker", "2026-03-06")
    regions.away(bo)
    assert regions.at_uwv() == ("office", "UWV Groningen", "2026-03-06")


def test_a_backup_who_has_left_does_not_answer(regions: Regions) -> None:
    office = regions.office()
    noor, bo = regions.caseworker(office), regions.caseworker(office, "Bo Bakker")
    regions.fix(noor)
    regions.away(noor, bo)
    ok(regions.uwv.patch(f"/caseworkers/{bo}", {"active": False}, If_Match="*"))
    assert regions.at_uwv()[:2] == ("office", "UWV Groningen")


def test_who_has_left_answers_no_more(regions: Regions) -> None:
    noor = regions.caseworker(regions.office("UWV Assen", None))
    made = regions.fix(noor)
    assert regions.at_uwv() == ("caseworker", "Noor Postma", None)
    ok(regions.uwv.patch(f"/caseworkers/{noor}", {"active": False}, If_Match="*"))
    assert regions.at_uwv()[0] == "desk"
    assert ok(regions.uwv.get(f"/employer-contacts/{made}"))["active"] is False


def test_of_several_offices_the_caseworkers_own_answers_else_the_first(regions: Regions) -> None:
    regions.office("UWV Groningen")
    second = regions.office("UWV Stadskanaal")
    assert regions.at_uwv()[1] == "UWV Groningen"
    noor = regions.caseworker(second)
    regions.fix(noor)
    regions.away(noor)
    assert regions.at_uwv()[1] == "UWV Stadskanaal"
    ok(regions.uwv.patch(f"/offices/{second}", {"regionCode": None}, If_Match="*"))
    assert regions.at_uwv()[1] == "UWV Groningen"


def test_at_the_wsp_the_advisor_else_its_mailbox(regions: Regions) -> None:
    with regions.house.database.transaction() as uow:
        uow.session.get_one(PartyRow, regions.groningen.id).email = "post@wsp.example.nl"
    found = regions.contacts()["AM01"]["wsp"]
    assert (found["kind"], found["email"]) == ("wsp", "post@wsp.example.nl")
    made = regions.advise()
    assert regions.contacts()["AM01"]["wsp"] == {
        "kind": "advisor",
        "website": "https://www.werkcentrum.nl",
        **ADVISOR,
    }
    assert regions.contacts()["AM02"]["wsp"]["kind"] == "wsp"
    tag = regions.groningen.get(f"/employer-contacts/{made}").headers["ETag"]
    ok(regions.groningen.request("DELETE", f"/employer-contacts/{made}", If_Match=tag), 204)
    assert regions.contacts()["AM01"]["wsp"]["kind"] == "wsp"


def test_a_region_that_is_no_more_has_the_desk(regions: Regions) -> None:
    with regions.house.database.transaction() as uow:
        place = uow.session.scalars(select(Establishment).where(Establishment.postcode == "8911AB")).one()
        place.region_code = "AM99"
    found = regions.contacts()["AM99"]
    assert (found["regionName"], found["wsp"]["kind"], found["uwv"]["kind"]) == ("AM99", "desk", "desk")
    assert found["wsp"]["phone"] == regions.house.settings.desk_phone


def test_an_employer_without_workplaces_has_an_empty_list(regions: Regions) -> None:
    assert ok(regions.other.get(f"/employers/{regions.other.id}/contacts")) == {"items": []}


# --- Who sees what ------------------------------------------------------------------------------------------------


def test_who_sees_the_contacts_of_an_employer(regions: Regions) -> None:
    for reader in (regions.uwv, regions.desk):
        assert regions.contacts(reader) == regions.contacts()
    assert list(regions.contacts(regions.groningen)) == ["AM01"]
    assert list(regions.contacts(regions.friesland)) == ["AM02"]
    path = f"/employers/{regions.employer.id}/contacts"
    unknown = regions.other.get(f"/employers/{NOBODY}/contacts")
    for stranger in (regions.other, regions.drenthe):
        response = stranger.get(path)
        assert code_of(response, 404) == "not-found"
        assert response.get_json() | {"instance": ""} == unknown.get_json() | {"instance": ""}
    coach = regions.house.party(PartyKind.JOBCOACH_ORGANISATION)
    assert code_of(coach.get(path), 403) == "insufficient-scope"


def test_who_sees_what_was_named(regions: Regions) -> None:
    noor = regions.caseworker(regions.office())
    at_uwv, at_wsp = regions.fix(noor), regions.advise()
    for reader in (regions.uwv, regions.desk, regions.groningen, regions.employer):
        listed = ok(reader.get("/employer-contacts"))["items"]
        assert [row["id"] for row in listed] == [at_uwv, at_wsp]
        for row in listed:
            assert ok(reader.get(f"/employer-contacts/{row['id']}")) == row
        knows_who = reader in (regions.uwv, regions.desk)
        assert [row["caseworkerId"] for row in listed] == [noor if knows_who else None, None]
        assert [row["name"] for row in listed] == ["Noor Postma", "Tess Kuiper"]
    unknown = regions.other.get(f"/employer-contacts/{NOBODY}")
    for stranger in (regions.other, regions.friesland):
        assert ok(stranger.get("/employer-contacts"))["items"] == []
        response = stranger.get(f"/employer-contacts/{at_uwv}")
        assert code_of(response, 404) == "not-found"
        assert response.get_json() | {"instance": ""} == unknown.get_json() | {"instance": ""}
    with regions.house.database.reading() as uow:
        assert uow.session.scalars(select(AccessEntry)).all() == []


def test_the_list_by_filter(regions: Regions) -> None:
    noor = regions.caseworker(regions.office())
    at_uwv, at_wsp = regions.fix(noor), regions.advise()

    def listed(query: str) -> list[str]:
        return [row["id"] for row in ok(regions.uwv.get(f"/employer-contacts?{query}"))["items"]]

    assert listed(f"employerId={regions.employer.id}") == [at_uwv, at_wsp]
    assert listed(f"employerId={regions.other.id}") == []
    assert listed("regionCode=AM01&side=wsp") == [at_wsp]
    assert listed("regionCode=AM02") == []
    assert listed(f"caseworkerId={noor}") == [at_uwv]
    first = ok(regions.uwv.get("/employer-contacts?limit=1"))
    second = ok(regions.uwv.get(f"/employer-contacts?limit=1&cursor={first['next']}"))
    assert [row["id"] for row in first["items"] + second["items"]] == [at_uwv, at_wsp]
    assert second["next"] is None


# --- Naming somebody ----------------------------------------------------------------------------------------------


def test_each_side_says_its_own(regions: Regions) -> None:
    noor = regions.caseworker(regions.office())

    def refused(party: Party, **body: Any) -> set[tuple[str, str]]:
        return errors_of(party.post("/employer-contacts", regions.place(**body)))

    uwv, wsp = regions.uwv, regions.groningen
    assert refused(uwv) == {("/caseworkerId", "required")}
    assert refused(uwv, caseworkerId=noor, name="A") == {("/name", "other-side")}
    assert refused(wsp) == {("/name", "required"), ("/phone", "required"), ("/email", "required")}
    assert refused(wsp, **ADVISOR, caseworkerId=noor) == {("/caseworkerId", "other-side")}
    assert refused(wsp, **ADVISOR | {"phone": "+318000432"}) >= {("/phone", "not-direct")}
    assert refused(uwv, caseworkerId=NOBODY) == {("/caseworkerId", "unknown-reference")}
    ok(uwv.patch(f"/caseworkers/{noor}", {"active": False}, If_Match="*"))
    assert refused(uwv, caseworkerId=noor) == {("/caseworkerId", "unknown-reference")}


def test_only_where_the_employer_works(regions: Regions) -> None:
    noor = regions.caseworker(regions.office())

    def refused(party: Party, **body: Any) -> set[tuple[str, str]]:
        return errors_of(party.post("/employer-contacts", regions.place(**body)))

    uwv = {"caseworkerId": noor}
    assert refused(regions.uwv, **uwv, regionCode="AM03") == {("/regionCode", "no-workplace-there")}
    assert refused(regions.uwv, **uwv, regionCode="AM99") == {("/regionCode", "unknown-region")}
    assert refused(regions.uwv, **uwv, employerId=NOBODY) == {("/employerId", "unknown-reference")}
    assert refused(regions.groningen, **ADVISOR, regionCode="AM02") == {("/regionCode", "other-region")}
    # To a WSP an employer of elsewhere is the same as none.
    for unknown in (NOBODY, regions.other.id):
        assert refused(regions.groningen, **ADVISOR, employerId=unknown) == {("/employerId", "unknown-reference")}


def test_who_may_not_name_anybody(regions: Regions) -> None:
    made = regions.advise()
    for party in (regions.employer, regions.desk):
        assert code_of(party.post("/employer-contacts", regions.place()), 403) == "insufficient-scope"
        assert code_of(party.patch(f"/employer-contacts/{made}", {}, If_Match="*"), 403) == "insufficient-scope"
    assert code_of(regions.uwv.patch(f"/employer-contacts/{made}", {}, If_Match="*"), 403) == "not-allowed"
    response = regions.uwv.request("DELETE", f"/employer-contacts/{made}", If_Match="*")
    assert code_of(response, 403) == "not-allowed"
    for party in (regions.friesland, regions.drenthe):
        for method in ("PATCH", "DELETE"):
            body: dict[str, Any] | None = {} if method == "PATCH" else None
            assert code_of(party.request(method, f"/employer-contacts/{made}", body, If_Match="*"), 404) == "not-found"


def test_one_of_each_side_in_a_region(regions: Regions) -> None:
    noor = regions.caseworker(regions.office())
    at_uwv, at_wsp = regions.fix(noor), regions.advise()
    named: list[tuple[Party, str, dict[str, str]]] = [
        (regions.uwv, at_uwv, {"caseworkerId": noor}),
        (regions.groningen, at_wsp, ADVISOR),
    ]
    for party, made, body in named:
        response = party.post("/employer-contacts", regions.place(**body))
        assert code_of(response, 409) == "employer-contact-exists"
        assert response.get_json()["existing"] == f"/v1/employer-contacts/{made}"
    ok(regions.uwv.post("/employer-contacts", regions.place(caseworkerId=noor, regionCode="AM02")), 201)


def test_two_at_once_make_one(regions: Regions) -> None:
    body = regions.place(caseworkerId=regions.caseworker(regions.office()))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: regions.uwv.post("/employer-contacts", body).status_code, range(4)))
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(regions.events()) == 1


def test_the_same_key_gives_the_same_answer(regions: Regions) -> None:
    body = regions.place(**ADVISOR)
    first = regions.groningen.post("/employer-contacts", body, Idempotency_Key="one")
    again = regions.groningen.post("/employer-contacts", body, Idempotency_Key="one")
    assert ok(first, 201) == ok(again, 201)
    assert first.headers["Location"] == f"/v1/employer-contacts/{first.get_json()['id']}"
    assert len(regions.events()) == 1


def test_a_change_by_version(regions: Regions) -> None:
    path = f"/employer-contacts/{regions.advise()}"
    tag = regions.groningen.get(path).headers["ETag"]
    assert code_of(regions.groningen.patch(path, {}), 428) == "precondition-required"
    assert code_of(regions.groningen.request("DELETE", path), 428) == "precondition-required"
    changed = regions.groningen.patch(path, {"phone": "+442079460699"}, If_Match=tag)
    assert ok(changed)["phone"] == "+442079460699"
    assert changed.headers["ETag"] == regions.groningen.get(path).headers["ETag"] != tag
    assert code_of(regions.groningen.patch(path, {}, If_Match=tag), 412) == "stale-version"
    assert code_of(regions.groningen.request("DELETE", path, If_Match=tag), 412) == "stale-version"
    assert errors_of(regions.groningen.patch(path, {"regionCode": "AM02"}, If_Match="*")) == {
        ("/regionCode", "unknown-field")
    }
    assert errors_of(regions.groningen.patch(path, {"caseworkerId": NOBODY}, If_Match="*")) == {
        ("/caseworkerId", "other-side")
    }
    ok(regions.groningen.request("DELETE", path, If_Match=changed.headers["ETag"]), 204)
    assert code_of(regions.groningen.get(path), 404) == "not-found"


def test_what_did_not_change_keeps_its_tag(regions: Regions) -> None:
    path = f"/employer-contacts/{regions.advise()}"
    tag = regions.groningen.get(path).headers["ETag"]
    assert regions.groningen.patch(path, ADVISOR, If_Match=tag).headers["ETag"] == tag
    assert len(regions.events()) == 1
    address = f"/employers/{regions.employer.id}/contacts"
    tag = regions.employer.get(address).headers["ETag"]
    assert regions.employer.get(address, If_None_Match=tag).status_code == 304


# --- Who hears of it ----------------------------------------------------------------------------------------------


def test_the_employer_hears_of_each_change(regions: Regions) -> None:
    office = regions.office()
    noor, bo = regions.caseworker(office), regions.caseworker(office, "Bo Bakker")
    made = regions.fix(noor)
    path, caseworker = f"/employer-contacts/{made}", f"/caseworkers/{noor}"
    ok(regions.uwv.patch(caseworker, {"phone": "+442079460699"}, If_Match="*"))
    ok(regions.uwv.patch(caseworker, {"workingDays": [5]}, If_Match="*"))
    ok(regions.uwv.patch(caseworker, {"active": False}, If_Match="*"))
    ok(regions.uwv.patch(path, {"caseworkerId": bo}, If_Match="*"))
    ok(regions.uwv.request("DELETE", path, If_Match="*"), 204)
    readers = {regions.employer.id}
    assert regions.events() == [(f"employer-contacts/{made}", version, readers) for version in (1, 2, 3, 4, 5)]


def test_an_event_names_nobody(regions: Regions) -> None:
    made = regions.advise()
    with regions.house.database.reading() as uow:
        data = uow.session.scalars(select(Event.data).where(Event.type == "employer-contact.changed")).one()
    employer = {"contactId": made, "employerId": regions.employer.id}
    assert data == employer | {"regionCode": "AM01", "side": "wsp"}


def test_a_payroll_bureau_sees_the_contacts_of_whom_it_acts_for(regions: Regions) -> None:
    bureau = regions.other.client_id
    with regions.house.database.transaction() as uow:
        uow.add(Grant(client_id=bureau, party_id=regions.employer.id, valid_from=uow.today))
    assert regions.contacts(regions.other) == regions.contacts()
